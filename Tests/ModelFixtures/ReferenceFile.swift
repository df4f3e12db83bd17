import Checkpoints
import FoundationEssentials
import TensorCore
import TestSupport

/// Expected results computed in float64 by another program.
package struct ReferenceFile {
  private let tensors: SafetensorsFile
  private let json: Data

  package init(_ name: String) throws {
    tensors = try SafetensorsFile(path: SharedData.path("reference/\(name).safetensors"))
    json = try Data(contentsOf: URL(filePath: SharedData.path("reference/\(name).json")))
  }

  package func floats(_ name: String) throws -> FloatTensor {
    try tensors.tensor(name).floats(name: name, file: tensors.name)
  }

  /// Token ids, whichever integer type they are stored in.
  package func integers(_ name: String) throws -> [Int] {
    let view = try tensors.tensor(name)
    return (0..<view.elementCount).map { index in
      let offset = index * view.type.byteSize
      return view.type == .i64
        ? Int(view.bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
        : Int(view.bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self))
    }
  }

  /// The JSON beside the tensors; its keys are in snake case.
  package func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    return try decoder.decode(type, from: json)
  }
}

/// The largest absolute difference of two rows of numbers, infinite where their counts differ or one is NaN.
package func largestDifference(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
  guard a.count == b.count else { return .infinity }
  return zip(a, b).reduce(0) { worst, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(worst, difference)
  }
}
