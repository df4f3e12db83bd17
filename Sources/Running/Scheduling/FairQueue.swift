/// Elements that wait, one first-in first-out line per uid; the uids take turns by cost.
struct FairQueue<Element> {
  /// Tokens of credit per round: a uid starts short requests of 256 tokens together in its turn, and a longer
  /// request costs it several rounds.
  private static var quantum: Int { 256 }

  private var lines: [UInt32: [Element]] = [:]
  private var turns = DeficitRoundRobin<UInt32>(quantum: quantum)

  /// In no particular order between uids.
  var elements: [Element] { lines.values.flatMap { $0 } }

  mutating func append(_ element: Element, uid: UInt32) {
    lines[uid, default: []].append(element)
    turns.join(uid)
  }

  /// The element whose turn it is; it stays in line until ``takeFirst(of:cost:)``.
  mutating func next() -> Element? {
    let waiting = lines
    return turns.next { waiting[$0] != nil }.flatMap { waiting[$0]?.first }
  }

  /// Removes the element that ``next()`` returned, which belongs to `uid`, and charges what it costs.
  mutating func takeFirst(of uid: UInt32, cost: Int) {
    lines[uid]?.removeFirst()
    if lines[uid]?.isEmpty == true { lines[uid] = nil }
    turns.charge(uid, cost)
  }

  mutating func removeAll(uid: UInt32, where isGone: (Element) -> Bool) {
    lines[uid]?.removeAll(where: isGone)
    if lines[uid]?.isEmpty == true { lines[uid] = nil }
  }

  /// Gives back what an element of `uid` was charged and did not use.
  mutating func refund(_ uid: UInt32, _ tokens: Int) { turns.refund(uid, tokens) }
}
