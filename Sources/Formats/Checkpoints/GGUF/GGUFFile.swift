/// A GGUF file whose header has been checked; its data is not touched before somebody asks for values.
///
/// Tensors lie inside the file, aligned, without overlap, and without holes larger than padding.
package struct GGUFFile: Sendable {
  package let mapping: MappedFile
  package let metadata: [String: GGUFValue]
  /// In the order of their data.
  package let tensors: [GGUFTensor]

  /// Checks the header of `mapping`.
  ///
  /// - Throws: ``CheckpointError`` naming the tensor or key and the rule that it breaks.
  /// - Complexity: O(header).
  package init(_ mapping: MappedFile) throws(CheckpointError) {
    do throws(CheckpointError.Problem) {
      let header = try GGUFHeader(mapping)
      (metadata, tensors) = (header.metadata, header.tensors)
    } catch {
      throw CheckpointError(file: mapping.name, problem: error)
    }
    self.mapping = mapping
  }

  /// Maps and checks the file at `path`.
  package init(path: String) throws(CheckpointError) { try self.init(MappedFile(path: path)) }

  /// The file's name, for messages.
  package var name: String { mapping.name }

  /// Whether `bytes` begin like a GGUF file, of whatever version, or like what came before GGUF.
  package static func isLikely(_ bytes: UnsafeRawBufferPointer) -> Bool {
    ["GGUF", "lmgg", "fmgg", "tjgg", "algg"].contains { bytes.starts(with: $0.utf8) }
  }
}
