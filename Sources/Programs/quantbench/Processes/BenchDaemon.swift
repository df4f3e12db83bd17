import FoundationEssentials
import Glibc
import Processes
import Transport
import WireProtocol

/// A `quantd` in a folder of its own.
final class BenchDaemon {
  /// Seconds from start until it told its supervisor that it is ready.
  let readySeconds: Double
  private let process: SpawnedProcess
  private let socketPath: String

  private static let patienceSeconds = 60

  /// Starts the daemon and waits until it is ready. It installs the folder's packs that it does not have yet.
  init(_ folder: DaemonFolder, threads: Int) throws {
    let folder = folder.path
    socketPath = folder + "/quantd.sock"
    let configuration = folder + "/quantd.conf"
    try Data().write(to: URL(filePath: configuration))
    let notifications = try ReadyListener(path: folder + "/notify.sock")
    let arguments = [
      "serve", "--config", configuration, "--socket", socketPath, "--state-directory", folder + "/state",
      "--models-directory", folder + "/models", "--threads", "\(threads)",
    ]
    let program = try SpawnedProcess.neighbour("quantd")
    let start = Timing.now()
    process = try SpawnedProcess.start(
      program, arguments, environment: ["NOTIFY_SOCKET": notifications.path], silent: true)
    while !notifications.receivedReady(milliseconds: 100) {
      if process.poll() != nil || Timing.now() - start > Double(Self.patienceSeconds) {
        throw ProcessError.notReady(program: "quantd", seconds: Self.patienceSeconds)
      }
    }
    readySeconds = Timing.now() - start
  }

  /// Asks the daemon to end, and waits until it has drained.
  func stop() { process.terminate() }

  func connect() throws -> UnixConnection { try UnixConnection(path: socketPath) }

  /// Seconds of CPU time that it has used.
  var cpuSeconds: Double {
    // Behind the name in parentheses: state is field 3, utime and stime are fields 14 and 15, in clock ticks.
    let text = (try? String(contentsOfFile: "/proc/\(process.pid)/stat", encoding: .utf8)) ?? ""
    let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
    guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
    return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// Resident memory in MiB, shared pages of the pack included.
  var residentMiB: Double {
    let text = (try? String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) }
    return (kilobytes ?? 0) / 1_024
  }
}

/// The supervisor's end of `sd_notify`: a datagram socket on which a service says `READY=1`.
private final class ReadyListener {
  let path: String
  private let descriptor: CInt

  init(path: String) throws {
    self.path = path
    unlink(path)
    descriptor = socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SocketPathError.tooLong(path: path, bytes: path.utf8.count)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard status == 0 else { throw ProcessError.badFile(path, code: errno) }
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// Waits for a datagram.
  ///
  /// - Returns: Whether it says that the service is ready.
  func receivedReady(milliseconds: CInt) -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&polled, 1, milliseconds) > 0 else { return false }
    var text = [UInt8](repeating: 0, count: 4_096)
    let count = recv(descriptor, &text, text.count, 0)
    return String(decoding: text[..<max(0, count)], as: UTF8.self).split(separator: "\n").contains("READY=1")
  }
}
