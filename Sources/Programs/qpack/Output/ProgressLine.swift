import Glibc
import Quantization

/// Tells a person how far an import is: one line that renews itself on a terminal, and plain lines elsewhere, one when a
/// stage begins and one every half minute.
final class ProgressLine {
  private let isTerminal: Bool
  private let isQuiet: Bool
  private var stage: ImportProgress.Stage?
  private var start = ContinuousClock.now
  private var last = ContinuousClock.now
  private var isShown = false

  init(quiet: Bool) {
    isQuiet = quiet
    isTerminal = isatty(STDERR_FILENO) == 1
  }

  deinit { clear() }

  func show(_ progress: ImportProgress) {
    guard !isQuiet else { return }
    let now = ContinuousClock.now
    let isNew = progress.stage != stage
    if isNew { (stage, start) = (progress.stage, now) }
    guard isNew || now - last > (isTerminal ? .milliseconds(100) : .seconds(30)) else { return }
    last = now
    let line = Self.text(progress, after: now - start)
    if isTerminal {
      isShown = true
      standardError("\r\u{1B}[K\(line)")
    } else {
      standardError("qpack: \(line)\n")
    }
  }

  /// Takes the line away before something else is printed.
  func clear() {
    if isShown { standardError("\r\u{1B}[K") }
    isShown = false
  }

  /// `quantizing, 30 of 120, 12 s, about 36 s left`.
  static func text(_ progress: ImportProgress, after time: Duration) -> String {
    let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
    var parts = [progress.stage.rawValue]
    if progress.total > 1 { parts.append("\(progress.done) of \(progress.total)") }
    if seconds >= 1 { parts.append(duration(seconds)) }
    if seconds >= 1, progress.done > 0, progress.done < progress.total {
      let rest = seconds / Double(progress.done) * Double(progress.total - progress.done)
      parts.append("about \(duration(rest)) left")
    }
    return parts.joined(separator: ", ")
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9).rounded(.up))
    return whole < 60 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }
}
