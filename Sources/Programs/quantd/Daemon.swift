import Engine
import Glibc
import Kernels
import Packs
import Service
import Settings
import Transport
import Vocabulary
import WireProtocol

/// One run of the daemon, from opening its files to the last connection.
struct Daemon {
  private let configuration: Configuration
  private let reload: () throws -> Configuration
  private let log: Log
  private let manager = ServiceManager()
  private let announcements: Announcements

  init(_ configuration: Configuration, reload: @escaping () throws -> Configuration) throws {
    self.configuration = configuration
    self.reload = reload
    log = Log(configuration.logLevel)
    announcements = Announcements(log: log, manager: manager)
  }

  /// Serves until a signal ends it.
  func run() throws {
    let signals = TerminationSignals()
    let inherited = manager.inheritedDescriptors()
    try makeDirectory(configuration.stateDirectory)
    let listeners = try listeners(inherited)
    let (connections, announcements) = (Connections(), announcements)
    let address = listeners[0].address
    let engine = Engine(try configuration.engineOptions(manager))
    let service = try Service(
      options: configuration.serviceOptions(), engine: engine, onIdle: { connections.becameIdle($0) },
      onProblems: { announcements.problems($0, at: address) })
    let server = try SocketServer(limits: configuration.serverLimits) { connections.handle($0) }
    connections.connect(server, service)
    loadModels(service)
    try server.start(listeners)
    announceReady(at: address, service.problems())
    wait(signals, service)
    stop(server, service, connections, signals)
  }

  private func listeners(_ inherited: [FileDescriptor]) throws -> [UnixListener] {
    guard inherited.isEmpty else { return try inherited.map { try UnixListener.adopt($0) } }
    try makeDirectory(configuration.socketDirectory)
    return [
      try UnixListener.bind(
        path: configuration.socket, mode: configuration.socketMode, group: try configuration.socketGroupID())
    ]
  }

  private func loadModels(_ service: Service) {
    let problems = service.loadModels { model in
      notify("STATUS=loading \(model)\nEXTEND_TIMEOUT_USEC=30000000")
      log.write(.info, "loading \(model)")
    }
    for problem in problems { log.write(.warning, "\(problem)") }
  }

  private func announceReady(at address: String, _ problems: [String]) {
    notify("READY=1\n" + Announcements.status(problems, at: address))
    log.write(
      .info,
      """
      \(Version.current) ready at \(address) \
      (\(InstructionSet.current.rawValue), \(configuration.threadCount) threads)
      """
    )
  }

  /// Returns when the daemon has to end.
  private func wait(_ signals: TerminationSignals, _ service: Service) {
    var current = configuration
    while signals.next() == .reload { current = reloaded(current, service) }
  }

  /// Reads the configuration again. A wrong one changes nothing; of a right one, the keys that a running daemon
  /// can change are put in force.
  private func reloaded(_ current: Configuration, _ service: Service) -> Configuration {
    try? manager.notifyReloading()  // nobody listens without a service manager
    defer { notify("READY=1") }
    do {
      let new = try reload()
      service.apply(try new.servicePolicy())
      let (applied, waiting) = new.differences(from: current)
      if !applied.isEmpty { log.write(.info, "in force: \(applied.joined(separator: ", "))") }
      if !waiting.isEmpty { log.write(.warning, "restart to apply: \(waiting.joined(separator: ", "))") }
      if applied.isEmpty, waiting.isEmpty { log.write(.info, "configuration unchanged") }
      return new
    } catch {
      log.write(.error, "the configuration is wrong, the old one stays in force: \(error)")
      return current
    }
  }

  /// Drains: no new connections, running requests finish, the last answers are sent. A second signal ends it at once.
  private func stop(
    _ server: SocketServer, _ service: Service, _ connections: Connections, _ signals: TerminationSignals
  ) {
    let drain = configuration.drainTimeout
    notify("STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=\((drain.components.seconds + 10) * 1_000_000)")
    log.write(.info, "stopping: running requests have \(drain.components.seconds) s to finish")
    signals.exitOnNext(.interrupted)
    server.stopListening()
    service.stop(drain: drain)
    connections.closeAll()
    for _ in 0..<100 where server.connectionCount > 0 { usleep(10_000) }
    server.stop()
    log.write(.info, "stopped")
  }

  private func notify(_ assignments: String) { announcements.notify(assignments) }
}
