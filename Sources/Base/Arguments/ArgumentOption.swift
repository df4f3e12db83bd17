/// An option that a command line may have.
package struct ArgumentOption: Sendable, Equatable {
  /// What a second appearance means.
  package enum Repetition: Sendable, Equatable {
    /// The last value counts, as in most programs: an alias can be overridden.
    case lastCounts
    /// All values count, in their order.
    case all
    /// A mistake: the program does not guess which of the two is meant.
    case refused
  }

  /// As one types it: `--top-k`.
  package let name: String
  /// A short spelling: `-k`.
  package let short: String?
  /// What follows, as help names it: `N`; nil for a switch, which takes nothing.
  package let value: String?
  package let repetition: Repetition

  package init(
    _ name: String, short: String? = nil, value: String? = nil, repetition: Repetition = .lastCounts
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.repetition = repetition
  }
}

/// A command line that cannot be understood. The program ends with ``ExitStatus/usage``.
package struct UsageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// One clause without a full stop, which may end in a suggestion.
  package let description: String

  package init(_ description: String) { self.description = description }

  /// The sentence, followed by the command that says more: `…. Try: qpack --help`.
  package func text(trying command: String) -> String {
    "\(description)\(description.hasSuffix("?") ? "" : ".") Try: \(command)"
  }
}
