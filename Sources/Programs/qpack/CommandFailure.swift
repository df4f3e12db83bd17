import Arguments
import Glibc

/// Why a command ended, in a sentence that names the whole path.
struct CommandFailure: Error, CustomStringConvertible {
  let status: ExitStatus
  let description: String

  init(_ status: ExitStatus, _ description: String) {
    self.status = status
    self.description = description
  }
}

/// A file or folder that a command reads.
struct InputPath {
  let path: String

  /// - Throws: ``CommandFailure`` where it is not there or may not be read.
  init(_ path: String) throws(CommandFailure) {
    guard access(path, R_OK) == 0 else {
      let status: ExitStatus = errno == EACCES ? .permission : .noInput
      throw CommandFailure(status, "\(path): \(String(cString: strerror(errno)))")
    }
    self.path = path
  }

  /// Does `body`, whose errors then name the whole path: modules below know files by their last name alone.
  func locating<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as UsageError {
      throw error
    } catch let error as CommandFailure {
      throw error
    } catch {
      throw CommandFailure(.badData, located("\(error)"))
    }
  }

  /// `message` with the path in front, in place of a file's name that it begins with.
  private func located(_ message: String) -> String {
    guard !message.hasPrefix(path) else { return message }
    let word = message.prefix { $0 != ":" && $0 != " " }
    if path == word || path.hasSuffix("/\(word)") { return path + message.dropFirst(word.count) }
    let folder = path.hasSuffix("/") ? path : path + "/"
    let isInside = !word.isEmpty && !word.contains("/") && access(folder + word, F_OK) == 0
    return isInside ? folder + message : "\(path): \(message)"
  }
}
