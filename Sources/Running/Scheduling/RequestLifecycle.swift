import KVBlocks
import Vocabulary

/// The life of one sequence inside the scheduler.
///
///     waiting ──start──▶ running ──finish──▶ finished
///        ▲ │                │                   ▲
///        │ └────────────────│─────finish────────┘
///        └───── preempt ────┘
///
/// Prefill and decode are not states: a running request computes until `computedTokens` reaches its token count.
struct RequestLifecycle: ~Copyable {
  private enum State: ~Copyable {
    case waiting
    case running(Run)
    case finished
  }

  /// What exists only while a request runs.
  private struct Run: ~Copyable {
    var table: BlockTable
    let slot: Int
    var computedTokens: Int
  }

  private var state: State

  init() { self.init(.waiting) }

  private init(_ state: consuming State) { self.state = state }

  /// The slot and the computed tokens of a running request; `nil` in the other states.
  // Swift 6.3's optimizer loses track of the borrowed state where this is inlined, and aborts.
  @inline(never)
  var progress: (slot: Int, computedTokens: Int)? {
    switch state {
    case .running(let run): (run.slot, run.computedTokens)
    case .waiting: nil
    case .finished: nil
    }
  }

  /// The blocks of a running request; none in the other states.
  var blocks: [BlockID] {
    switch state {
    case .running(let run): run.table.blocks
    case .waiting: []
    case .finished: []
    }
  }

  /// Runs in `slot`, with the cached prefix that `table` brings.
  mutating func start(with table: consuming BlockTable, slot: Int) {
    switch consume state {
    case .waiting:
      let cached = table.filedTokens
      self = Self(.running(Run(table: table, slot: slot, computedTokens: cached)))
    case .running: preconditionFailure("start: the request is running")
    case .finished: preconditionFailure("start: the request already finished")
    }
  }

  /// Takes the blocks that `tokens` tokens need: all that are missing, or none.
  mutating func grow(toHold tokens: Int) -> BlockTable.Growth {
    switch consume state {
    case .running(var run):
      let growth = run.table.grow(toHold: tokens)
      self = Self(.running(run))
      return growth
    case .waiting: preconditionFailure("grow: a waiting request holds no blocks")
    case .finished: preconditionFailure("grow: the request already finished")
    }
  }

  /// Notes that the cache now holds the first `count` of `tokens`, and lets others share the finished blocks.
  mutating func advance(to count: Int, of tokens: [TokenID]) {
    switch consume state {
    case .running(var run):
      precondition(count > run.computedTokens, "advance: from \(run.computedTokens) to \(count) tokens")
      run.table.fileFinished(of: tokens, computed: count)
      run.computedTokens = count
      self = Self(.running(run))
    case .waiting: preconditionFailure("advance: a waiting request computes nothing")
    case .finished: preconditionFailure("advance: the request already finished")
    }
  }

  /// Takes the request's blocks and slot away so that others can run; its tokens are recomputed later.
  ///
  /// The blocks return to the pool as their table ends; it cannot be copied, so they return once.
  ///
  /// - Returns: The slot, free from now on.
  mutating func preempt() -> Int {
    switch consume state {
    case .running(let run):
      let slot = run.slot
      self = Self(.waiting)
      return slot
    case .waiting: preconditionFailure("preempt: a waiting request holds no blocks")
    case .finished: preconditionFailure("preempt: the request already finished")
    }
  }

  /// Ends the request from whatever it was doing.
  ///
  /// - Returns: The slot that it held, if it was running.
  mutating func finish() -> Int? {
    switch consume state {
    case .running(let run):
      let slot = run.slot
      self = Self(.finished)
      return slot
    case .waiting:
      self = Self(.finished)
      return nil
    case .finished: preconditionFailure("finish: the request already finished")
    }
  }
}
