/// How far an import or a measurement is.
package struct ImportProgress: Sendable, Equatable {
  package enum Stage: String, Sendable {
    case sampling, calibrating, quantizing, writing, measuring
  }

  package let stage: Stage
  /// Texts or pictures, layers, or nothing that can be counted: of `total`, which is at least 1.
  package let done: Int
  package let total: Int

  package init(_ stage: Stage, _ done: Int, of total: Int) {
    self.stage = stage
    self.done = done
    self.total = max(1, total)
  }

  /// Who wants to know; called on the thread that works.
  package typealias Handler = (ImportProgress) -> Void
}
