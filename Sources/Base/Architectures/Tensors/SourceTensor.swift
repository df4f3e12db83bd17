import TensorCore

/// Who names the tensors of a checkpoint.
package enum Dialect: Sendable, CaseIterable {
  case huggingFace, timm, gguf, llama2c
}

/// One tensor of a foreign checkpoint, in float32.
package struct SourceTensor: Sendable, Equatable {
  /// Its canonical name, which is used everywhere outside its file: Hugging Face's.
  package let name: String
  /// Its shape as Hugging Face stores it.
  package let shape: Shape
  /// Its name in each dialect that has it.
  package let names: [Dialect: String]
  /// The rows that belong to it, where a dialect stores several tensors as one.
  package let bands: [Dialect: Range<Int>]
  /// The rows of a head, for tensors that rotary embedding turns: dialects differ in which two rows of a head make a pair.
  package let rotaryHeadSize: Int?
}

/// A module of a checkpoint, whose `weight` and `bias` are tensors, or a parameter that is one tensor.
///
/// What the tables are written in: one line names it in every dialect.
struct SourceModule {
  let shape: Shape
  var names: [Dialect: String]
  var bands: [Dialect: Range<Int>] = [:]
  var rotaryHeadSize: Int?

  init(
    _ shape: Shape, huggingFace: String, timm: String? = nil, gguf: String? = nil, llama2c: String? = nil,
    timmRows: Range<Int>? = nil, rotaryHeadSize: Int? = nil
  ) {
    self.shape = shape
    self.rotaryHeadSize = rotaryHeadSize
    names = [.huggingFace: huggingFace]
    names[.timm] = timm
    names[.gguf] = gguf
    names[.llama2c] = llama2c
    bands[.timm] = timmRows
  }

  /// The module, its names preceded by each dialect's prefix.
  func prefixed(_ prefixes: [Dialect: String]) -> SourceModule {
    var module = self
    for (dialect, name) in names { module.names[dialect] = (prefixes[dialect] ?? "") + name }
    return module
  }

  var weight: SourceTensor { tensor(".weight", shape) }
  var bias: SourceTensor { tensor(".bias", [shape[0]]) }
  /// The module itself, where it is a single parameter.
  var parameter: SourceTensor { tensor("", shape) }

  private func tensor(_ suffix: String, _ shape: Shape) -> SourceTensor {
    // llama2.c knows no biases, and no suffixes.
    let own = names.filter { $0.key != .llama2c || suffix != ".bias" }
    let full = own.map { ($0.key, $0.key == .llama2c ? $0.value : $0.value + suffix) }
    return SourceTensor(
      name: (names[.huggingFace] ?? "") + suffix, shape: shape,
      names: Dictionary(uniqueKeysWithValues: full), bands: bands, rotaryHeadSize: rotaryHeadSize)
  }
}
