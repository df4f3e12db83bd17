import Engine
import ImageProcessing
import Packs
import WireProtocol

extension Service {
  func classify(
    _ request: ClassifyRequest, _ line: Request, _ files: [PassedFile], _ caller: Caller
  ) throws(WireError) {
    let image = try decode(request.image, files)
    try classify(image, request, line, caller, attempt: 0)
  }

  private func classify(
    _ image: Image, _ request: ClassifyRequest, _ line: Request, _ caller: Caller, attempt: Int
  ) throws(WireError) {
    let model = try catalog.running(line.model, for: .classify)
    try submit(
      .image(prepared(image, for: model)), model, line, caller, deadline: request.deadlineMilliseconds
    ) {
      logits, _, timings in
      ClassifyResult(
        model: model.id.description, predictions: ClassScore.ranked(logits, top: request.top).map { .init($0, model.pack) },
        timings: timings)
    } again: { [self] () throws(WireError) in
      guard attempt < 3 else { throw WireError(.modelNotLoaded, "'\(model.id)' was unloaded") }
      try classify(image, request, line, caller, attempt: attempt + 1)
    }
  }

  func embed(
    _ request: EmbedRequest, _ line: Request, _ files: [PassedFile], _ caller: Caller, attempt: Int = 0
  ) throws(WireError) {
    let isText = if case .text = request.input { true } else { false }
    let model = try catalog.running(line.model, for: isText ? .generate : .classify)
    var usage: Usage?
    let input: VectorJob.Input
    switch request.input {
    case .image(let image): input = .image(try prepared(decode(image, files), for: model))
    case .text(let text):
      let (traits, tokenizer) = try languageParts(of: model)
      let tokens = try promptTokens(text, tokenizer, traits)
      usage = Usage(promptTokens: tokens.count, completionTokens: 0)
      input = .prompt(tokens)
    }
    try submit(input, model, line, caller, deadline: request.deadlineMilliseconds) {
      [usage] _, embedding, timings in
      EmbedResult(model: model.id.description, embedding: embedding, usage: usage, timings: timings)
    } again: { [self] () throws(WireError) in
      guard attempt < 3 else { throw WireError(.modelNotLoaded, "'\(model.id)' was unloaded") }
      try embed(request, line, files, caller, attempt: attempt + 1)
    }
  }

  /// Runs one vector job and answers with what `result` makes of its logits and embedding.
  private func submit<Result: JSONRepresentable>(
    _ input: VectorJob.Input, _ model: LoadedModel, _ line: Request, _ caller: Caller, deadline: Int?,
    result: @escaping @Sendable (_ logits: [Float], _ embedding: [Float], Timings) -> Result,
    again: @escaping @Sendable () throws(WireError) -> Void
  ) throws(WireError) {
    let id = engine.makeRequestID()
    try book.enter(line.id, .job(id), on: caller.connection)
    let job = VectorJob(
      id: id, uid: caller.uid, model: model.key, input: input,
      deadline: deadline.map { .now + .milliseconds($0) }
    ) { [self] event in
      switch event {
      case .refused(.modelNotLoaded): retry(line, caller, again)
      case .refused(let refusal):
        finish(line.id, caller, .error(line.id, WireError(refusal, model: model.id.description)))
      case .ended(let reason): finish(line.id, caller, .error(line.id, WireError(reason)))
      case .result(let logits, let embedding, let timings):
        finish(line.id, caller, .result(line.id, result(logits, embedding, Timings(timings))))
      }
    }
    engine.submit(job)
  }

  private func decode(_ input: ImageInput, _ files: [PassedFile]) throws(WireError) -> Image {
    engine.expectJob()
    do {
      switch input {
      case .bytes(let bytes): return try PNM.decode(bytes, maxPixels: policy.maxImagePixels)
      case .descriptor:
        guard let file = files.first else {
          throw WireError(.badRequest, "'fd' is true, but no descriptor came with the line", parameter: "fd")
        }
        return try PNM.decode(
          file.contents(limit: 6 * policy.maxImagePixels + 4096), maxPixels: policy.maxImagePixels)
      }
    } catch let error as ImageError {
      throw WireError(.badImage, error.description, parameter: "image")
    } catch let error as WireError {
      throw error
    } catch {
      throw WireError(.badImage, "\(error)", parameter: "image")
    }
  }

  private func prepared(_ image: Image, for model: LoadedModel) throws(WireError) -> PreparedImage {
    guard let images = model.pack.configuration.images, let recipe = model.pack.preprocessing else {
      throw wrongTask(model, needs: "an image classifier")
    }
    do {
      return try preprocess(image, recipe, size: images.inputSize)
    } catch {
      throw WireError(.badImage, error.description, parameter: "image")
    }
  }
}

extension Prediction {
  fileprivate init(_ score: ClassScore, _ pack: ModelPack) {
    self.init(
      label: pack.label(score.index), index: score.index, probability: score.probability,
      logit: Double(score.logit))
  }
}
