/// What a request asks for, with everything it needs to be carried out.
package enum Operation: Sendable, Equatable {
  /// Work for a model, which takes its turn in the engine.
  case infer(Inference)
  /// Something to know; nothing changes.
  case ask(Question)
  /// A change of what is installed, loaded or labelled; only administrators may ask for it.
  case change(Change)
  /// Ends another request of this connection, whatever it is doing.
  case cancel(target: RequestID)
  /// Registry and service events as `progress`, until cancelled.
  case watch

  /// The names of all operations, as they are spelt in `op`.
  package enum Name: String, Sendable, CaseIterable {
    case hello, classify, generate, embed, tokenize, detokenize, models, show, ps, install, load, unload,
      promote
    case rollback, unlabel, remove, cancel, status, stats, metrics, watch

    /// Whether the request must say which model it means; others fall back on the configured default.
    package var needsModel: Bool {
      switch self {
      case .show, .load, .unload, .promote, .rollback, .unlabel, .remove: true
      case .hello, .classify, .generate, .embed, .tokenize, .detokenize, .models, .ps, .install, .cancel,
        .status, .stats, .metrics, .watch:
        false
      }
    }
  }

  package var name: Name {
    switch self {
    case .infer(let inference): inference.name
    case .ask(let question): question.name
    case .change(let change): change.name
    case .cancel: .cancel
    case .watch: .watch
    }
  }
}

extension Operation {
  /// Work for a model, which takes its turn in the engine.
  package enum Inference: Sendable, Equatable {
    case classify(ClassifyRequest)
    case generate(GenerateRequest)
    case embed(EmbedRequest)

    package var name: Name {
      switch self {
      case .classify: .classify
      case .generate: .generate
      case .embed: .embed
      }
    }
  }

  /// Something to know; answered at once, also while the service stops.
  package enum Question: Sendable, Equatable {
    /// Who are you, and what may I do? Answered also while models load.
    case hello
    case tokenize(TokenizeRequest)
    case detokenize(DetokenizeRequest)
    /// Every installed version.
    case models
    /// One model in full: architecture, preprocessing, quality record.
    case show
    /// What is loaded, and how busy it is.
    case ps
    case status
    case stats
    /// The daemon's counters in the Prometheus text format.
    case metrics

    package var name: Name {
      switch self {
      case .hello: .hello
      case .tokenize: .tokenize
      case .detokenize: .detokenize
      case .models: .models
      case .show: .show
      case .ps: .ps
      case .status: .status
      case .stats: .stats
      case .metrics: .metrics
      }
    }
  }

  /// A change of what is installed, loaded or labelled; only administrators may ask for it.
  package enum Change: Sendable, Equatable {
    case install(InstallRequest)
    case load
    case unload
    case promote(PromoteRequest)
    /// Puts the previous version back under the label.
    case rollback(label: String)
    /// Takes a label away from its model.
    case unlabel(label: String)
    case remove(RemoveRequest)

    package var name: Name {
      switch self {
      case .install: .install
      case .load: .load
      case .unload: .unload
      case .promote: .promote
      case .rollback: .rollback
      case .unlabel: .unlabel
      case .remove: .remove
      }
    }
  }
}
