/// Looks for stop strings in text that comes in pieces, and holds back what may be the beginning of one.
struct StopFinder {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []

  /// - Parameter stops: Empty strings are ignored.
  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) }.filter { !$0.isEmpty } }

  enum Outcome: Equatable {
    /// Text that is certainly not part of a stop string.
    case text(String)
    /// The text before the stop string; the generation ends.
    case stopped(String)
  }

  mutating func append(_ piece: String) -> Outcome {
    guard !stops.isEmpty else { return .text(piece) }
    held += Array(piece.utf8)
    if let end = earliestStop() {
      defer { held = [] }
      return .stopped(String(decoding: held[..<end], as: UTF8.self))
    }
    let keep = longestOpenStop()
    let ready = held[..<(held.count - keep)]
    held.removeFirst(held.count - keep)
    return .text(String(decoding: ready, as: UTF8.self))
  }

  /// What was held back when the generation ended for another reason.
  mutating func finish() -> String {
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }

  private func earliestStop() -> Int? {
    (0..<held.count).first { start in stops.contains { held[start...].starts(with: $0) } }
  }

  /// The length of the longest suffix that begins a stop string and so is not certain yet.
  private func longestOpenStop() -> Int {
    let longest = min(held.count, (stops.map(\.count).max() ?? 1) - 1)
    return (0...longest).reversed().first { length in stops.contains { $0.starts(with: held.suffix(length)) }
    } ?? 0
  }
}
