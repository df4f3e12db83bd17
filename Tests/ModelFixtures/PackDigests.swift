import Architectures
import Checkpoints
import Glibc
import ImageProcessing
import Kernels
import Models
import Packs
import TestSupport
import Tokenizers
import Vocabulary

/// What a pack holds and what it answers, as SHA-256 digests: two that are equal show that nothing changed by a bit.
package enum PackDigests {
  /// One line per tensor in the order of their names: digest, type, shape, name. Metadata may change freely.
  package static func tensors(_ pack: ModelPack) throws -> [String] {
    try pack.file.names.sorted().map { name in
      let tensor = try pack.file.tensor(name)
      return "\(SHA256.digest(of: tensor.bytes))  \(tensor.type.rawValue) \(tensor.shape)  \(name)"
    }
  }

  /// One digest over all of ``tensors(_:)``.
  package static func allTensors(_ pack: ModelPack) throws -> String {
    SHA256.digest(of: Array(try tensors(pack).joined(separator: "\n").utf8)).description
  }

  /// One line for each way of asking the same, with the digest of the float32 logits; all digests are the same.
  ///
  /// - Parameters:
  ///   - pictures: What a classifier sees; a language model reads ``FixedInputs/text``.
  ///   - ways: How many of the ways are taken, the first two at least.
  package static func logits(_ pack: ModelPack, pictures: [Image], ways: Int = 2) throws -> [String] {
    switch pack.configuration.capability {
    case .images(let images): try imageLogits(pack, pictures, images.inputSize, ways)
    case .sequences(let sequences): try textLogits(pack, sequences, ways)
    }
  }

  private static func imageLogits(
    _ pack: ModelPack, _ pictures: [Image], _ size: ImageSize, _ ways: Int
  ) throws -> [String] {
    guard let recipe = pack.preprocessing else {
      throw PackError.missingSection(PackSection.preprocessing)
    }
    let images = try pictures.map { try preprocess($0, recipe, size: size).planes() }
    let forms = [("one by one", 1, 1), ("together", images.count, 1), ("in threes, on three threads", 3, 3)]
    return try forms.prefix(ways).map { name, batch, threads in
      let model = try pack.makeImageModel(maxBatch: batch, pool: WorkerPool(threads: threads))
      let logits = stride(from: 0, to: images.count, by: batch).flatMap { start in
        let part = images[start..<min(start + batch, images.count)]
        return Array(model.classify(part.flatMap { $0 }, count: part.count))
      }
      return "\(digest(logits))  logits of \(images.count) pictures, \(name)"
    }
  }

  private static func textLogits(
    _ pack: ModelPack, _ traits: SequenceTraits, _ ways: Int
  ) throws -> [String] {
    guard let tokenizer = pack.tokenizer else { throw PackError.missingSection(PackSection.tokenizer) }
    let ids =
      (traits.beginToken.map { [TokenID(Int32($0))] } ?? []) + tokenizer.encode(FixedInputs.text)
    let tokens = Array(ids.prefix(min(FixedInputs.tokens, traits.context)))
    let count = tokens.count
    func feed(_ sequences: [[TokenID]], threads: Int = 1, _ chunk: (Int, Int) -> Int) throws -> [Float] {
      try SequenceFeeder(pack, sequences: sequences.count, longest: count, threads: threads)
        .logits(sequences, chunk: chunk)[0]
    }
    let forms: [(String, () throws -> [Float])] = [
      ("one by one", { try feed([tokens]) { _, _ in 1 } }),
      ("in one chunk", { try feed([tokens]) { _, _ in count } }),
      ("in chunks of 37, on three threads", { try feed([tokens], threads: 3) { _, _ in 37 } }),
      (
        "beside two others",
        { try feed([tokens, Array(tokens.reversed()), [tokens[0]]]) { $1 % 3 + 5 * $0 + 1 } }
      ),
    ]
    return try forms.prefix(ways).map { name, logits in
      "\(digest(try logits()))  logits of \(count) tokens, \(name)"
    }
  }

  private static func digest(_ logits: [Float]) -> String {
    logits.withUnsafeBytes { SHA256.digest(of: $0) }.description
  }
}

/// What models are asked wherever the answer is compared over time; it never changes.
package enum FixedInputs {
  /// Two pages of 64 tokens and a begun one.
  package static let tokens = 130

  /// More than ``tokens`` tokens for every tokenizer.
  package static let text = """
    Once upon a time there was a miller who had three sons. When he died, the eldest had the mill, the second the \
    donkey, and the youngest nothing but the cat. "What shall I do with a cat?" said he. But the cat heard it and \
    answered: "Buy me a pair of boots, and a bag of 25 pounds, and you will see." So the young man spent his last \
    money on boots. The cat put them on, threw the bag over his shoulder and went out into the wood, where many \
    rabbits lived; there he lay down as if he were dead, and waited until a foolish rabbit came to look. Then he \
    pulled the strings, carried the bag to the king, bowed low and said: "My lord, the count, sends you this." \
    And the king, who liked nothing so much as rabbits, gave him as much gold as the bag could hold.
    """

  /// Pictures of colored noise in several sizes.
  package static func pictures(_ count: Int) throws -> [Image] {
    try (0..<count).map { index in
      let edge = 24 + 5 * index
      return try PNM.decode(
        TinyCheckpoints.picture(seed: UInt64(500 + index), edge: edge), maxPixels: edge * edge)
    }
  }
}
