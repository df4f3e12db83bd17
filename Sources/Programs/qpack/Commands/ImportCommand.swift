import Architectures
import Arguments
import FoundationEssentials
import Importers
import Kernels
import Packs
import Quantization
import Reference
import Tokenizers
import Vocabulary

/// `qpack import`: a foreign model becomes a pack.
struct ImportCommand {
  static let options =
    [
      ("-o", "FILE"), ("--recipe", "RECIPE"), ("--calibration", "DATA"), ("--name", "NAME"),
      ("--eval", "DATA"),
      ("--attention", "SCHEME"), ("--gate", "E"), ("--draft-head", "yes|no"), ("--threads", "N"),
    ].map { ArgumentOption($0.0, value: $0.1, repetition: .refused) }

  private let source: String
  private let output: String
  private let name: String
  private let quantization: QuantizationOptions
  private let calibration: String?
  private let evaluation: String?
  private let pool: WorkerPool

  init(_ arguments: ParsedArguments) throws {
    source = try arguments.single("folder or file to import")
    output = try arguments.required("-o")
    let recipe = try arguments.required("--recipe")
    guard let recipe = Recipe(rawValue: recipe) else {
      throw UsageError(
        "--recipe is '\(recipe)', but must be \(Recipe.allCases.map(\.rawValue).joined(separator: " or "))")
    }
    var quantization = QuantizationOptions(recipe: recipe)
    if let text = arguments["--attention"] { quantization.attention = try AttentionScheme(name: text) }
    if let text = arguments["--gate"] {
      guard let gate = Double(text), gate >= 0 else {
        throw UsageError("--gate is '\(text)', not a number from 0")
      }
      quantization.attentionGate = gate
    }
    if let text = arguments["--draft-head"] {
      guard let answer = ["yes": true, "no": false][text] else {
        throw UsageError("--draft-head is '\(text)', but must be yes or no")
      }
      quantization.draftHead = answer
    }
    self.quantization = quantization
    name = arguments["--name"] ?? Self.defaultName(source)
    calibration = arguments["--calibration"]
    evaluation = arguments["--eval"]
    pool = try arguments.makePool()
  }

  func run() throws {
    let unfinished = try UnfinishedPack(for: output)
    let (model, tokenizer) = try ImportedModel.withTokenizer(source)
    for note in model.notes { standardError("qpack: \(note.oneLine)\n") }
    let builder = PackBuilder(model: model, tokenizer: tokenizer, options: quantization, pool: pool)
    let result = try builder.build(name: name, calibration: calibration)
    try builder.write(result, quality: nil, to: unfinished.path)
    let quality = try measure(unfinished.path, result, model)
    try builder.write(result, quality: quality, to: unfinished.path)
    let report = try PackReport(ModelPack(path: unfinished.path)).text
    try unfinished.finish()
    print(report)
  }

  /// Opens the pack that was written, tries it out and measures it, so that the record describes the file
  /// itself.
  private func measure(
    _ path: String, _ result: PackBuilder.Result, _ model: ImportedModel
  ) throws -> QualityRecord {
    let pack = try ModelPack(path: path)
    try pack.tryOut(pool: pool)
    var entries: [QualityRecord.Entry] = []
    if let evaluation {
      let reference = try ReferenceModel(model.configuration, pool: pool, tensor: model.tensor)
      entries.append(
        try PackEvaluator(pack: pack, reference: reference, pool: pool).evaluate(path: evaluation))
    }
    return QualityRecord(
      entries: entries, layerErrors: result.layerErrors, bytes: pack.file.tensorBytes,
      date: Date.now.formatted(.iso8601))
  }

  /// The source's last path component, in the letters that model names have.
  private static func defaultName(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? "model"
    let stem = last.hasSuffix(".bin") ? String(last.dropLast(4)) : last
    let letters = stem.lowercased().map {
      $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-"
    }
    return String(letters.drop { !$0.isLetter && !$0.isNumber })
  }
}

extension AttentionScheme {
  /// Reads a name such as `q8k4v4-log2`.
  init(name: String) throws(UsageError) {
    let parts = name.split(separator: "-")
    guard parts.count == 2, let code = ProbabilityCode(rawValue: String(parts[1])),
      let bits = Self.bits(parts[0])
    else {
      throw UsageError(
        "--attention is '\(name)', but must look like q8k4v4-log2 (q, k, v: 4 or 8; log2, sqrt2, log64, u8)")
    }
    self.init(queryBits: bits[0], keyBits: bits[1], valueBits: bits[2], probabilities: code)
  }

  private static func bits(_ text: Substring) -> [Int]? {
    let letters = Array(text)
    guard letters.count == 6, letters[0] == "q", letters[2] == "k", letters[4] == "v" else { return nil }
    let bits = [letters[1], letters[3], letters[5]].compactMap { $0 == "4" ? 4 : $0 == "8" ? 8 : nil }
    return bits.count == 3 ? bits : nil
  }

  /// The name that ``init(name:)`` reads.
  var name: String { "q\(queryBits)k\(keyBits)v\(valueBits)-\(probabilities.rawValue)" }
}
