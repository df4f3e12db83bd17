import Checkpoints
import TestSupport
import Testing

/// A file without a name, mapped: what a reader sees of `bytes`.
func mapped(_ bytes: [UInt8], name: String = "test.safetensors") throws -> MappedFile {
  try withUnnamedFile(bytes) { try MappedFile(descriptor: $0, name: name) }
}

/// What opening `bytes` is refused for; nil where it is not.
func refusal(of bytes: [UInt8]) throws -> CheckpointError.Problem? {
  let file = try mapped(bytes)
  do throws(CheckpointError) {
    _ = try SafetensorsFile(file)
    return nil
  } catch {
    #expect(!error.description.isEmpty)
    return error.problem
  }
}
