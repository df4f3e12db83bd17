import Arguments
import Importers
import Kernels
import Packs
import Quantization
import Reference

/// `qpack eval`: measures a pack, or every attention scheme on its model.
struct EvalCommand {
  static let options =
    [("--data", "DATA"), ("--reference", "DIR"), ("--limit", "N"), ("--threads", "N")]
    .map { ArgumentOption($0.0, value: $0.1, repetition: .refused) }
    + [ArgumentOption("--json"), ArgumentOption("--attention-study")]

  private let pack: ModelPack
  private let data: String
  private let reference: ReferenceModel?
  private let limit: Int?
  private let json: Bool
  private let study: Bool
  private let pool: WorkerPool

  init(_ arguments: ParsedArguments) throws {
    pool = try arguments.makePool()
    pack = try ModelPack(path: try arguments.single("pack"))
    data = try arguments.required("--data")
    reference = try arguments["--reference"].map { [pool] in
      let model = try ImportedModel.open($0)
      return try ReferenceModel(model.configuration, pool: pool, tensor: model.tensor)
    }
    limit = try arguments.count("--limit")
    json = arguments.has("--json")
    study = arguments.has("--attention-study")
    if study, reference == nil { throw UsageError("--attention-study needs --reference, the float32 model") }
  }

  func run() throws {
    let evaluator = PackEvaluator(pack: pack, reference: reference, pool: pool)
    if study {
      let rows = try evaluator.studyAttention(path: data, limit: limit)
      print(json ? try JSONText.encode(rows) : StudyTable(rows).text)
    } else {
      let entry = try evaluator.evaluate(path: data, limit: limit)
      print(json ? try JSONText.encode(entry) : QualityText.lines(entry).joined(separator: "\n"))
    }
  }
}
