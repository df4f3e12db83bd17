import Architectures
import Arguments
import FoundationEssentials
import Importers
import Kernels
import Packs
import Quantization
import Reference
import Vocabulary

/// `qpack import`: a foreign model becomes a pack.
struct ImportCommand {
  private let source: InputPath
  private let output: String
  private let name: String
  private let quantization: QuantizationOptions
  private let calibration: DataChoice
  private let evaluation: DataChoice
  private let pool: WorkerPool
  private let progress: ProgressLine

  init(_ arguments: ParsedArguments) throws {
    quantization = try arguments.quantization()
    pool = try arguments.makePool()
    source = try InputPath(arguments.single("folder or file to import"))
    name = try ModelName.checked(arguments["--name"]) ?? ModelName.usual(for: source.path)
    output = try arguments["--output"] ?? Self.usualOutput(name)
    calibration = try DataChoice(arguments["--calibration"])
    evaluation = try DataChoice(arguments["--eval"])
    progress = ProgressLine(quiet: arguments.has("--quiet"))
  }

  /// A name that nobody chose replaces nothing.
  private static func usualOutput(_ name: String) throws(UsageError) -> String {
    let output = "\(name).qpack"
    guard !FileManager.default.fileExists(atPath: output) else {
      throw UsageError("\(output) is there already; name the output with -o to replace it")
    }
    return output
  }

  func run() throws {
    let unfinished = try UnfinishedPack(for: output)
    let (model, tokenizer) = try source.locating { try ImportedModel.withTokenizer(source.path) }
    for note in model.notes { standardError("qpack: \(note.oneLine)\n") }
    let builder = PackBuilder(
      model: model, tokenizer: tokenizer, options: quantization, pool: pool, report: progress.show)
    try source.locating { try builder.checkParts() }
    // Read before anything is computed, so that nobody waits for data that is not there.
    let unseen = try evaluation.read(for: model, .evaluation) {
      try builder.readEvaluation($0, limit: evaluation.isUsual ? Self.usualTokens : nil)
    }
    let errors = try write(builder, to: unfinished.path)
    let quality = try source.locating { try measure(unfinished.path, errors, model, unseen) }
    progress.show(ImportProgress(.writing, 0, of: 1))
    try PackBuilder.write(quality, into: unfinished.path)
    let report = try PackReport(ModelPack(path: unfinished.path)).text
    try unfinished.finish()
    progress.clear()
    print("\(report)\n  \("written to".padded(to: 14)) \(output.oneLine)")
  }

  /// Tokens that an import is measured on where nobody asks: enough for two digits, in seconds.
  private static let usualTokens = 1_000

  /// Quantizes and writes the pack; returns the errors of its layers. What the pack was made of is not kept.
  private func write(_ builder: PackBuilder, to path: String) throws -> [String: Double] {
    let data = try calibration.read(for: builder.model, .calibration) { try builder.read($0) }
    return try source.locating {
      let result = try builder.build(name: name, on: data)
      progress.show(ImportProgress(.writing, 0, of: 1))
      try builder.write(result, quality: nil, to: path)
      return result.layerErrors
    }
  }

  /// Opens the pack that was written, tries it out and measures it, so that the record describes the file
  /// itself.
  private func measure(
    _ path: String, _ errors: [String: Double], _ model: ImportedModel, _ data: ModelData?
  ) throws -> QualityRecord {
    let pack = try ModelPack(path: path)
    try pack.tryOut(pool: pool)
    let entry = try data.flatMap { try figures(pack, model, $0) }
    return QualityRecord(
      entries: entry.map { [$0] } ?? [], layerErrors: errors, bytes: pack.file.tensorBytes,
      date: Date.now.formatted(.iso8601))
  }

  /// - Returns: nil where nobody asked for figures and there are none to be had: the record then says unmeasured.
  private func figures(
    _ pack: ModelPack, _ model: ImportedModel, _ data: ModelData
  ) throws -> QualityRecord.Entry? {
    let reference = try ReferenceModel(model.configuration, pool: pool, tensor: model.tensor)
    let evaluator = PackEvaluator(pack: pack, reference: reference, pool: pool, report: progress.show)
    do {
      return try evaluator.evaluate(data)
    } catch let error as QuantizationError where evaluation.isUsual {
      progress.clear()
      standardError("qpack: not measured: \(error.description.oneLine)\n")
      return nil
    }
  }
}
