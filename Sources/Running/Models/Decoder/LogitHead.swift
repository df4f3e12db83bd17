import Kernels
import TensorCore

/// Turns final hidden states into logits.
///
/// The head of a model with many tokens is a third of what a step of one sequence reads. A pack may have it in 4 bits as
/// well, as a draft: that computes all logits, and the full head computes those of a row's ``shortlist`` greatest again, so
/// that what a choice depends on is as exact as without. A row's logits depend on its own hidden state alone.
final class LogitHead {
  /// Tokens of a row whose logits are computed in full.
  static let shortlist = 64

  private let full: LinearLayer
  private let draft: Unretained<LinearLayer>?
  private let heldDraft: LinearLayer?
  /// The form in which ``apply(_:to:pool:)`` wants its rows.
  let form: ActivationForm
  /// The shortlists of all rows.
  private let chosen: UnsafeMutableBufferPointer<TopKKernel.Entry>

  /// - Parameters:
  ///   - draft: The same head in 4 bits, where the pack has it.
  ///   - rows: The most that one call has.
  init(full: LinearLayer, draft: LinearLayer?, rows: Int) {
    self.full = full
    self.draft = draft.map(Unretained.init)
    heldDraft = draft
    form = draft?.form ?? full.form
    chosen = .allocate(capacity: draft == nil ? 0 : rows * Self.shortlist)
  }

  deinit { chosen.deallocate() }

  /// Writes `[rows, vocabulary]` logits.
  func apply(_ x: ActivationRows, to logits: UnsafeMutablePointer<Float>, pool: WorkerPool) {
    let vocabulary = full.outputs
    guard let draft else { return full.apply(x, to: logits, stride: vocabulary, pool: pool) }
    draft.use { $0.apply(x, to: logits, stride: vocabulary, pool: pool) }
    let list = Shortlists(logits: logits, vocabulary: vocabulary, chosen: chosen)
    pool.forEach(x.rows, list)
    pool.forEach(x.rows * Self.shortlist, FullLogits(head: Unretained(full), x: Unretained(x), list: list))
  }
}

/// Finds the greatest logits of each row.
private struct Shortlists: LoopBody {
  let logits: UnsafeMutablePointer<Float>
  let vocabulary: Int
  let chosen: UnsafeMutableBufferPointer<TopKKernel.Entry>

  func run(_ row: Int, worker: Int) {
    let list = UnsafeMutableBufferPointer(
      rebasing: chosen[row * LogitHead.shortlist..<(row + 1) * LogitHead.shortlist])
    let found = TopKKernel.best(logits + row * vocabulary, count: vocabulary, into: list)
    // Fewer only where logits are NaN.
    for index in found..<list.count { list[index].index = -1 }
  }
}

/// Computes the logits of the shortlists with the full head.
private struct FullLogits: LoopBody {
  let head: Unretained<LinearLayer>
  let x: Unretained<ActivationRows>
  let list: Shortlists

  func run(_ index: Int, worker: Int) {
    let (row, token) = (index / LogitHead.shortlist, list.chosen[index].index)
    guard token >= 0 else { return }
    list.logits[row * list.vocabulary + token] = head.use { head in
      x.use { head.output(token, ofRow: row, in: $0) }
    }
  }
}
