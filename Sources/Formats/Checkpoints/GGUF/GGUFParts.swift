import Glibc

/// A GGUF model in one file, or in the parts that `llama-gguf-split` makes of one.
///
/// Parts are called `NAME-00001-of-00003.gguf`; the first has the metadata. Any of them may be given.
package struct GGUFParts: Sendable {
  /// The file with the metadata first.
  package let files: [GGUFFile]
  private let tensorsByName: [String: GGUFTensor]

  /// Opens the file at `path` and, where it says that it is a part, its siblings.
  ///
  /// - Throws: ``CheckpointError`` naming the part that is missing or does not belong.
  package init(path: String) throws(CheckpointError) {
    let given = try GGUFFile(path: path)
    let count = try given.splitNumber("split.count", in: 1...65_535) ?? 1
    files = count == 1 ? [given] : try Self.siblings(of: given, at: path, count: count)
    tensorsByName = try Self.joined(files)
  }

  /// What part `no`, counted from 1, is called behind the model's name.
  static func suffix(no: Int, count: Int) -> String { "-\(digits(no))-of-\(digits(count)).gguf" }

  private static func digits(_ number: Int) -> String {
    String(repeating: "0", count: max(0, 5 - "\(number)".utf8.count)) + "\(number)"
  }

  private static func siblings(
    of given: GGUFFile, at path: String, count: Int
  ) throws(CheckpointError) -> [GGUFFile] {
    guard let no = try given.splitNumber("split.no", in: 0...count - 1) else {
      throw given.refused(.splitNumber(key: "split.no", found: "absent", expected: "0 to \(count - 1)"))
    }
    let own = suffix(no: no + 1, count: count)
    guard path.hasSuffix(own) else { throw given.refused(.splitName(no: no + 1, count: count)) }
    var files: [GGUFFile] = []
    for index in 0..<count {
      let file =
        index == no
        ? given : try sibling(path.dropLast(own.count) + suffix(no: index + 1, count: count), given)
      for (key, expected) in [("split.no", index), ("split.count", count)] {
        guard try file.splitNumber(key, in: 0...65_535) == expected else {
          let found = file.metadata[key]?.found ?? "absent"
          throw file.refused(.splitNumber(key: key, found: found, expected: "\(expected)"))
        }
      }
      files.append(file)
    }
    return files
  }

  private static func sibling(_ path: String, _ given: GGUFFile) throws(CheckpointError) -> GGUFFile {
    do {
      return try GGUFFile(path: path)
    } catch {
      guard error.problem == .system(operation: "open", code: ENOENT) else { throw error }
      throw given.refused(.missingSplit(name: error.file))
    }
  }

  private static func joined(_ files: [GGUFFile]) throws(CheckpointError) -> [String: GGUFTensor] {
    var tensors: [String: GGUFTensor] = [:]
    for file in files {
      for tensor in file.tensors where tensors.updateValue(tensor, forKey: tensor.name) != nil {
        throw CheckpointError(file: file.name, problem: .duplicate(name: tensor.name))
      }
    }
    if let said = try files[0].splitNumber("split.tensors.count", in: 0...GGUFHeader.tensorLimit),
      said != tensors.count
    {
      throw files[0].refused(
        .splitNumber(key: "split.tensors.count", found: "\(said)", expected: "\(tensors.count)"))
    }
    return tensors
  }

  package var metadata: [String: GGUFValue] { files[0].metadata }
  /// The name of the file with the metadata, for messages.
  package var name: String { files[0].name }
  /// The names of all tensors, sorted.
  package var names: [String] { tensorsByName.keys.sorted() }

  /// Whether some tensor was rounded to a block type.
  package var hasBlocks: Bool { tensorsByName.values.contains { $0.type.blockValues > 1 } }

  /// The types of the matrices with how many have each, the most frequent first: `Q4_1 × 210, Q8_0 × 1`.
  package var matrixTypes: String {
    let types = tensorsByName.values.filter { $0.shape.rank > 1 }.map(\.type.name)
    let counts = Dictionary(grouping: types) { $0 }.mapValues(\.count)
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return sorted.map { "\($0.key) × \($0.value)" }.joined(separator: ", ")
  }

  package subscript(name: String) -> GGUFTensor? { tensorsByName[name] }
}

extension GGUFFile {
  fileprivate func refused(_ problem: GGUFProblem) -> CheckpointError {
    CheckpointError(file: name, problem: .gguf(problem))
  }

  fileprivate func splitNumber(_ key: String, in range: ClosedRange<Int>) throws(CheckpointError) -> Int? {
    guard let value = metadata[key] else { return nil }
    guard let number = value.integer, range.contains(number) else {
      throw refused(
        .wrongKind(
          key: key, found: value.found, expected: "a number from \(range.lowerBound) to \(range.upperBound)"))
    }
    return number
  }
}
