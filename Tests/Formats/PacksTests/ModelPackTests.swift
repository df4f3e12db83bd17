import Architectures
import Checkpoints
import ImageProcessing
import Kernels
import ModelFixtures
import Models
import Packs
import TestSupport
import Testing
import Tokenizers

@Suite("Model pack")
struct ModelPackTests {
  @Test("says everything about a classifier that was written into it")
  func vit() throws {
    let pack = try TinyPack.vit().open()
    #expect(pack.name == "tiny")
    #expect(pack.configuration == .vision(TinyPack.vitConfiguration))
    #expect(pack.scheme.attention == [AttentionScheme(), AttentionScheme()])
    #expect(pack.labels == ["a", "b", "c", "d", "e"])
    #expect(pack.preprocessing == ImagePreprocessing(resize: .exact(height: 8, width: 8)))
    #expect(pack.tokenizer == nil && pack.source == nil && pack.quality == nil)
    #expect(pack.recipe?.writer == "tests")
  }

  @Test("says everything about a language model that was written into it")
  func llama() throws {
    let pack = try TinyPack.llama().open()
    #expect(pack.configuration == .decoder(TinyPack.llamaConfiguration))
    #expect(pack.generation == GenerationDefaults(temperature: 0.8, topK: 40, topP: 0.9))
    #expect(pack.tokenizer?.vocabularySize == 259)
    #expect(pack.tokenizer?.encode("hi").map(\.rawValue) == [104, 105])
    #expect(pack.labels.isEmpty && pack.preprocessing == nil)
  }

  @Test(
    "refuses defaults that no sampler can use",
    arguments: [
      #"{"repetitionPenalty":0}"#, #"{"temperature":-1}"#, #"{"topP":1e300}"#, #"{"maxTokens":-5}"#,
      #"{"topK":-1}"#,
    ])
  func defaults(json: String) throws {
    var llama = try TinyPack.llama()
    llama.sections[PackSection.generation] = json
    #expect(throws: PackError.self) { try llama.open() }
  }

  @Test("is written with the same bytes each time")
  func deterministic() throws {
    #expect(try TinyPack.llama().bytes() == TinyPack.llama().bytes())
    #expect(try TinyPack.llama(seed: 1).bytes() != TinyPack.llama(seed: 2).bytes())
  }

  @Test("does without optional sections")
  func optional() throws {
    var vit = try TinyPack.vit()
    for name in [PackSection.name, PackSection.labels, PackSection.recipe] { vit.sections[name] = nil }
    let pack = try vit.open()
    #expect(pack.name == "model" && pack.labels.isEmpty && pack.recipe == nil)
    #expect(pack.label(3) == "class 3")
    #expect(try TinyPack.vit().open().label(3) == "d")
    var llama = try TinyPack.llama()
    llama.sections[PackSection.generation] = nil
    #expect(try llama.open().generation == GenerationDefaults())
  }

  @Test(
    "is refused without a section that its architecture needs",
    arguments: [PackSection.configuration, PackSection.scheme, PackSection.preprocessing])
  func missingSection(name: String) throws {
    var pack = try TinyPack.vit()
    pack.sections[name] = nil
    #expect(throws: PackError.missingSection(name)) { try pack.open() }
    #expect(PackError.missingSection(name).description.contains("'\(name)'"))
  }

  @Test("of a language model is refused without its tokenizer")
  func missingTokenizer() throws {
    var pack = try TinyPack.llama()
    pack.sections[PackSection.tokenizer] = nil
    #expect(throws: PackError.missingSection(PackSection.tokenizer)) { try pack.open() }
  }

  @Test("is refused where its sections describe different models")
  func mismatches() throws {
    var labels = try TinyPack.vit()
    try labels.set(PackSection.labels, ["a", "b"])
    #expect(throws: PackError.sizesDiffer("labels", 2, "classes", 5)) { try labels.open() }

    var size = try TinyPack.vit()
    try size.set(PackSection.preprocessing, ImagePreprocessing(resize: .exact(height: 16, width: 8)))
    #expect(throws: PackError.self) { try size.open() }

    var crop = try TinyPack.vit()
    let cropping = ImagePreprocessing(resize: .shortestEdge(16), crop: ImageSize(height: 9, width: 8))
    try crop.set(PackSection.preprocessing, cropping)
    #expect(throws: PackError.self) { try crop.open() }

    var small = TinyPack.llamaConfiguration
    (small.vocabulary, small.beginToken, small.endTokens) = (100, nil, [])
    var vocabulary = try TinyPack.llama()
    try vocabulary.set(PackSection.configuration, ModelConfiguration.decoder(small))
    #expect(throws: PackError.sizesDiffer("tokenizer pieces", 259, "vocabulary", 100)) {
      try vocabulary.open()
    }
  }

  @Test(
    "is refused where a section is not the JSON that belongs there",
    arguments: ["{", "[]", "7", "{\"vit\":{}}", ""])
  func badSections(json: String) throws {
    for name in [
      PackSection.configuration, PackSection.scheme, PackSection.preprocessing, PackSection.recipe,
    ] {
      var pack = try TinyPack.vit()
      pack.sections[name] = json
      #expect(throws: PackError.self, "\(name)") { try pack.open() }
    }
  }

  @Test("keeps its weights after its file is gone, and models share them")
  func mapping() throws {
    let pack = try TinyPack.llama().open()
    let pool = WorkerPool(threads: 1)
    let limits = SequenceLimits(stepTokens: 4, sequences: 1, logitRows: 1, blocks: 1)
    _ = try pack.makeSequenceModel(limits: limits, pool: pool)
    _ = try pack.makeSequenceModel(limits: limits, pool: pool)
    #expect(throws: ModelError.wrongCapability(found: "llama", needed: .images)) {
      try pack.makeImageModel(maxBatch: 1, pool: pool)
    }
  }
}
