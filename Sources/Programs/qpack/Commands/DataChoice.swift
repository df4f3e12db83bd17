import Architectures
import Arguments
import Importers
import Quantization

/// What an import calibrates or measures on: data that somebody named, nothing, or the usual.
enum DataChoice {
  case named(InputPath)
  case none
  /// A built-in text for language models, nothing for others.
  case usual

  enum Purpose { case calibration, evaluation }

  init(_ option: String?) throws(CommandFailure) {
    switch option {
    case nil: self = .usual
    case "none"?: self = .none
    case let path?: self = .named(try InputPath(path))
    }
  }

  var isUsual: Bool { if case .usual = self { true } else { false } }

  /// Reads what was chosen; nil for nothing.
  func read<Data>(
    for model: ImportedModel, _ purpose: Purpose, _ body: (DataSource) throws -> Data
  ) throws -> Data? {
    switch self {
    case .named(let input): return try input.locating { try body(.file(input.path)) }
    case .none: return nil
    case .usual:
      guard let traits = model.configuration.sequences, traits.context > 2 else { return nil }
      // A tokenizer that makes nothing of the text is no reason to refuse the model.
      do {
        return try body(.builtIn(purpose == .calibration ? .calibration : .evaluation))
      } catch is QuantizationError {
        return nil
      }
    }
  }
}
