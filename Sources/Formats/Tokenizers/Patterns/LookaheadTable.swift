import Vocabulary

/// Where in a text a lookahead holds, for all places at once.
///
/// One pass from the end to the beginning: whether an instruction leads to a match from a place follows from what the
/// instructions do at the next one. So lookaheads of any length cost O(instructions) a character, however often they are asked.
struct LookaheadTable {
  private var holds: [UInt64]

  subscript(place: Int) -> Bool { holds[place >> 6] >> UInt64(place & 63) & 1 != 0 }

  init(_ program: PatternProgram, over text: UnsafeBufferPointer<UInt8>) {
    holds = Array(repeating: 0, count: text.count / 64 + 1)
    var next = [Bool](repeating: false, count: program.instructions.count)
    var place = text.count
    while true {
      let scalar = place < text.count ? decodeScalar(text, at: place).value : nil
      let current = Self.states(program, at: place, scalar, next, text)
      if current[0] { holds[place >> 6] |= 1 << UInt64(place & 63) }
      guard place > 0 else { break }
      place -= decodeScalar(text, before: place).length
      next = current
    }
  }

  /// Which instructions lead to a match from `place`, given which do from the place behind `scalar`.
  private static func states(
    _ program: PatternProgram, at place: Int, _ scalar: UInt32?, _ next: [Bool],
    _ text: UnsafeBufferPointer<UInt8>
  ) -> [Bool] {
    var states = [Bool](repeating: false, count: program.instructions.count)
    var changed = true
    // Backward jumps take another round each; a state only ever becomes true.
    while changed {
      changed = false
      for index in program.instructions.indices.reversed() where !states[index] {
        let leads: Bool
        switch program.instructions[index] {
        case .match: leads = true
        case .set(let set): leads = scalar.map { program.sets[set].holds($0) && next[index + 1] } ?? false
        case .run(let set, _, _, _):
          leads = states[index + 1] || (scalar.map { program.sets[set].holds($0) && next[index] } ?? false)
        case .split(let first, let second, _): leads = states[first] || states[second]
        case .jump(let target): leads = states[target]
        case .peek(let set, let behind, let negative):
          let found = PatternMatcher.peek(program.sets[set], text, place, behind: behind)
          leads = found != negative && states[index + 1]
        // A lookahead within a lookahead is a single scalar, which is peeked at.
        case .look: leads = false
        case .assert(let kind): leads = PatternMatcher.holds(kind, text, place) && states[index + 1]
        }
        if leads {
          states[index] = true
          changed = true
        }
      }
    }
    return states
  }
}
