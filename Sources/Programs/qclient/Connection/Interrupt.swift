import Arguments
import Glibc
import Synchronization
import Transport

/// Turns Ctrl-C into a readable descriptor, so that a request can be cancelled before the program ends.
struct Interrupt {
  private let pipe: WakePipe

  /// Readable once the user interrupted.
  var descriptor: CInt { pipe.readableEnd }

  /// Nil when no pipe can be made; Ctrl-C then ends the program as usual.
  init?() {
    guard let pipe = try? WakePipe() else { return nil }
    self.pipe = pipe
  }

  /// Makes the next Ctrl-C the first again: it is readable, or, where nothing would read it, ends the program as usual.
  func rearm(_ isRead: Bool) {
    pipe.drain()
    if isRead { arm() } else { signal(SIGINT, SIG_DFL) }
  }

  /// Installs the handler. Before that, Ctrl-C ends the program, as a person who types a prompt expects.
  func arm() {
    interruptWriter.store(pipe.writableEnd, ordering: .releasing)
    var action = sigaction()
    action.__sigaction_handler.sa_handler = { _ in
      // A second Ctrl-C ends the program at once, should the daemon not answer the cancellation.
      let writer = interruptWriter.exchange(-1, ordering: .acquiringAndReleasing)
      var byte: UInt8 = 1
      if writer < 0 || write(writer, &byte, 1) != 1 { _exit(ExitStatus.interrupted.rawValue) }
    }
    sigaction(SIGINT, &action, nil)
  }
}

/// Where the signal handler writes; -1 after the first interrupt.
private let interruptWriter = Atomic<CInt>(-1)
