import Glibc
import JSON
import Transport
import Vocabulary
import WireProtocol

/// A conversation: reads turns, sends each with all that was said before, and prints the answers.
///
/// At a terminal a failure is told and the conversation goes on. In a pipe nobody could react, so it ends the program.
final class Chat {
  private let command: Command
  private let console: Console
  private let model: ModelReference?
  /// The options of the command line; its input is replaced by the conversation.
  private var request: GenerateRequest
  private var history: ChatHistory
  private var reader: LineReader
  private var turns = TurnAssembler()
  /// nil behind a failure of the connection, until the next question.
  private var session: Session?
  /// Whether a person sits at both ends.
  private let isInteractive: Bool

  /// Connects, so that a daemon that is not there is told before anybody types.
  init(_ command: Command) throws(ClientFailure) {
    self.command = command
    console = command.console
    model = try command.chatModel()
    request = try command.generateRequest(.chat(Conversation(messages: [])))
    history = ChatHistory(system: command.invocation.text(.system))
    reader = LineReader(console.input)
    isInteractive = console.outputIsTerminal && isatty(console.input) == 1
    session = try command.connect()
  }

  /// Talks until the input ends.
  func run() throws(ClientFailure) {
    if isInteractive, !console.isQuiet { console.note("Type a message. /help tells more; Ctrl-D leaves.") }
    while let turn = try nextTurn() {
      do throws(ClientFailure) {
        switch turn {
        case .message(let text): try answer(text)
        case .command(let command): try perform(command)
        }
      } catch {
        try survive(error)
      }
    }
  }

  private func nextTurn() throws(ClientFailure) -> TurnAssembler.Turn? {
    while true {
      if isInteractive { try console.write(turns.isOpen ? "... " : ">>> ") }
      command.interrupt?.rearm(isInteractive)
      do throws(ClientFailure) {
        switch try reader.next(interruptedBy: isInteractive ? command.interrupt?.descriptor : nil) {
        case .line(let line): if let turn = try turns.take(line) { return turn }
        case .interrupted:
          turns.drop()
          try console.write("\n")
        case .end:
          if isInteractive { try console.write("\n") }
          return turns.finish()
        }
      } catch {
        // What cannot be read now can never be.
        if case .file = error { throw error }
        try survive(error)
      }
    }
  }

  /// Asks with the whole conversation, of which the model has read all but the question, and prints the answer.
  private func answer(_ text: String) throws(ClientFailure) {
    history.ask(text)
    request.input = .chat(Conversation(messages: history.messages))
    var printer = AnswerPrinter(console: console, wantsJSON: command.wantsJSON)
    command.interrupt?.rearm(true)
    // What was said stays said, whatever ended it: the user has read it and may refer to it.
    defer { history.answer(printer.text, reasoning: printer.reasoning) }
    do throws(ClientFailure) {
      let last = try connected().run(.infer(.generate(request)), model: model) {
        event throws(ClientFailure) in try printer.take(event)
      }
      let done = try printer.finish(last)
      if command.invocation.has(.stats) { console.note(Command.statistics(done)) }
      if done.finishReason == .deadline { throw .timedOut(milliseconds: command.timeout ?? 0) }
    } catch {
      try printer.endLine()
      throw error
    }
  }

  private func connected() throws(ClientFailure) -> Session {
    if let session { return session }
    let session = try command.connect()
    self.session = session
    return session
  }

  private func perform(_ command: ChatCommand) throws(ClientFailure) {
    switch command {
    case .help: try console.line(ChatCommand.overview)
    case .reset: history.reset()
    case .system(let text): history.system = text
    case .save(let path): try save(path)
    case .load(let path):
      let bytes = try InputFile(path, standardInput: console.input).contents(limit: JSONLimits.lineBytes)
      history = try ChatHistory(file: bytes, name: path)
    }
  }

  /// Writes the conversation to a file that its owner alone may read.
  private func save(_ path: String) throws(ClientFailure) {
    let number = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0o600)
    guard number >= 0 else { throw .file(SystemFailure("write", path)) }
    let file = FileDescriptor(owning: number)
    let bytes = history.file
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(file.number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw .file(SystemFailure("write", path)) }
      done += count
    }
  }

  /// Tells a failure to a person and goes on, or ends a program in a pipe.
  private func survive(_ failure: ClientFailure) throws(ClientFailure) {
    switch failure {
    case .connection, .badAnswer, .timedOut: session = nil
    case .usage, .file, .badInput, .chat, .noDaemon, .interrupted, .output, .refused, .someFailed, .unhealthy:
      break
    }
    if case .output = failure { throw failure }
    guard isInteractive else { throw failure }
    Command.report(failure, console)
  }
}

extension Command {
  func chat() throws(ClientFailure) { try Chat(self).run() }

  /// The model that the operand or `--model` names.
  fileprivate func chatModel() throws(ClientFailure) -> ModelReference? {
    guard !invocation.operands.isEmpty else { return try invocation.model() }
    guard invocation.text(.model) == nil else { throw .usage("the model is named twice") }
    return try invocation.operandModel()
  }
}
