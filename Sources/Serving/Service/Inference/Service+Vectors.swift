import Engine
import ImageProcessing
import Packs
import Vocabulary
import WireProtocol

extension Service {
  /// Names what an image shows.
  func classify(
    _ request: ClassifyRequest, _ line: Request, _ files: [PassedFile], _ caller: Caller
  ) throws(WireError) {
    let image = try decode(request.image, files)
    try submit(line, for: .classify, caller) { [self] attempt throws(WireError) in
      let input = VectorJob.Input.image(try prepared(image, for: attempt.model))
      let model = attempt.model
      return vectorJob(input, attempt, line, caller, deadline: request.deadlineMilliseconds) {
        logits, _, timings in
        ClassifyResult(
          model: model.id.description,
          predictions: ClassScore.ranked(logits, top: request.top).map { .init($0, model.pack) },
          timings: timings)
      }
    }
  }

  /// Finds the vector that stands for a text or an image.
  func embed(
    _ request: EmbedRequest, _ line: Request, _ files: [PassedFile], _ caller: Caller
  ) throws(WireError) {
    let deadline = request.deadlineMilliseconds
    switch request.input {
    case .text(let text):
      try submit(line, for: .generate, caller) { [self] attempt throws(WireError) in
        let maker = try promptMaker(for: attempt.model)
        let tokens = try maker.prompt(.text(text), around: .whole, leaving: 0).tokens
        let usage = Usage(promptTokens: tokens.count, completionTokens: 0)
        return embedding(of: .prompt(tokens), usage, attempt, line, caller, deadline: deadline)
      }
    case .image(let input):
      let image = try decode(input, files)
      try submit(line, for: .classify, caller) { [self] attempt throws(WireError) in
        let input = VectorJob.Input.image(try prepared(image, for: attempt.model))
        return embedding(of: input, nil, attempt, line, caller, deadline: deadline)
      }
    }
  }

  private func embedding(
    of input: VectorJob.Input, _ usage: Usage?, _ attempt: Attempt, _ line: Request, _ caller: Caller,
    deadline: Int?
  ) -> PreparedJob {
    let model = attempt.model.id.description
    return vectorJob(input, attempt, line, caller, deadline: deadline) { _, embedding, timings in
      EmbedResult(model: model, embedding: embedding, usage: usage, timings: timings)
    }
  }

  /// The job that is answered with what `result` makes of its logits and embedding.
  private func vectorJob<Result: JSONRepresentable>(
    _ input: VectorJob.Input, _ attempt: Attempt, _ line: Request, _ caller: Caller, deadline: Int?,
    result: @escaping @Sendable (_ logits: [Float], _ embedding: [Float], Timings) -> Result
  ) -> PreparedJob {
    let job = VectorJob(
      id: attempt.job, uid: caller.uid, model: attempt.model.key, input: input,
      deadline: deadline.map { .now + .milliseconds($0) }
    ) { [self] event in
      switch event {
      case .refused(let refusal): attempt.refused(refusal)
      case .ended(let reason): finish(line.id, caller, .error(line.id, WireError(reason)))
      case .result(let logits, let embedding, let timings):
        finish(line.id, caller, .result(line.id, result(logits, embedding, Timings(timings))))
      }
    }
    return .vector(job)
  }

  private func decode(_ input: ImageInput, _ files: [PassedFile]) throws(WireError) -> Image {
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
