import Arguments
import Transport
import Vocabulary
import WireProtocol

/// Why a command did not succeed. It becomes the text on stderr and the exit status.
enum ClientFailure: Error, Equatable {
  /// The command line makes no sense.
  case usage(String)
  /// A file cannot be opened.
  case file(SystemFailure)
  /// A file or a text cannot be sent.
  case badInput(String)
  /// A line of a conversation makes no sense to the client.
  case chat(String)
  /// No daemon answers at any of the sockets.
  case noDaemon([SocketLookup.Attempt])
  /// The connection broke.
  case connection(String)
  /// The daemon sent something that is no answer.
  case badAnswer(String)
  case timedOut(milliseconds: Int)
  case interrupted
  /// Writing the result failed. A closed pipe prints nothing, because the reader chose to leave.
  case output(SystemFailure)
  /// The daemon refused; `models` are the names it has, where that helps.
  case refused(WireError, model: String?, models: [String])
  /// Some of several inputs failed, and each failure has been printed.
  case someFailed(ExitStatus)
  /// The doctor found problems, and has printed them.
  case unhealthy

  var exitStatus: ExitStatus {
    switch self {
    case .usage: .usage
    case .file(let failure): failure.isPermission ? .permission : failure.isMissing ? .noInput : .inputOutput
    case .badInput, .chat: .badData
    case .noDaemon(let attempts): attempts.contains(where: \.isPermission) ? .permission : .unavailable
    case .connection: .inputOutput
    case .badAnswer: .badProtocol
    case .timedOut: .tryLater
    case .interrupted: .interrupted
    case .output(let failure): failure.isBrokenPipe ? .brokenPipe : .inputOutput
    case .refused(let error, _, _): error.code.exitStatus
    case .someFailed(let code): code
    case .unhealthy: .unavailable
    }
  }

  /// What to print after `qclient: `; nil when there is nothing to say.
  var message: String? {
    switch self {
    case .usage(let text): UsageError(text).text(trying: "qclient help")
    case .file(let failure): failure.description
    case .badInput(let text), .chat(let text): text
    case .noDaemon(let attempts): SocketLookup.explain(attempts)
    case .connection(let text): "\(text). Try: qclient doctor"
    case .badAnswer(let text):
      "the daemon's answer makes no sense: \(text). Client and daemon may differ in version"
    case .timedOut(let milliseconds):
      "no answer within \(Format.duration(Double(milliseconds))); the request was cancelled"
    case .interrupted, .someFailed, .unhealthy: nil
    case .output(let failure): failure.isBrokenPipe ? nil : failure.description
    case .refused(let error, let model, let models): Self.text(error, model, models)
    }
  }

  private static func text(_ error: WireError, _ model: String?, _ models: [String]) -> String {
    switch error.code {
    case .unknownModel where model != nil:
      let have = models.isEmpty ? "none are installed" : "have: \(models.joined(separator: ", "))"
      return "model '\(model ?? "")' not found (\(have)). Try: qclient list"
    case .busy:
      let wait = error.retryAfterMilliseconds.map { "; try again in \(Format.duration(Double($0)))" } ?? ""
      return "\(error.message)\(wait)"
    case .forbidden: return "\(error.message). Try: qclient doctor"
    default: return error.message.oneLine
    }
  }
}

extension ErrorCode {
  var exitStatus: ExitStatus {
    switch self {
    case .badJSON, .lineTooLong, .unknownOperation: .badProtocol
    case .badRequest, .badImage, .badPack, .noTemplate, .contextOverflow, .conflict, .qualityGate: .badData
    case .unknownModel: .noInput
    case .modelNotLoaded, .busy, .deadline, .memoryBudget, .shuttingDown: .tryLater
    case .cancelled: .interrupted
    case .forbidden: .permission
    case .internal: .internal
    }
  }
}
