import FoundationEssentials
import Glibc
import Processes

extension SpawnedProcess {
  /// The program `name` in the folder of this one.
  ///
  /// - Throws: ``ProcessError/missing(program:folder:)``.
  static func neighbour(_ name: String) throws(ProcessError) -> String {
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let folder = own.lastIndex(of: "/").map { String(own[..<$0]) } ?? "."
    let path = "\(folder)/\(name)"
    guard access(path, X_OK) == 0 else { throw .missing(program: name, folder: folder) }
    return path
  }

  /// Starts a program that inherits this one's variables and, unless it is to be silent, its output.
  static func start(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], silent: Bool
  ) throws(ProcessError) -> SpawnedProcess {
    let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let sink = silent ? "/dev/null" : nil
    do {
      return try SpawnedProcess(
        program, arguments, environment: variables, files: .init(output: sink, errors: sink))
    } catch {
      throw .cannotStart(error)
    }
  }

  /// Waits for the end, which must be a success.
  func waitForSuccess() throws(ProcessError) {
    let status = wait()
    guard status == .exited(0) else { throw .failed(program: program, status: status) }
  }

  /// Asks the program to end, and waits until it has.
  func terminate() {
    send(SIGTERM)
    wait()
  }
}

/// Why a program that a suite needs does not help.
enum ProcessError: Error, CustomStringConvertible {
  case missing(program: String, folder: String)
  case cannotStart(SpawnError)
  case failed(program: String, status: ProcessEnd)
  case notReady(program: String, seconds: Int)
  case badAnswer(String)
  case badFile(String, code: Int32)

  var description: String {
    switch self {
    case .missing(let program, let folder):
      "there is no \(program) in \(folder), where this program is; build it with: swift build -c release"
    case .cannotStart(let error): error.description
    case .failed(let program, let status):
      "\(program) ended by \(status); run it by hand to see why"
    case .notReady(let program, let seconds):
      "\(program) was not ready after \(seconds) s; run it by hand to see why"
    case .badAnswer(let text): "the daemon answered: \(text)"
    case .badFile(let path, let code): "cannot use \(path): \(String(cString: strerror(code)))"
    }
  }
}
