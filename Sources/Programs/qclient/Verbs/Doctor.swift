import Glibc
import JSON
import Transport
import WireProtocol

/// One thing that the doctor checked, and its state.
struct Finding: Equatable {
  let subject: String
  let detail: String
  /// What to do; nil when all is well.
  let hint: String?

  var line: String {
    hint.map { "problem  \(subject): \(detail)\n         Try: \($0)" } ?? "ok       \(subject): \(detail)"
  }

  var json: JSONValue {
    var object: JSONObject = JSONObject(members: [
      .init(name: "ok", value: .bool(hint == nil)), .init(name: "subject", value: .string(subject)),
      .init(name: "detail", value: .string(detail)),
    ])
    object["hint"] = hint.map { .string($0) }
    return .object(object)
  }
}

extension Command {
  /// Checks everything between this program and an answer, in that order, and stops at the first failure that
  /// makes the other checks impossible.
  func doctor() throws(ClientFailure) {
    var isHealthy = true
    for finding in diagnose() {
      if finding.hint != nil { isHealthy = false }
      if wantsJSON { try console.line(finding.json.encoded()) } else { try console.line(finding.line) }
    }
    if !isHealthy { throw .unhealthy }
  }

  private func diagnose() -> [Finding] {
    let session: Session
    do throws(ClientFailure) {
      session = try connect()
    } catch {
      return Self.explain(error)
    }
    var findings = [Finding(subject: "socket", detail: "\(session.candidate.path) answers", hint: nil)]
    if let peer = try? session.peer() {
      findings.append(
        Finding(subject: "daemon", detail: "runs as uid \(peer.uid), pid \(peer.pid)", hint: nil))
    }
    do throws(ClientFailure) {
      findings += try examineHello(session)
      findings += try examineStatus(session)
    } catch {
      let hint = "journalctl -u quantd tells more"
      findings.append(Finding(subject: "conversation", detail: error.message ?? "interrupted", hint: hint))
    }
    return findings
  }

  private static func explain(_ failure: ClientFailure) -> [Finding] {
    guard case .noDaemon(let attempts) = failure else {
      return [Finding(subject: "socket", detail: failure.message ?? "", hint: "qclient help")]
    }
    return attempts.map { attempt in
      Finding(
        subject: "socket (\(attempt.candidate.origin))", detail: attempt.error.description,
        hint: SocketLookup.advice([attempt]))
    }
  }

  private func examineHello(_ session: Session) throws(ClientFailure) -> [Finding] {
    let hello = try decode(HelloResult.self, try session.result(.ask(.hello)))
    let isKnown = hello.protocolVersion == HelloResult.currentProtocol
    let versions = "\(hello.server) \(hello.version), protocol \(hello.protocolVersion)"
    let mayInfer = hello.rights.contains("infer")
    return [
      Finding(
        subject: "version", detail: versions,
        hint: isKnown
          ? nil : "install a qclient of that release; this one speaks \(HelloResult.currentProtocol)"),
      Finding(
        subject: "rights", detail: hello.rights.isEmpty ? "none" : hello.rights.joined(separator: ", "),
        hint: mayInfer ? nil : "ask the administrator to allow uid \(getuid()) in quantd.conf"),
      Finding(
        subject: "kernels", detail: hello.instructionSet,
        hint: hello.instructionSet == "scalar"
          ? "nothing to do but expect slow answers: no SIMD was found" : nil),
    ]
  }

  private func examineStatus(_ session: Session) throws(ClientFailure) -> [Finding] {
    let status = try decode(ServiceStatus.self, try session.result(.ask(.status)))
    var findings = [
      Finding(
        subject: "state", detail: status.state,
        hint: status.state == "ready" ? nil : "qclient watch shows what it does")
    ]
    for task in ["classify", "generate"] {
      let model = status.defaults.first { $0.task == task }?.model
      findings.append(
        Finding(
          subject: "default model for \(task)", detail: model ?? "none",
          hint: model == nil ? "qclient list, then qclient promote MODEL:VERSION" : nil))
    }
    return findings
      + status.problems.map { Finding(subject: "daemon says", detail: $0, hint: "qclient status") }
  }
}
