/// What the client can do. One list serves dispatch, help and completion.
enum Verb: String, CaseIterable {
  case classify, generate, chat, embed, tokenize, detokenize
  case list, show, ps
  case install, promote, rollback, unlabel, load, unload, remove
  case status, stats, metrics, watch, doctor
  case completion, help, version

  /// The operands, as help shows them.
  var operands: String {
    switch self {
    case .classify: "FILE…|-"
    case .generate, .embed, .tokenize: "TEXT|-"
    case .detokenize: "ID…"
    case .chat: "[MODEL]"
    case .install: "FILE.qpack"
    case .show, .rollback, .load, .unload, .remove: "MODEL"
    case .promote: "MODEL:VERSION"
    case .unlabel: "MODEL@LABEL"
    case .completion: "bash|zsh|fish"
    case .help: "[VERB]"
    case .list, .ps, .status, .stats, .metrics, .watch, .doctor, .version: ""
    }
  }

  /// How many operands there may be; the parser checks it.
  var operandCount: ClosedRange<Int> {
    switch self {
    case .classify, .detokenize: 1...Int.max
    case .generate, .embed, .tokenize: 0...1
    case .install, .show, .promote, .rollback, .unlabel, .load, .unload, .remove, .completion: 1...1
    case .help, .chat: 0...1
    case .list, .ps, .status, .stats, .metrics, .watch, .doctor, .version: 0...0
    }
  }

  var help: String {
    switch self {
    case .classify: "name what an image shows (PPM or PGM)"
    case .generate: "answer a prompt, or continue it"
    case .chat: "talk with a model"
    case .embed: "print the vector that stands for a text"
    case .tokenize: "print the tokens of a text"
    case .detokenize: "print the text of tokens"
    case .list: "list installed models"
    case .show: "print a model's details and quality record"
    case .ps: "list loaded models and their load"
    case .install: "install a model file as the next version"
    case .promote: "make a version the one that answers"
    case .rollback: "go back to the version before"
    case .unlabel: "take a label away from a model"
    case .load: "load a version without promoting it"
    case .unload: "free a version's memory"
    case .remove: "delete an installed version"
    case .status: "print how the daemon is"
    case .stats: "print counters and latencies"
    case .metrics: "print metrics in the Prometheus text format"
    case .watch: "print events of models and service until interrupted"
    case .doctor: "find out why something does not work"
    case .completion: "print a completion script for a shell"
    case .help: "print help"
    case .version: "print the version"
    }
  }

  /// The options beside ``Flag/general``.
  var flags: [Flag] {
    switch self {
    case .classify: [.model, .top, .stats]
    case .generate: [.model, .stats] + Flag.generation
    case .embed: [.model, .stats]
    case .chat: [.model, .stats, .system] + Flag.sampling
    case .tokenize: [.model, .chat, .special]
    case .detokenize: [.model]
    case .install: [.name, .label, .force]
    case .promote: [.label, .force]
    case .rollback: [.label]
    case .remove: [.force]
    case .list, .show, .ps, .unlabel, .load, .unload, .status, .stats, .metrics, .watch, .doctor, .completion,
      .help,
      .version:
      []
    }
  }

  /// The groups of the overview.
  static let groups: [(title: String, verbs: [Verb])] = [
    ("Ask a model", [.classify, .generate, .chat, .embed, .tokenize, .detokenize]),
    ("See models", [.list, .show, .ps]),
    ("Manage models", [.install, .promote, .rollback, .unlabel, .load, .unload, .remove]),
    ("See the daemon", [.status, .stats, .metrics, .watch, .doctor]),
    ("This program", [.completion, .help, .version]),
  ]

  /// The verb called `word`; `rm` and `swap` are what other tools call two of them.
  init?(word: String) {
    switch word {
    case "rm": self = .remove
    case "swap": self = .promote
    default: self.init(rawValue: word)
    }
  }
}
