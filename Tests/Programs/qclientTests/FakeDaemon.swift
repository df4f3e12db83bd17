import Arguments
import Glibc
import Synchronization
import Transport
import Vocabulary
import WireProtocol

@testable import qclient

/// A daemon of one socket that answers requests as a test says, and remembers them.
final class FakeDaemon: Sendable {
  typealias Answer = @Sendable (_ request: Request, _ files: [FileDescriptor]) -> [Event]

  let directory: String
  let requests = Mutex<[Request]>([])
  private let server = Mutex<SocketServer?>(nil)

  init(_ answer: @escaping Answer) throws {
    var template = Array("/tmp/qclient-test-XXXXXX".utf8CString)
    directory = mkdtemp(&template).map { String(cString: $0) } ?? "/tmp/qclient-test-unavailable"
    let made = try SocketServer { [weak self] event in
      guard case .line(let id, let line, let files) = event, let self else { return }
      for event in self.events(for: line, files, answer) {
        self.server.withLock { $0 }?.send(event.encoded(), to: id)
      }
    }
    server.withLock { $0 = made }
    try made.start([UnixListener.bind(path: socketPath)])
  }

  deinit {
    server.withLock { $0 }?.stop()
    for name in ["s.sock", "s.sock.lock", "out", "err", "in"] { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  var socketPath: String { "\(directory)/s.sock" }

  private func events(for line: [UInt8], _ files: [FileDescriptor], _ answer: Answer) -> [Event] {
    do throws(RejectedRequest) {
      let request = try Request(line: line)
      requests.withLock { $0.append(request) }
      return answer(request, files)
    } catch {
      return [.error(error.id, error.error)]
    }
  }

  /// What a run of the client left behind.
  struct Outcome {
    let code: ExitStatus
    let output: String
    let error: String
  }

  /// Runs the client against this daemon with files for its streams.
  func run(_ words: String..., input: String = "", environment: [String: String] = [:]) -> Outcome {
    run(words, input: input, environment: environment)
  }

  func run(_ words: [String], input: String = "", environment: [String: String] = [:]) -> Outcome {
    let (output, error) = (open("out"), open("err"))
    let standardInput = open("in")
    _ = write(standardInput.number, Array(input.utf8), input.utf8.count)
    lseek(standardInput.number, 0, SEEK_SET)
    var variables = environment
    if variables["QUANTD_SOCKET"] == nil { variables["QUANTD_SOCKET"] = socketPath }
    let console = Console(
      input: standardInput.number, output: output.number, error: error.number, variable: { variables[$0] })
    let code = Command.main(words, console: console)
    return Outcome(code: code, output: text(output), error: text(error))
  }

  /// Runs the client with a terminal for all of its streams, at which `typed` was typed in advance; returns what the
  /// terminal shows, which must be little.
  func runAtTerminal(_ words: String..., typed: String = "", environment: [String: String] = [:]) -> Outcome {
    var (outer, inner): (CInt, CInt) = (-1, -1)
    guard openpty(&outer, &inner, nil, nil, nil) == 0 else {
      return Outcome(code: .internal, output: "", error: "no terminal")
    }
    let (screen, streams) = (FileDescriptor(owning: outer), FileDescriptor(owning: inner))
    _ = write(screen.number, Array(typed.utf8), typed.utf8.count)
    let variables = environment.merging(["QUANTD_SOCKET": socketPath]) { $1 }
    let console = Console(
      input: streams.number, output: streams.number, error: streams.number, variable: { variables[$0] })
    let code = Command.main(words, console: console)
    _ = fcntl(screen.number, F_SETFL, O_NONBLOCK)
    var (bytes, buffer): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 4096))
    while case let count = read(screen.number, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
    let shown = String(decoding: bytes, as: UTF8.self)
    return Outcome(code: code, output: shown.replacing("\r\n", with: "\n"), error: "")
  }

  private func open(_ name: String) -> FileDescriptor {
    FileDescriptor(owning: Glibc.open("\(directory)/\(name)", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600))
  }

  private func text(_ file: FileDescriptor) -> String {
    let size = max(0, lseek(file.number, 0, SEEK_END))
    var bytes = [UInt8](repeating: 0, count: size)
    let count = pread(file.number, &bytes, size, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
  }
}

extension FakeDaemon {
  static let summary = ModelSummary(
    name: "vit", version: 2, task: "classify", format: "int8", state: "live", labels: ["stable"],
    bytes: 5_662_310)

  /// Answers as a healthy daemon with one model of each task would.
  static let healthy: Answer = { request, files in
    let id = request.id
    if let model = request.model, !["vit", "tiny"].contains(model.name) {
      return [.error(id, WireError(.unknownModel, "no such model", parameter: "model"))]
    }
    switch request.operation {
    case .ask(.hello):
      return [.result(id, HelloResult(version: "0.1.0", instructionSet: "avx2", rights: ["infer"]))]
    case .infer(.classify(let classify)): return [classification(id, classify, files)]
    case .infer(.generate(let generate)):
      if case .chat = generate.input { return [.error(id, WireError(.noTemplate, "no template"))] }
      return generation(id, generate)
    case .infer(.embed):
      return [.result(id, EmbedResult(model: "vit:2", embedding: [0.5, -1], timings: Timings()))]
    case .ask(.tokenize(let tokenize)):
      return [.result(id, TokenizeResult(model: "tiny:1", tokens: pieces(tokenize.input)))]
    case .ask(.detokenize): return [.result(id, DetokenizeResult(model: "tiny:1", text: "Once"))]
    case .ask(.models): return [.result(id, ModelList(models: [summary]))]
    case .ask(.show):
      return [.result(id, ModelDetails(summary: summary, sha256: "ab", details: ["layers": 12]))]
    case .ask(.ps):
      return [
        .result(
          id,
          RunningModels(models: [RunningModel(summary: summary, memoryBytes: 1 << 20, active: 1, queued: 0)]))
      ]
    case .change:
      return [
        Event(id: id, .progress(ProgressEvent(message: "verifying", fraction: 0.5))),
        .result(id, ModelChange(model: "vit:2", state: "live", label: "stable", previous: "vit:1")),
      ]
    case .cancel(let target): return [.result(id, CancelResult(target: target, found: true))]
    case .ask(.status):
      return [
        .result(
          id,
          ServiceStatus(
            state: "ready", version: "0.1.0", uptimeSeconds: 90, instructionSet: "avx2", threads: 2,
            active: 0, queued: 0,
            memoryBytes: 1 << 20, defaults: [("classify", "vit:2"), ("generate", "tiny:1")]))
      ]
    case .ask(.stats): return [Event(id: id, .result(["requests": 3]))]
    case .ask(.metrics): return [.result(id, MetricsResult(text: "quantd_up 1\n"))]
    case .watch:
      return [Event(id: id, .progress(ProgressEvent(message: "vit:2 is live"))), Event(id: id, .result([:]))]
    }
  }

  private static func pieces(_ input: PromptInput) -> [TokenizedPiece] {
    switch input {
    case .text(let text, let special): [TokenizedPiece(id: 7, text: text, isSpecial: special)]
    case .tokens: []
    case .chat(let conversation):
      [TokenizedPiece(id: 1, text: "<|im_start|>", isSpecial: true)]
        + conversation.messages.map { TokenizedPiece(id: 7, text: $0.text) }
    }
  }

  private static func classification(_ id: RequestID, _ request: ClassifyRequest, _ files: [FileDescriptor])
    -> Event
  {
    var bytes = [UInt8](repeating: 0, count: 3)
    switch request.image {
    case .descriptor:
      guard let file = files.first, pread(file.number, &bytes, 3, 0) == 3 else {
        return .error(id, WireError(.badImage, "no bytes"))
      }
    case .bytes(let inline): bytes = Array(inline.prefix(3))
    }
    guard bytes == Array("P6\n".utf8) else { return .error(id, WireError(.badImage, "not a PNM image")) }
    let prediction = Prediction(label: "cat", index: 3, probability: 0.9731, logit: 8)
    return .result(id, ClassifyResult(model: "vit:2", predictions: [prediction], timings: Timings(total: 3)))
  }

  private static func generation(_ id: RequestID, _ request: GenerateRequest) -> [Event] {
    let usage = Usage(promptTokens: 2, completionTokens: 2)
    let timings = Timings(firstToken: 4, decode: 10)
    let done = DoneEvent(
      finishReason: .length, text: request.stream ? nil : " upon a", usage: usage, timings: timings,
      model: "tiny:1")
    let tokens =
      request.stream
      ? [" upon", " a"].enumerated().map { TokenEvent(text: $0.element, index: $0.offset) } : []
    return tokens.map { Event(id: id, .token($0)) } + [Event(id: id, .done(done))]
  }
}
