import Glibc

/// Commands for the engine's thread, left by any other thread. An empty mailbox sleeps and costs no CPU.
final class Mailbox<Message: Sendable>: @unchecked Sendable {
  // Sendable: `messages` is touched under `mutex` only.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var messages: [Message] = []

  init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(arrived, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(arrived)
    pthread_mutex_destroy(mutex)
    arrived.deallocate()
    mutex.deallocate()
  }

  func post(_ message: Message) {
    pthread_mutex_lock(mutex)
    messages.append(message)
    pthread_mutex_unlock(mutex)
    // Not under the lock, which the woken thread would find taken, and sleep again.
    pthread_cond_signal(arrived)
  }

  /// Everything that has arrived, oldest first.
  ///
  /// - Parameter timeout: How long to sleep for a first message; nil does not sleep.
  func take(waiting timeout: Duration?) -> [Message] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let timeout, messages.isEmpty {
      var until = deadline(after: timeout)
      while messages.isEmpty, pthread_cond_timedwait(arrived, mutex, &until) == 0 {}
    }
    defer { messages = [] }
    return messages
  }

  private func deadline(after timeout: Duration) -> timespec {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let nanoseconds = now.tv_nsec + Int(timeout.components.attoseconds / 1_000_000_000)
    return timespec(
      tv_sec: now.tv_sec + Int(timeout.components.seconds) + nanoseconds / 1_000_000_000,
      tv_nsec: nanoseconds % 1_000_000_000)
  }
}
