import TestSupport

/// Changes a sound checkpoint in one to four places, as damage, divergence or a careless export would.
struct CheckpointMutation {
  private(set) var checkpoint: HuggingFaceCheckpoint
  /// What was changed, for whoever has to repeat it.
  private(set) var changes: [String] = []

  init(_ checkpoint: HuggingFaceCheckpoint, _ random: inout SeededGenerator) {
    self.checkpoint = checkpoint
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      switch Int.random(in: 0..<10, using: &random) {
      case 0..<7: changeWeights(&random)
      case 7, 8: changeConfiguration(&random)
      default: changeVocabulary(&random)
      }
    }
  }

  // MARK: Weights

  /// Where float32 ends, where its squares, sums and reciprocals end, and where float16 does.
  private static let extremes: [Float] = [
    0, .leastNonzeroMagnitude, 0x1p-148, 0x1p-133, .leastNormalMagnitude, 1e-38, 1e-30, 1e-23, 1e-19, 1e-12,
    1e4, 65_504,
    65_520, 1e9, 1e19, 1.9e19, 1e25, 1e30, 1e38, 2e38, .greatestFiniteMagnitude,
  ]

  private mutating func changeWeights(_ random: inout SeededGenerator) {
    let index = Int.random(in: 0..<checkpoint.tensors.count, using: &random)
    let (count, name) = (checkpoint.tensors[index].values.count, checkpoint.tensors[index].name)
    let row = count / checkpoint.tensors[index].shape[0]
    let start = Int.random(in: 0..<count / row, using: &random) * row
    let extreme = Self.extremes.randomElement(using: &random) ?? 0
    let places: Range<Int>
    switch Int.random(in: 0..<4, using: &random) {
    case 0:
      let place = Int.random(in: 0..<count, using: &random)
      places = place..<place + 1
    case 1: places = start..<start + row
    case 2: places = start..<min(count, start + 2)
    default: places = 0..<count
    }
    let kind = Int.random(in: 0..<4, using: &random)
    for place in places {
      let old = checkpoint.tensors[index].values[place]
      checkpoint.tensors[index].values[place] = Self.changed(old, extreme, kind, &random)
    }
    changes.append("\(name)[\(places)] kind \(kind) of \(extreme)")
  }

  private static func changed(
    _ old: Float, _ extreme: Float, _ kind: Int, _ random: inout SeededGenerator
  ) -> Float {
    switch kind {
    case 0: return extreme
    case 1: return Bool.random(using: &random) ? extreme : -extreme
    case 2: return max(-.greatestFiniteMagnitude, min(.greatestFiniteMagnitude, old * extreme))
    default:  // now and then what no checkpoint may hold
      let isRare = Int.random(in: 0..<64, using: &random) == 0
      return isRare ? .infinity : Float.random(in: -1...1, using: &random) * extreme
    }
  }

  // MARK: Configuration

  private static let numbers = [
    "0", "1", "-1", "2", "3", "4", "6", "7", "8", "12", "17", "31", "39", "41", "64", "100", "512", "516",
    "1024", "4096",
    "65536", "65537", "131072", "1048576", "16777216", "2147483647", "2147483648", "9223372036854775807",
    "9223372036854775808", "1e-45", "1e-12", "1e-5", "0.1", "0.5", "1e12", "1e38", "1e39", "1e308", "1e400",
    "null",
    "\"8\"", "true", "[]", "{}", "[0, 1e30, 1e-30]", "[0.5]",
  ]

  private mutating func changeConfiguration(_ random: inout SeededGenerator) {
    let number = Self.numbers.randomElement(using: &random) ?? "0"
    if let keys = checkpoint.preprocessor?.keys.sorted(), Bool.random(using: &random) {
      let key = keys.randomElement(using: &random) ?? ""
      checkpoint.preprocessor?[key] = number
      changes.append("preprocessor \(key) = \(number)")
    } else {
      let others = ["head_dim", "num_labels", "rope_scaling", "hidden_act"]
      let keys = checkpoint.config.keys.sorted() + others
      let key = keys.randomElement(using: &random) ?? ""
      checkpoint.config[key] = key == "rope_scaling" ? Self.scaling(number) : number
      changes.append("config \(key) = \(number)")
    }
  }

  private static func scaling(_ number: String) -> String {
    """
    {"rope_type": "llama3", "factor": \(number), "low_freq_factor": 1.0, "high_freq_factor": 4.0,
     "original_max_position_embeddings": 32}
    """
  }

  // MARK: Vocabulary

  private mutating func changeVocabulary(_ random: inout SeededGenerator) {
    guard var pieces = checkpoint.pieces, !pieces.isEmpty else { return }
    let index = Int.random(in: 0..<pieces.count, using: &random)
    let change = Int.random(in: 0..<8, using: &random)
    switch change {
    case 0: pieces.append(.init("zz", pieces.count))
    case 1: checkpoint.addedTokens.append(.init("<extra>", pieces.count))
    case 2: pieces.removeLast()
    case 3: pieces[index].id = [-1, 0, pieces.count, 1 << 31, 1 << 40].randomElement(using: &random) ?? 0
    case 4: pieces[index].text = ["", "<0x41>", "▁▁", "é"].randomElement(using: &random) ?? ""
    case 5: checkpoint.addedTokens[0].id = [-1, 1, 40, 1 << 33].randomElement(using: &random) ?? 0
    case 6: checkpoint.merges.append(["q", "zz"])
    default: checkpoint.merges.removeAll()
    }
    checkpoint.pieces = pieces
    changes.append("vocabulary, change \(change) at \(index)")
  }
}
