import Arguments

/// An option of the command line. One list serves parsing, help and completion.
enum Flag: String, CaseIterable {
  case json, quiet, socket, timeout, model, stats, force, top, stop, seed, name, label, logprobs, raw, echo
  case system, special, chat, stream, help, version, temperature
  case noColor = "no-color"
  case maxTokens = "max-tokens"
  case topK = "top-k"
  case topP = "top-p"
  case minP = "min-p"
  case repetitionPenalty = "repetition-penalty"

  /// What follows the option, as help shows it; nil for a switch.
  var argument: String? {
    switch self {
    case .json, .quiet, .noColor, .stats, .force, .raw, .echo, .special, .chat, .stream, .help, .version: nil
    case .socket: "PATH"
    case .timeout: "SECONDS"
    case .model: "NAME[:VERSION|@LABEL]"
    case .top, .maxTokens, .topK, .logprobs, .seed: "N"
    case .temperature, .topP, .minP, .repetitionPenalty: "X"
    case .stop, .system: "TEXT"
    case .name: "NAME"
    case .label: "LABEL"
    }
  }

  /// How the command line spells it.
  var option: ArgumentOption {
    let short: String? =
      switch self {
      case .help: "-h"
      case .model: "-m"
      case .quiet: "-q"
      case .maxTokens: "-n"
      case .version: "-V"
      default: nil
      }
    return ArgumentOption(
      "--\(rawValue)", short: short, value: argument, repetition: self == .stop ? .all : .lastCounts)
  }

  var help: String {
    switch self {
    case .json: "print the daemon's JSON, one object a line"
    case .quiet: "print results only: no progress, no hints"
    case .noColor: "no colours, even on a terminal (also: NO_COLOR)"
    case .socket: "the daemon's socket (default: $QUANTD_SOCKET, the user's, the system's)"
    case .timeout: "give up after this long; the daemon stops working on it"
    case .model: "the model to ask (default: the daemon's for the task)"
    case .stats: "print time to first token, speed and cached tokens to stderr"
    case .force: "go on although the quality gate refuses, or although labels point to what is removed"
    case .top: "how many classes to print (default 5)"
    case .maxTokens: "the most tokens to generate"
    case .temperature: "0 is greedy, up to 5"
    case .topK: "keep the N likeliest tokens; 0 keeps all"
    case .topP: "keep the likeliest tokens of this total probability"
    case .minP: "keep tokens at least this likely relative to the likeliest"
    case .repetitionPenalty: "above 1 makes repeated tokens less likely"
    case .seed: "repeat an answer"
    case .stop: "end the answer before this text; may be given up to 16 times"
    case .logprobs: "report each token's log-probability and N alternatives (with --json)"
    case .raw: "continue the text as it stands, without the model's template"
    case .system: "what the model is told before the conversation"
    case .special: "take special tokens that the text spells as such"
    case .chat: "the tokens of the prompt that the model's template makes of the text"
    case .echo: "begin the answer with the prompt"
    case .stream: "with --json, print every event as it comes"
    case .name: "install under this name instead of the file's own"
    case .label: "the label to move (default for promote and rollback: stable)"
    case .help: "print help"
    case .version: "print the version"
    }
  }

  /// Options that every verb takes.
  static let general: [Flag] = [.json, .quiet, .noColor, .socket, .timeout, .help]
  /// Options that shape generated text.
  static let sampling: [Flag] = [
    .maxTokens, .temperature, .topK, .topP, .minP, .repetitionPenalty, .seed, .stop, .logprobs,
    .stream,
  ]
  /// Options of a single prompt.
  static let generation: [Flag] = sampling + [.raw, .echo]
}
