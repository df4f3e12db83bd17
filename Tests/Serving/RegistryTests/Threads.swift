import Glibc
import Synchronization
import Testing

/// Runs `body` on `count` threads while `work` runs on this one; a thread's error fails the test.
func withThreads(
  _ count: Int, _ body: @escaping @Sendable (Int) throws -> Void, while work: () throws -> Void
) throws {
  var threads: [pthread_t] = []
  for index in 0..<count {
    let job = Unmanaged.passRetained(Job { try body(index) })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil, { Unmanaged<Job>.fromOpaque($0!).takeRetainedValue().run() }, job.toOpaque())
    #expect(code == 0)
    threads.append(thread)
  }
  defer { for thread in threads { pthread_join(thread, nil) } }
  try work()
}

private final class Job: Sendable {
  private let body: @Sendable () throws -> Void

  init(_ body: @escaping @Sendable () throws -> Void) { self.body = body }

  func run() -> UnsafeMutableRawPointer? {
    do { try body() } catch { Issue.record("a thread failed: \(error)") }
    return nil
  }
}
