/// What a template and a rendering may take. Each bound is checked before the work that it bounds.
package struct TemplateLimits: Sendable, Equatable {
  /// Bytes of a template's source.
  package static let sourceBytes = 1 << 20
  /// Levels of expressions and statements within each other, as they are written.
  package static let sourceDepth = 100
  /// Levels of lists and dictionaries within each other.
  package static let valueDepth = 100
  /// Numbers of one `range`, as in the sandbox that templates are written for.
  package static let rangeCount = 100_000

  /// Expressions and statements that run, and values that are looked at.
  package var steps = 5_000_000
  /// Bytes of all values that a rendering makes or looks through, those that it drops again included.
  package var madeBytes = 256 << 20
  /// Bytes of the result.
  package var outputBytes = 16 << 20
  /// Levels of expressions, statements and macros that run within each other; an optimized build needs half a megabyte of
  /// stack for them.
  package var depth = 300

  package init() {}
}

/// What a rendering has taken so far, and the line at which it is.
final class Meter {
  private let limits: TemplateLimits
  private var steps = 0
  private var made = 0
  private var depth = 0
  var line = 0

  init(_ limits: TemplateLimits) { self.limits = limits }

  @inline(__always)
  func step(_ count: Int = 1) throws(TemplateError) {
    steps += count
    if steps > limits.steps { throw .limit(line: line, .steps(limit: limits.steps)) }
  }

  /// Charges `bytes` that are about to be made or looked through.
  func make(_ bytes: Int) throws(TemplateError) {
    let (sum, overflow) = made.addingReportingOverflow(bytes)
    guard !overflow, sum <= limits.madeBytes else {
      throw .limit(line: line, .made(limit: limits.madeBytes))
    }
    made = sum
  }

  /// Charges a list or dictionary of `count` values that is about to be made.
  func make(values count: Int) throws(TemplateError) {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 48)
    try make(overflow ? Int.max : bytes)
  }

  /// Charges `count` pieces of `bytes` each.
  func make(_ bytes: Int, times count: Int) throws(TemplateError) {
    let (total, overflow) = bytes.multipliedReportingOverflow(by: max(0, count))
    try make(overflow ? Int.max : total)
  }

  func checkOutput(_ bytes: Int) throws(TemplateError) {
    if bytes > limits.outputBytes { throw .limit(line: line, .output(limit: limits.outputBytes)) }
  }

  /// Goes one level deeper; `leave` goes back.
  @inline(__always)
  func enter() throws(TemplateError) {
    steps += 1
    depth += 1
    if depth > limits.depth { throw .limit(line: line, .depth(limit: limits.depth)) }
    if steps > limits.steps { throw .limit(line: line, .steps(limit: limits.steps)) }
  }

  @inline(__always)
  func leave() { depth -= 1 }

  func fail(_ failure: TemplateFailure) -> TemplateError { .failed(line: line, failure) }
}
