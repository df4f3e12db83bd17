import Glibc

/// A system call that failed, with a text that says what to do:
/// `cannot bind /run/quantd/quantd.sock: Permission denied (EACCES); …`.
package struct SystemFailure: Error, Sendable, Equatable, CustomStringConvertible {
  /// The verb after "cannot": `bind`, `connect to`.
  package let action: String
  /// What it was done to, usually a path.
  package let subject: String
  /// The `errno` of the call.
  package let code: CInt
  /// What to do about it; nil when the code says all there is.
  package let hint: String?

  package init(_ action: String, _ subject: String, code: CInt = errno, hint: String? = nil) {
    self.action = action
    self.subject = subject
    self.code = code
    self.hint = hint
  }

  package var description: String {
    "cannot \(action) \(subject): \(Self.text(code))\(hint.map { "; \($0)" } ?? "")"
  }

  /// The text and the symbol of an `errno` value: `Permission denied (EACCES)`.
  package static func text(_ code: CInt) -> String {
    "\(String(cString: strerror(code))) (\(symbols[code] ?? "errno \(code)"))"
  }

  private static let symbols: [CInt: String] = [
    EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF", EAGAIN: "EAGAIN",
    ENOMEM: "ENOMEM", EACCES: "EACCES", EEXIST: "EEXIST", ENOTDIR: "ENOTDIR", EISDIR: "EISDIR",
    EINVAL: "EINVAL",
    ENFILE: "ENFILE", EMFILE: "EMFILE", ENOSPC: "ENOSPC", EROFS: "EROFS", EPIPE: "EPIPE", ELOOP: "ELOOP",
    ENAMETOOLONG: "ENAMETOOLONG", ENOTSOCK: "ENOTSOCK", EMSGSIZE: "EMSGSIZE", EADDRINUSE: "EADDRINUSE",
    ECONNRESET: "ECONNRESET", ENOTCONN: "ENOTCONN", ETIMEDOUT: "ETIMEDOUT", ECONNREFUSED: "ECONNREFUSED",
    ETOOMANYREFS: "ETOOMANYREFS", EPROTOTYPE: "EPROTOTYPE", EDQUOT: "EDQUOT",
  ]
}

/// Repeats a call that a signal interrupted.
func retryingInterrupts<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
