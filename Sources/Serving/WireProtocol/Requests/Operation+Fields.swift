import JSON

extension Operation {
  init(_ name: Name, _ fields: inout Fields) throws(WireError) {
    switch name {
    case .classify: self = .infer(.classify(try ClassifyRequest(&fields)))
    case .generate: self = .infer(.generate(try GenerateRequest(&fields)))
    case .embed: self = .infer(.embed(try EmbedRequest(&fields)))
    case .hello: self = .ask(.hello)
    case .tokenize: self = .ask(.tokenize(try TokenizeRequest(&fields)))
    case .detokenize: self = .ask(.detokenize(try DetokenizeRequest(&fields)))
    case .models: self = .ask(.models)
    case .show: self = .ask(.show)
    case .ps: self = .ask(.ps)
    case .status: self = .ask(.status)
    case .stats: self = .ask(.stats)
    case .metrics: self = .ask(.metrics)
    case .install: self = .change(.install(try InstallRequest(&fields)))
    case .load: self = .change(.load)
    case .unload: self = .change(.unload)
    case .promote: self = .change(.promote(try PromoteRequest(&fields)))
    case .rollback:
      self = .change(.rollback(label: try fields.name("label") ?? PromoteRequest.defaultLabel))
    case .unlabel: self = .change(.unlabel(label: try fields.required(fields.name("label"), "label")))
    case .remove: self = .change(.remove(try RemoveRequest(&fields)))
    case .cancel: self = .cancel(target: try fields.required(fields.identifier("target"), "target"))
    case .watch: self = .watch
    }
  }

  /// The fields beside `id`, `op` and `model`; nil values are left out.
  var members: [(String, JSONValue?)] {
    switch self {
    case .infer(let inference): inference.members
    case .ask(let question): question.members
    case .change(let change): change.members
    case .cancel(let target): [("target", target.json)]
    case .watch: []
    }
  }
}

extension Operation.Inference {
  fileprivate var members: [(String, JSONValue?)] {
    switch self {
    case .classify(let request):
      Array(request.image.members.map { ($0.key, $0.value) }) + [
        ("top", .integer(request.top)), ("deadline_ms", request.deadlineMilliseconds.map { .integer($0) }),
      ]
    case .generate(let request): request.members
    case .embed(let request):
      request.input.members + [("deadline_ms", request.deadlineMilliseconds.map { .integer($0) })]
    }
  }
}

extension Operation.Question {
  fileprivate var members: [(String, JSONValue?)] {
    switch self {
    case .tokenize(let request):
      request.input.members(field: "text") + [("add_special", request.addsSpecial ? nil : false)]
    case .detokenize(let request): [("tokens", .array(request.tokens.map { .integer($0.index) }))]
    case .hello, .models, .show, .ps, .status, .stats, .metrics: []
    }
  }
}

extension Operation.Change {
  fileprivate var members: [(String, JSONValue?)] {
    switch self {
    case .install(let request):
      [
        ("fd", true), ("name", request.name.map { .string($0) }),
        ("label", request.label.map { .string($0) }),
        ("force", request.force ? true : nil),
      ]
    case .load, .unload: []
    case .promote(let request): [("label", .string(request.label)), ("force", request.force ? true : nil)]
    case .rollback(let label), .unlabel(let label): [("label", .string(label))]
    case .remove(let request): [("force", request.force ? true : nil)]
    }
  }
}

extension EmbedRequest.Input {
  fileprivate var members: [(String, JSONValue?)] {
    switch self {
    case .text(let text): [("text", .string(text))]
    case .image(let image): image.members.map { ($0.key, $0.value) }
    }
  }
}
