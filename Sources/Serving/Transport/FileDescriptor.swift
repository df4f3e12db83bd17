import Glibc

/// An open file, socket or event, closed when the last reference to it goes.
package final class FileDescriptor: Sendable {
  /// The number that system calls take; valid while this object lives.
  package let number: CInt

  /// Takes over `number`; nobody else may close it from here on.
  package init(owning number: CInt) {
    self.number = number
  }

  deinit {
    close(number)
  }
}
