import Arguments
import Glibc

/// SIGTERM, SIGINT and SIGHUP, taken by one thread that waits for them; no code runs in a signal handler.
struct TerminationSignals: @unchecked Sendable {  // Sendable: `set` is not changed after init.
  enum Request {
    case stop, reload
  }

  private var set = sigset_t()

  /// Blocks the signals for this thread and every thread started from now on, and ignores SIGPIPE.
  init() {
    signal(SIGPIPE, SIG_IGN)
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP] { sigaddset(&set, number) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Sleeps until the next signal.
  func next() -> Request {
    var (set, number) = (set, Int32(0))
    while sigwait(&set, &number) != 0 {}
    return number == SIGHUP ? .reload : .stop
  }

  /// From now on the next SIGTERM or SIGINT ends the process with `status` at once.
  func exitOnNext(_ status: ExitStatus) {
    let box = Unmanaged.passRetained(Box(self, status))
    var thread = pthread_t()
    let failed = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let box = Unmanaged<Box>.fromOpaque(context).takeRetainedValue()
        while box.signals.next() == .reload {}
        exit(box.status.rawValue)
      }, box.toOpaque())
    if failed == 0 { pthread_detach(thread) } else { box.release() }
  }

  private final class Box {
    let signals: TerminationSignals
    let status: ExitStatus

    init(_ signals: TerminationSignals, _ status: ExitStatus) {
      self.signals = signals
      self.status = status
    }
  }
}
