import TensorCore

/// A validated safetensors file: names, metadata and views into the mapping.
///
///     byte 0      UInt64, little-endian   length n of the header
///     byte 8      n bytes                 JSON object: "__metadata__": {string: string}, and for each tensor
///                                         name: {"dtype": …, "shape": […], "data_offsets": [begin, end]}
///     byte 8 + n  the rest                tensor data; offsets count from here
///
/// Everything is checked on opening, so a view never reaches beyond its tensor: the tensors cover the data
/// without overlap and without holes, and each holds exactly the bytes of its shape and type. The order of
/// the tensors in the header is free. Data need not be aligned (see ``PackedModel`` for files whose data is).
///
/// - Complexity of opening: O(header); data is not touched.
package struct SafetensorsFile: Sendable {
  /// The most header bytes read. The reference implementation allows 100 MB; models of 1,000 tensors need 0.1
  /// MB.
  package static let headerLimit = 16 << 20
  /// The most dimensions of a tensor.
  package static let rankLimit = 8

  /// The strings of the `__metadata__` object.
  package let metadata: [String: String]
  /// The names of all tensors in the order of their data.
  package let names: [String]
  package let mapping: MappedFile
  private let entries: [String: SafetensorsHeader.Entry]
  /// The file offset of data byte 0.
  let dataOffset: Int

  /// Checks the header of `mapping`.
  ///
  /// - Throws: ``CheckpointError`` naming the tensor and the rule that it breaks.
  package init(_ mapping: MappedFile) throws(CheckpointError) {
    do throws(CheckpointError.Problem) {
      let length = try Self.headerLength(mapping.bytes)
      let data = mapping.bytes.count - 8 - length
      let header = try SafetensorsHeader(Array(mapping.bytes[8..<8 + length]), dataSize: data)
      metadata = header.metadata
      names = header.order
      entries = header.entries
      dataOffset = 8 + length
    } catch {
      throw CheckpointError(file: mapping.name, problem: error)
    }
    self.mapping = mapping
  }

  /// Maps and checks the file at `path`.
  package init(path: String) throws(CheckpointError) { try self.init(MappedFile(path: path)) }

  private static func headerLength(_ bytes: UnsafeRawBufferPointer) throws(CheckpointError.Problem) -> Int {
    guard bytes.count >= 8 else { throw .tooShort(bytes: bytes.count) }
    let claimed = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard claimed <= UInt64(headerLimit) else { throw .headerTooLong(bytes: claimed, limit: headerLimit) }
    guard Int(claimed) <= bytes.count - 8 else {
      throw .headerBeyondFile(bytes: Int(claimed), available: bytes.count - 8)
    }
    return Int(claimed)
  }

  /// The file's name, for messages.
  package var name: String { mapping.name }

  /// The tensor `name`, or nil where there is none. The view keeps the mapping alive.
  package subscript(name: String) -> TensorView? {
    guard let entry = entries[name] else { return nil }
    let range = dataOffset + entry.offsets.lowerBound..<dataOffset + entry.offsets.upperBound
    return TensorView(
      bytes: UnsafeRawBufferPointer(rebasing: mapping.bytes[range]), type: entry.type, shape: entry.shape,
      owner: mapping)
  }

  /// Where tensor `name` starts in the file; 0 where there is none.
  package func fileOffset(of name: String) -> Int {
    dataOffset + (entries[name]?.offsets.lowerBound ?? -dataOffset)
  }

  /// The tensor `name`.
  ///
  /// - Throws: ``CheckpointError`` `missingTensor` where there is none.
  package func tensor(_ name: String) throws(CheckpointError) -> TensorView {
    guard let view = self[name] else { throw CheckpointError(file: self.name, problem: .missingTensor(name)) }
    return view
  }
}
