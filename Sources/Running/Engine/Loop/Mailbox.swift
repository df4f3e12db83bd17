import CIntrinsics
import Glibc
import Synchronization

/// Commands for the engine's thread, left by any other thread. A reader of an empty mailbox sleeps and costs no
/// CPU.
final class Mailbox<Message: Sendable>: @unchecked Sendable {
  // Sendable: everything that changes is atomic or touched under `mutex` only.
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let arrived = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private var messages: [Message] = []
  private var isClosed = false
  private var isReaderAsleep = false
  /// Until when the reader stays awake for a message that is expected.
  private var awakeUntil: ContinuousClock.Instant?
  private let hasMessages = Atomic(false)
  private let patience: Duration

  /// - Parameter patience: How long the reader waits awake for an expected message.
  init(patience: Duration = .zero) {
    self.patience = patience
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

  /// Leaves a message for the reader.
  ///
  /// - Returns: Whether somebody will read it; false once the mailbox is closed.
  @discardableResult
  func post(_ message: Message) -> Bool {
    pthread_mutex_lock(mutex)
    let (isOpen, wakes) = (!isClosed, isReaderAsleep)
    if isOpen {
      messages.append(message)
      hasMessages.store(true, ordering: .releasing)
    }
    pthread_mutex_unlock(mutex)
    // Not under the lock: the woken thread would find it taken and sleep again.
    if wakes { pthread_cond_signal(arrived) }
    return isOpen
  }

  /// Wakes the reader, or keeps it awake, for a message that comes in a moment. On processors that halt while
  /// they idle, waking up takes as long as the message does to come.
  func expectMessage() {
    guard patience > .zero else { return }
    pthread_mutex_lock(mutex)
    awakeUntil = .now + patience
    let wakes = isReaderAsleep
    pthread_mutex_unlock(mutex)
    if wakes { pthread_cond_signal(arrived) }
  }

  /// Takes no more messages; returns those that came too late to be read.
  func close() -> [Message] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    isClosed = true
    defer { messages = [] }
    return messages
  }

  /// What has arrived and was not taken yet.
  var waiting: [Message] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return messages
  }

  /// Everything that has arrived, oldest first.
  ///
  /// - Parameter timeout: How long to sleep for a first message; nil does not sleep.
  func take(waiting timeout: Duration?) -> [Message] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if let timeout, messages.isEmpty {
      var until = deadline(after: timeout)
      while messages.isEmpty, sleep(until: &until) {}
    }
    defer { messages = [] }
    hasMessages.store(false, ordering: .relaxed)
    return messages
  }

  /// Waits for a message, or until none is expected any more.
  ///
  /// - Returns: Whether there is time for another wait.
  private func sleep(until deadline: inout timespec) -> Bool {
    if let awakeUntil {
      pthread_mutex_unlock(mutex)
      awaitMessage(until: awakeUntil)
      pthread_mutex_lock(mutex)
      // Another message may have been announced meanwhile.
      if self.awakeUntil == awakeUntil { self.awakeUntil = nil }
      return true
    }
    isReaderAsleep = true
    defer { isReaderAsleep = false }
    return pthread_cond_timedwait(arrived, mutex, &deadline) == 0
  }

  /// Returns once there is a message, or at the given time.
  private func awaitMessage(until end: ContinuousClock.Instant) {
    var spins = 0
    while !hasMessages.load(ordering: .acquiring) {
      // The sender may run on this core's other hyper-thread, which relaxing helps, or need this processor,
      // which it gets by the yield below.
      cpu_relax()
      spins += 1
      guard spins % 64 == 0 else { continue }
      sched_yield()
      if .now >= end { return }
    }
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
