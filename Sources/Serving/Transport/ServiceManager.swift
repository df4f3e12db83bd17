import Glibc

/// The service manager's side of a daemon's life: readiness, watchdog, inherited sockets (sd_notify(3),
/// sd_listen_fds(3)); without one every call does nothing.
package struct ServiceManager: Sendable {
  private let environment: @Sendable (String) -> String?

  /// - Parameter environment: Where variables are looked up; the process's own by default.
  package init(environment: @escaping @Sendable (String) -> String? = processEnvironment) {
    self.environment = environment
  }

  /// Whether somebody listens to ``notify(_:)``.
  package var isPresent: Bool { environment("NOTIFY_SOCKET") != nil }

  /// Sends assignments such as `READY=1`, one a line, to the service manager.
  /// - Returns: Whether they were sent; false without a service manager.
  /// - Throws: ``SystemFailure`` when there is one and it cannot be reached.
  @discardableResult
  package func notify(_ assignments: String) throws(SystemFailure) -> Bool {
    guard let path = environment("NOTIFY_SOCKET"), let address = try? SocketAddress(path) else {
      return false
    }
    let number = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard number >= 0 else { throw SystemFailure("create", "a datagram socket") }
    let descriptor = FileDescriptor(owning: number)
    let message = Array(assignments.utf8)
    let sent = address.withSockaddr { pointer, length in
      retryingInterrupts {
        sendto(descriptor.number, message, message.count, CInt(MSG_NOSIGNAL), pointer, length)
      }
    }
    guard sent == message.count else { throw SystemFailure("notify the service manager at", path) }
    return true
  }

  /// Tells that a reload begins; `READY=1` ends it (`Type=notify-reload` wants the time).
  package func notifyReloading() throws(SystemFailure) {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    try notify("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
  }

  /// The longest time between two `WATCHDOG=1`, or nil when nobody waits for them. Send them twice as often.
  package var watchdogInterval: Duration? {
    if let owner = environment("WATCHDOG_PID"), owner != "\(getpid())" { return nil }
    guard let text = environment("WATCHDOG_USEC"), let microseconds = Int64(text), microseconds > 0 else {
      return nil
    }
    return .microseconds(microseconds)
  }

  /// The sockets that the service manager opened for this process, in the order of the unit; empty without any.
  ///
  /// Each is made close-on-exec and owned by the result, so call this once, before any file is opened.
  package func inheritedDescriptors() -> [FileDescriptor] {
    let first: CInt = 3  // SD_LISTEN_FDS_START
    guard environment("LISTEN_PID") == "\(getpid())", let text = environment("LISTEN_FDS"),
      let count = CInt(text), (1...64).contains(count)
    else { return [] }
    return (first..<first + count).compactMap { number in
      fcntl(number, F_SETFD, FD_CLOEXEC) == 0 ? FileDescriptor(owning: number) : nil
    }
  }
}

/// A variable of the process's environment.
@Sendable
package func processEnvironment(_ name: String) -> String? {
  getenv(name).map { String(cString: $0) }
}
