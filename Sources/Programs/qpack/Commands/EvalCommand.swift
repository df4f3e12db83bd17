import Arguments
import Importers
import Kernels
import Packs
import Quantization
import Reference

/// `qpack eval`: measures a pack, or every attention scheme on its model.
struct EvalCommand {
  static let help = CommandHelp(
    verb: "eval", operands: "X.qpack [OPTIONS]",
    summary: "measure a pack, beside its float32 model where that is named",
    options: [
      .init("--data", "DATA", "images or a text (a built-in text for language models)"),
      .init("--reference", "DIR|FILE", "the float32 model that the pack was imported from"),
      .init("--limit", "N", "at most so many images or tokens (all images, 2,000 tokens)"),
      .init("--attention-study", nil, "every attention scheme against float32 attention; needs --reference"),
      .init("--threads", "N", "threads (all cores that this process may use)"),
      .init("--json", nil, "one JSON object"),
      .init("--quiet", short: "-q", nil, "no progress"),
    ],
    details: """
        Images: top-1, and the share of pictures on which pack and float32 agree. A text: nats per token,
        perplexity ratio, KL divergence and agreement on the next token. Images come as a CIFAR binary, idx, or a
        folder of class folders with PNM files; texts as plain UTF-8.
      """)

  private let input: InputPath
  private let data: DataSource
  private let reference: InputPath?
  private let limit: Int?
  private let json: Bool
  private let study: Bool
  private let pool: WorkerPool
  private let progress: ProgressLine

  init(_ arguments: ParsedArguments) throws {
    pool = try arguments.makePool()
    input = try InputPath(arguments.single("pack"))
    data = try arguments["--data"].map { .file(try InputPath($0).path) } ?? .builtIn(.evaluation)
    reference = try arguments["--reference"].map { try InputPath($0) }
    limit = try arguments.count("--limit")
    json = arguments.has("--json")
    study = arguments.has("--attention-study")
    progress = ProgressLine(quiet: arguments.has("--quiet"))
    if study, reference == nil { throw UsageError("--attention-study needs --reference, the float32 model") }
    if study, arguments["--data"] == nil { throw UsageError("--attention-study needs --data") }
  }

  func run() throws {
    let pack = try input.locating { try ModelPack(path: input.path) }
    if case .builtIn = data, pack.configuration.sequences == nil {
      throw UsageError("--data is missing: images to classify")
    }
    let float = try reference.map { reference in
      try reference.locating {
        let model = try ImportedModel.open(reference.path)
        return try ReferenceModel(model.configuration, pool: pool, tensor: model.tensor)
      }
    }
    let evaluator = PackEvaluator(pack: pack, reference: float, pool: pool, report: progress.show)
    print(try study ? table(evaluator) : figures(evaluator))
  }

  private func figures(_ evaluator: PackEvaluator) throws -> String {
    let read = try located { try evaluator.read(data, limit: limit) }
    let entry = try evaluator.evaluate(read)
    progress.clear()
    return json ? try JSONText.encode(entry) : QualityText.lines(entry).joined(separator: "\n")
  }

  private func table(_ evaluator: PackEvaluator) throws -> String {
    guard case .file(let path) = data else { return "" }
    let rows = try located { try evaluator.studyAttention(path: path, limit: limit) }
    return json ? try JSONText.encode(rows) : StudyTable(rows).text
  }

  /// Errors of the data name its whole path.
  private func located<Result>(_ body: () throws -> Result) throws -> Result {
    guard case .file(let path) = data else { return try body() }
    return try InputPath(path).locating(body)
  }
}
