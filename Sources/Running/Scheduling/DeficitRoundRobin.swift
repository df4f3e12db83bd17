/// Chooses the key whose turn it is, when turns differ in cost. Each round adds the same credit to every key; a
/// key that has spent more waits until later rounds have paid for it.
///
/// Costs are charged after the choice, so a key may go into debt. A debt stays while the key has nothing to do,
/// until later rounds have repaid it. A key cannot save credit up while it is idle.
///
/// - SeeAlso: Shreedhar and Varghese 1995, "Efficient fair queueing using deficit round robin".
struct DeficitRoundRobin<Key: Hashable> {
  /// Credit per round. It bounds how long one key keeps its turn, and so how far fairness is off at any moment.
  private let quantum: Int
  /// The keys that have something to do or a debt; the first one has the turn.
  private var ring: [Key] = []
  private var credits: [Key: Int] = [:]

  init(quantum: Int) {
    precondition(quantum >= 1, "a quantum of \(quantum)")
    self.quantum = quantum
  }

  /// Takes note that `key` has something to do.
  mutating func join(_ key: Key) {
    guard credits[key] == nil else { return }
    credits[key] = quantum
    ring.append(key)
  }

  /// The key to serve next; it stays the same until its credit is spent.
  ///
  /// - Returns: `nil` if no key that joined is ready.
  mutating func next(where isReady: (Key) -> Bool) -> Key? {
    guard ring.contains(where: isReady) else { return nil }
    while true {
      let key = ring[0]
      let (ready, credit) = (isReady(key), credits[key, default: 0])
      if ready && credit > 0 { return key }
      ring.removeFirst()
      if !ready && credit >= 0 {
        credits[key] = nil
      } else {
        credits[key] = ready ? credit + quantum : min(0, credit + quantum)
        ring.append(key)
      }
    }
  }

  /// Takes the cost of the work that `key` was chosen for.
  mutating func charge(_ key: Key, _ cost: Int) {
    precondition(credits[key] != nil, "\(key) is charged without having joined")
    credits[key, default: 0] -= cost
  }

  /// Gives back what was charged for work that was not done.
  mutating func refund(_ key: Key, _ cost: Int) {
    guard let credit = credits[key] else { return }
    credits[key] = min(credit + cost, max(credit, quantum))
  }
}
