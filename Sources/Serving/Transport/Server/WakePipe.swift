import Glibc

/// A pipe that makes a sleeping `poll` return; written from any thread, or from a signal handler.
package final class WakePipe: Sendable {
  private let reader: FileDescriptor
  private let writer: FileDescriptor

  /// - Throws: ``SystemFailure`` when the process has no descriptors left.
  package init() throws(SystemFailure) {
    var ends: [CInt] = [-1, -1]
    guard pipe(&ends) == 0 else { throw SystemFailure("create", "a pipe") }
    reader = FileDescriptor(owning: ends[0])
    writer = FileDescriptor(owning: ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
  }

  /// Readable after ``wake()``, until ``drain()``.
  package var readableEnd: CInt { reader.number }

  /// Where one byte wakes the reader; for signal handlers, which may call nothing but `write`.
  package var writableEnd: CInt { writer.number }

  /// Makes ``readableEnd`` readable. It already is where the pipe is full, so that failure is ignored.
  package func wake() {
    var byte: UInt8 = 1
    _ = write(writer.number, &byte, 1)
  }

  /// Takes back every wake-up so far.
  package func drain() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(reader.number, &bytes, bytes.count) == bytes.count {}
  }
}
