import Vocabulary

/// A pattern as a table: of each state and class of the next scalar, the state to go on with.
///
/// It finds what ``PatternMatcher`` finds with one look-up a scalar, but from each start anew, so it alone would not be linear
/// in every text; ``PatternMatches`` leaves texts to the matcher where that shows. States and classes are few in patterns that
/// cut words. A pattern that needs more than ``entryLimit`` entries, or asks for more than the scalars on both sides of a
/// place, has none.
///
/// Its memory is plain, so that searching counts no references; ``CompiledPattern`` owns it.
struct PatternAutomaton {
  static let entryLimit = 1 << 15

  /// `[states, classes + 1]`: the next state, and whether a match ends in front of the scalar; the last column is for the end
  /// of the text. In state 0 nothing is left to find.
  private let table: UnsafeBufferPointer<UInt16>
  /// The states to begin with, by the class of the scalar in front of the place; the last where there is none.
  private let starts: UnsafeBufferPointer<UInt16>
  private let ascii: UnsafeBufferPointer<UInt8>
  /// Of each byte whether it may begin a match.
  private let begins: UnsafeBufferPointer<Bool>
  private let intervals: UnsafeBufferPointer<UInt32>
  private let rows: UnsafeBufferPointer<UInt8>
  private let columns: Int
  private let looksBehind: Bool

  static let ends: UInt16 = 1 << 15

  /// Nil where the pattern has no automaton of a bounded size.
  init?(_ program: PatternProgram) {
    guard var builder = AutomatonBuilder(program), builder.build() else { return nil }
    table = Self.copy(builder.table)
    starts = Self.copy(builder.starts)
    ascii = Self.copy(builder.classes.ascii)
    begins = Self.copy((0..<256).map { $0 >= 128 || builder.begins(Int(builder.classes.ascii[$0])) })
    intervals = Self.copy(builder.classes.intervals)
    rows = Self.copy(builder.classes.rows)
    columns = builder.columns
    looksBehind = builder.looksBehind
  }

  func deallocate() {
    table.deallocate()
    starts.deallocate()
    ascii.deallocate()
    begins.deallocate()
    intervals.deallocate()
    rows.deallocate()
  }

  private static func copy<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafeBufferPointer<Element> {
    let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements.count)
    _ = buffer.initialize(from: elements)
    return UnsafeBufferPointer(buffer)
  }

  /// The first place from `start` on where a match may begin; nil where there is none.
  func candidate(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var place = start
    while true {
      while place < text.count, !begins[Int(text[place])] { place += 1 }
      let state = Int(self.start(in: text, at: place))
      let (column, length) = column(in: text, at: place)
      if table[state * columns + column] != 0 { return place }
      guard length > 0 else { return nil }
      place += length
    }
  }

  /// The end of the match at `start`, −1 where none is, and how far the automaton looked.
  func match(in text: UnsafeBufferPointer<UInt8>, at start: Int) -> (end: Int, reached: Int) {
    var (place, end) = (start, -1)
    var state = self.start(in: text, at: start)
    while true {
      let (column, length) = column(in: text, at: place)
      let entry = table[Int(state) * columns + column]
      if entry & Self.ends != 0 { end = place }
      state = entry & ~Self.ends
      guard state != 0 else { return (end, place) }
      place += length
    }
  }

  @inline(__always)
  private func start(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> UInt16 {
    guard looksBehind, place > 0 else { return starts[columns - 1] }
    return starts[Int(number(of: decodeScalar(text, before: place).value))]
  }

  /// The class of the scalar at `place` and its bytes; at the end the last column and none.
  @inline(__always)
  private func column(in text: UnsafeBufferPointer<UInt8>, at place: Int) -> (Int, length: Int) {
    guard place < text.count else { return (columns - 1, 0) }
    let byte = text[place]
    if byte < 0x80 { return (Int(ascii[Int(byte)]), 1) }
    let (value, length) = decodeScalar(text, at: place)
    return (Int(number(of: value)), length)
  }

  /// The class of a scalar.
  private func number(of value: UInt32) -> UInt8 {
    if value < 0x80 { return ascii[Int(value)] }
    var (low, high) = (0, intervals.count)
    while high - low > 1 {
      let middle = (low + high) >> 1
      if intervals[middle] <= value { low = middle } else { high = middle }
    }
    return rows[low * 256 + Int(ScalarTraits(value).rawValue)]
  }
}
