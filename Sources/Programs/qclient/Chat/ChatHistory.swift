import JSON
import WireProtocol

/// The messages of a conversation so far.
///
/// As a file it is one JSON object, `{"messages": [...]}`, whose messages are those of a request.
struct ChatHistory: Equatable {
  var system: String?
  private(set) var turns: [ChatMessage] = []

  init(system: String? = nil) { self.system = system }

  /// All messages, the system prompt first.
  var messages: [ChatMessage] { (system.map { [ChatMessage(.system, $0)] } ?? []) + turns }

  mutating func ask(_ text: String) { turns.append(ChatMessage(.user, text)) }

  /// Keeps what the model said, also where it was interrupted. A question to which nothing was said is dropped, so that
  /// it may be asked again.
  mutating func answer(_ text: String, reasoning: String) {
    guard !text.isEmpty || !reasoning.isEmpty else { return takeBack() }
    turns.append(ChatMessage(.assistant, text, reasoning: reasoning.isEmpty ? nil : reasoning))
  }

  /// Drops a question that was not answered.
  mutating func takeBack() {
    if turns.last?.role == .user { turns.removeLast() }
  }

  mutating func reset() { turns = [] }

  var file: [UInt8] { JSONValue.members(["messages": .array(messages.map(\.json))]).encoded() + [10] }

  /// - Throws: ``ClientFailure/chat(_:)`` where the bytes are no conversation, naming what is wrong.
  init(file bytes: [UInt8], name: String) throws(ClientFailure) {
    let json: JSONValue
    do {
      json = try JSONValue(parsing: bytes)
    } catch {
      throw .chat("\(name) is no conversation: \(error)")
    }
    guard case .array(let elements)? = json["messages"] else {
      throw .chat("\(name) is no conversation: it has no list 'messages'")
    }
    for (index, element) in elements.enumerated() {
      do throws(WireError) {
        turns.append(try ChatMessage(json: element))
      } catch {
        throw .chat("\(name) is no conversation: messages[\(index)]: \(error.message)")
      }
    }
    if let first = turns.first, first.role == .system {
      system = first.text
      turns.removeFirst()
    }
  }
}
