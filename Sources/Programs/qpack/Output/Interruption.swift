import FoundationEssentials
import Glibc
import Synchronization

/// Removes an unfinished pack when the user ends the program.
///
/// One thread waits for the signals, which all others have blocked, so the pack is removed by ordinary code and
/// not in a signal handler. The program then ends by the signal, as it would have without this.
enum Interruption {
  /// The folder to remove; nil where there is none.
  final class Folder: Sendable {
    private let path = Mutex<String?>(nil)

    func set(_ new: String?) { path.withLock { $0 = new } }

    fileprivate func remove() {
      // The lock stays held, so that no other thread forgets the folder or makes another while this one is
      // removed.
      path.withLock { if let path = $0 { try? FileManager.default.removeItem(atPath: path) } }
    }
  }

  static let folder = Folder()

  /// Blocks the signals on this thread and all that it starts from now on, and waits for them on one more.
  static func watch() {
    var signals = heard()
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    if !startThread() { pthread_sigmask(SIG_UNBLOCK, &signals, nil) }
  }

  private static func startThread() -> Bool {
    var thread = pthread_t()
    return pthread_create(&thread, nil, { _ in Interruption.waitAndEnd() }, nil) == 0
  }

  private static func waitAndEnd() -> UnsafeMutableRawPointer? {
    var (signals, received) = (heard(), CInt(0))
    guard sigwait(&signals, &received) == 0 else { return nil }
    folder.remove()
    // The shell's prompt shall not stand behind the progress.
    if isatty(STDERR_FILENO) == 1 { standardError("\n") }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(received)
    return nil
  }

  /// The signals that would end the program now. `nohup`, for instance, has SIGHUP ignored.
  private static func heard() -> sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    for signal in [SIGINT, SIGTERM, SIGHUP] {
      var action = sigaction()
      sigaction(signal, nil, &action)
      if action.__sigaction_handler.sa_handler == nil { sigaddset(&signals, signal) }
    }
    return signals
  }
}
