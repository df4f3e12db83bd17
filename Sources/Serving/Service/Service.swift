import Dispatch
import Engine
import Glibc
import JSON
import Registry
import Synchronization
import WireProtocol

/// Answers the lines of clients.
///
/// ``handle(_:files:from:)`` may be called from any thread, but for one connection in the order of its lines.
/// It returns at once: inference is answered from the engine's thread, administration from its queue.
package final class Service: Sendable {
  let options: ServiceOptions
  let engine: Engine
  let catalog: ModelCatalog
  let book = RequestBook()
  let watchers = Watchers()
  let administration = DispatchQueue(label: "administration")
  private let started = ContinuousClock.now
  private let stopping = Atomic(false)
  private let currentPolicy: Mutex<ServicePolicy>
  private let onIdle: @Sendable (UInt64) -> Void
  let onProblems: @Sendable ([String]) -> Void
  let startProblems = Mutex<[StartProblem]>([])
  let isHealing = Atomic(false)

  /// Opens the registry and the store.
  ///
  /// - Parameters:
  ///   - onIdle: Called when the last request of a connection ended, for connections that send no more.
  ///   - onProblems: Called with ``problems()`` when an attempt to mend them changed them.
  /// - Throws: `RegistryError` where the state directory cannot be used.
  package init(
    options: ServiceOptions, engine: Engine, onIdle: @escaping @Sendable (UInt64) -> Void = { _ in },
    onProblems: @escaping @Sendable ([String]) -> Void = { _ in }
  ) throws {
    self.options = options
    self.engine = engine
    self.onIdle = onIdle
    self.onProblems = onProblems
    currentPolicy = Mutex(options.policy)
    catalog = try ModelCatalog(options: options, engine: engine)
  }

  /// What operators may change while requests run.
  var policy: ServicePolicy { currentPolicy.withLock { $0 } }

  /// Puts a new policy in force, for requests from now on.
  package func apply(_ policy: ServicePolicy) { currentPolicy.withLock { $0 = policy } }

  /// Reads one line, without its newline, and answers it now or later.
  package func handle(_ line: [UInt8], files: [PassedFile], from caller: Caller) {
    do {
      let request = try Request(line: line)
      do {
        try perform(request, files: files, caller)
      } catch {
        caller.reply(.error(request.id, error))
      }
    } catch {
      caller.reply(.error(error.id, error.error))
    }
  }

  /// Answers a line that was dropped because it was too long.
  package func refuseOverlongLine(from caller: Caller) {
    let message = "a line has more than \(JSONLimits.lineBytes) bytes; pass large files by descriptor"
    caller.reply(.error(nil, WireError(.lineTooLong, message)))
  }

  /// Cancels everything that a connection waited for.
  package func close(_ connection: UInt64) {
    for id in book.close(connection) { engine.cancel(id) }
    watchers.remove(connection)
  }

  /// Whether nothing is under way for a connection.
  package func isIdle(_ connection: UInt64) -> Bool { book.isIdle(connection) }

  /// Refuses new work, lets running requests finish for `drain`, then ends the rest; blocks until that is done.
  package func stop(drain: Duration) {
    stopping.store(true, ordering: .relaxed)
    let done = Latch()
    engine.stop(drain: drain) { done.open() }
    done.wait()
    // On the queue, and so after the last change, which could be lost with the log.
    administration.sync { catalog.registry.checkpoint() }
  }

  var isStopping: Bool { stopping.load(ordering: .relaxed) }
  var uptime: Duration { .now - started }

  private func perform(_ request: Request, files: [PassedFile], _ caller: Caller) throws(WireError) {
    if isStopping, request.operation.isNewWork {
      throw WireError(.shuttingDown, "the service is stopping", retryAfterMilliseconds: 1000)
    }
    switch request.operation {
    case .infer(let inference): try infer(inference, request, files, caller)
    case .ask(let question): try answer(question, request, caller)
    case .change(let change): try administer(change, request, files, caller)
    case .cancel(let target): try cancel(target, request, caller)
    case .watch: try watch(request, caller)
    }
  }

  private func cancel(_ target: RequestID, _ request: Request, _ caller: Caller) throws(WireError) {
    let entry = book.find(target, on: caller.connection)
    switch entry {
    case .job(let id)?: engine.cancel(id)
    case .watch?:
      watchers.remove(target, on: caller.connection)
      finish(target, caller, .error(target, WireError(.cancelled, "the request was cancelled")))
    case .change?:
      throw WireError(.conflict, "'\(target)' changes models and runs to its end", parameter: "target")
    case nil: break
    }
    caller.reply(.result(request.id, CancelResult(target: target, found: entry != nil)))
  }

  /// Ends a request of the book, then sends its last event.
  func finish(_ id: RequestID, _ caller: Caller, _ event: Event) {
    leave(id, caller) { caller.reply(event) }
  }

  /// Takes a request out of the book, so that its id may be used again, and runs `body` before the connection
  /// may close.
  func leave(_ id: RequestID, _ caller: Caller, _ body: () -> Void) {
    book.leave(id, on: caller.connection, body)
    if book.isIdle(caller.connection) { onIdle(caller.connection) }
  }
}

extension Operation {
  /// Whether a stopping service refuses the operation. Questions are answered to the end.
  fileprivate var isNewWork: Bool {
    switch self {
    case .infer, .change, .watch: true
    case .ask, .cancel: false
    }
  }
}
