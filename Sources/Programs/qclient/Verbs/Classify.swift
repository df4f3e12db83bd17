import JSON
import Vocabulary
import WireProtocol

extension Command {
  /// The largest image that fits a line as base64, with room for the rest of the request.
  private static let inlineLimit = (JSONLimits.lineBytes - 4096) / 4 * 3

  /// How many images are sent ahead of the one whose answer is printed: enough for the daemon to batch.
  private static let imagesAhead = 4

  /// Classifies every file; a file that fails does not stop the others, but decides the exit code.
  func classify() throws(ClientFailure) {
    let top = try invocation.integer(.top, in: ClassifyRequest.allowedTop) ?? ClassifyRequest.defaultTop
    let model = try invocation.model()
    let session = try connect()
    let names = invocation.operands
    var sent: [Result<Request, ClientFailure>] = []
    var firstFailure: ClientFailure?
    for (index, name) in names.enumerated() {
      while sent.count < min(names.count, index + Self.imagesAhead) {
        sent.append(begin(names[sent.count], top, model, session))
      }
      do throws(ClientFailure) {
        try finish(sent[index], name, isFirst: index == 0, session)
      } catch {
        guard names.count > 1, error.concernsOneInput else { throw error }
        console.note("qclient: \(name): \(error.message ?? "failed")")
        firstFailure = firstFailure ?? error
      }
    }
    if let firstFailure { throw .someFailed(firstFailure.exitStatus) }
  }

  /// Sends one file. A failure is kept, and printed when the file's turn comes.
  private func begin(
    _ name: String, _ top: Int, _ model: ModelReference?, _ session: Session
  ) -> Result<Request, ClientFailure> {
    Result { () throws(ClientFailure) in
      let file = try InputFile(name, standardInput: console.input)
      let isPassed = file.isRegular
      let image = isPassed ? ImageInput.descriptor : .bytes(try file.contents(limit: Self.inlineLimit))
      let request = ClassifyRequest(image: image, top: top, deadlineMilliseconds: timeout)
      return try session.begin(
        .infer(.classify(request)), model: model, descriptors: isPassed ? [file.descriptor.number] : [])
    }
  }

  private func finish(
    _ sent: Result<Request, ClientFailure>, _ name: String, isFirst: Bool, _ session: Session
  ) throws(ClientFailure) {
    let last = try session.finish(try sent.get()) { _ throws(ClientFailure) in }
    guard case .result(let json) = last.body else { throw .badAnswer("'result' expected") }
    try printClassification(json, name, isFirst: isFirst)
  }

  private func printClassification(_ json: JSONValue, _ name: String, isFirst: Bool) throws(ClientFailure) {
    let isOneOfMany = invocation.operands.count > 1
    if wantsJSON {
      guard isOneOfMany, case .object(let object) = json else { return try console.line(json.encoded()) }
      let named = JSONObject(members: [.init(name: "file", value: .string(name))] + object.members)
      return try console.line(JSONValue.object(named).encoded())
    }
    let result = try decode(ClassifyResult.self, json)
    if isOneOfMany { try console.heading((isFirst ? "" : "\n") + "\(name.oneLine):") }
    for prediction in result.predictions {
      try console.line("\(prediction.label.oneLine)  \(Format.percent(prediction.probability))")
    }
    if invocation.has(.stats) {
      console.note("\(result.model), \(Format.duration(result.timings.total ?? 0))")
    }
  }
}

extension ClientFailure {
  /// Whether the next file may still succeed.
  var concernsOneInput: Bool {
    switch self {
    case .file, .badInput: true
    case .refused(let error, _, _): error.code == .badImage || error.code == .badRequest
    case .usage, .noDaemon, .connection, .badAnswer, .timedOut, .interrupted, .output, .unhealthy,
      .chat, .someFailed:
      false
    }
  }
}
