import Checkpoints
import FoundationEssentials
import TensorCore

/// Collects sections and tensors and writes them as a `.qpack`; the same additions give the same bytes.
package struct PackedModelWriter {
  /// Why a model cannot be written.
  package enum Failure: Error, Equatable, CustomStringConvertible {
    case duplicateSection(String)
    case duplicateTensor(String)
    case reservedName(String)
    case rankTooHigh(tensor: String, limit: Int)
    case notEncodable(section: String, reason: String)
    case headerTooLong(bytes: Int, limit: Int)

    package var description: String {
      switch self {
      case .duplicateSection(let name): "section \(quoted(name)) was added twice"
      case .duplicateTensor(let name): "tensor \(quoted(name)) was added twice"
      case .reservedName(let name): "the name \(quoted(name)) is reserved by the format"
      case .rankTooHigh(let tensor, let limit): "tensor \(quoted(tensor)) has more than \(limit) dimensions"
      case .notEncodable(let section, let reason): "section \(quoted(section)) cannot be written: \(reason)"
      case .headerTooLong(let bytes, let limit):
        "the header takes \(bytes) bytes, readers allow \(limit); store long texts as U8 tensors"
      }
    }
  }

  private var metadata = [
    PackedModel.formatKey: PackedModel.supportedFormats[PackedModel.supportedFormats.count - 1]
  ]
  private var tensors: [(name: String, view: TensorView)] = []
  private var names: Set<String> = []

  package init() {}

  /// Begins with everything that is in `model`, whose mapping stays for as long as the writer needs it.
  package init(copying model: PackedModel) throws {
    for name in model.sections {
      if let json = model.sectionText(name) { try add(section: name, json: json) }
    }
    for name in model.names { try add(tensor: name, model.tensor(name)) }
  }

  /// Adds `value` as JSON with sorted keys; floating-point values must be finite.
  package mutating func add(section name: String, _ value: some Encodable) throws(Failure) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      let data = try encoder.encode(value)
      try add(section: name, json: String(decoding: data, as: UTF8.self))
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .notEncodable(section: name, reason: "\(error)")
    }
  }

  /// Adds a section that is JSON already.
  package mutating func add(section name: String, json: String) throws(Failure) {
    let key = PackedModel.keyPrefix + name
    guard key != PackedModel.formatKey else { throw .reservedName(name) }
    guard metadata.updateValue(json, forKey: key) == nil else { throw .duplicateSection(name) }
  }

  /// Adds a tensor. The writer keeps `view`, and with it the bytes. Tensors are written in the order of
  /// addition.
  package mutating func add(tensor name: String, _ view: TensorView) throws(Failure) {
    guard !name.isEmpty, name != "__metadata__", !name.hasPrefix(PackedModel.padPrefix) else {
      throw .reservedName(name)
    }
    guard view.shape.rank <= SafetensorsFile.rankLimit else {
      throw .rankTooHigh(tensor: name, limit: SafetensorsFile.rankLimit)
    }
    guard names.insert(name).inserted else { throw .duplicateTensor(name) }
    tensors.append((name, view))
  }

  /// Adds a tensor by copying its elements, in the machine's byte order (little-endian, as the format wants).
  ///
  /// - Precondition: `Element` has the size of `type`, and `values.count` is the element count of `shape`.
  package mutating func add<Element: BitwiseCopyable>(
    tensor name: String, type: ElementType, shape: Shape, values: [Element]
  ) throws(Failure) {
    precondition(
      MemoryLayout<Element>.size == type.byteSize, "\(name): \(Element.self) written as \(type.rawValue)")
    let storage = AlignedStorage(byteCount: values.count * type.byteSize)
    values.withUnsafeBytes { storage.bytes.copyMemory(from: $0) }
    let bytes = UnsafeRawBufferPointer(rebasing: storage.bytes.prefix(values.count * type.byteSize))
    try add(tensor: name, TensorView(bytes: bytes, type: type, shape: shape, owner: storage))
  }

  /// Adds a tensor given as bytes.
  package mutating func add(tensor name: String, type: ElementType, shape: Shape, bytes: [UInt8])
    throws(Failure)
  {
    let storage = AlignedStorage(byteCount: bytes.count)
    storage.bytes.copyBytes(from: bytes)
    let content = UnsafeRawBufferPointer(rebasing: storage.bytes.prefix(bytes.count))
    try add(tensor: name, TensorView(bytes: content, type: type, shape: shape, owner: storage))
  }

  /// Writes the model to `path` so that a reader finds the old file or the new one, whole, even after a power
  /// cut.
  ///
  /// - Throws: ``Failure``, or `CheckpointError` with the failed call and its errno. No temporary file is
  ///   left.
  package func write(to path: String) throws {
    let header = try headerBytes()
    let file = try AtomicFile(path: path)
    do {
      try header.withUnsafeBytes { try file.write($0) }
      for (_, view) in tensors {
        try file.write(view.bytes)
        try padding(after: view.bytes.count).withUnsafeBytes { try file.write($0) }
      }
      try file.commit()
    } catch {
      file.abandon()
      throw error
    }
  }

  private func padding(after count: Int) -> [UInt8] {
    [UInt8](repeating: 0, count: -count & (PackedModel.alignment - 1))
  }

  /// The header's length and JSON, padded with spaces so that data byte 0 is aligned.
  private func headerBytes() throws(Failure) -> [UInt8] {
    var json = "{\"__metadata__\":{"
    json += metadata.sorted { $0.key < $1.key }.map { "\(literal($0)):\(literal($1))" }.joined(separator: ",")
    json += "}"
    var offset = 0
    func append(_ name: String, _ type: ElementType, _ shape: Shape, _ size: Int) {
      let extents = shape.extents.map(String.init).joined(separator: ",")
      json += ",\(literal(name)):{\"dtype\":\"\(type.rawValue)\",\"shape\":[\(extents)],"
      json += "\"data_offsets\":[\(offset),\(offset + size)]}"
      offset += size
    }
    for (index, (name, view)) in tensors.enumerated() {
      append(name, view.type, view.shape, view.bytes.count)
      let pad = padding(after: view.bytes.count).count
      if pad > 0 { append("\(PackedModel.padPrefix)\(index)", .u8, [pad], pad) }
    }
    var body = Array((json + "}").utf8)
    body += [UInt8](repeating: 0x20, count: -(8 + body.count) & (PackedModel.alignment - 1))
    guard body.count <= SafetensorsFile.headerLimit else {
      throw .headerTooLong(bytes: body.count, limit: SafetensorsFile.headerLimit)
    }
    return withUnsafeBytes(of: UInt64(body.count).littleEndian) { Array($0) } + body
  }
}

/// `text` as a JSON string: quotes, backslashes and control characters escaped, all else as it is.
func literal(_ text: String) -> String {
  var bytes: [UInt8] = [UInt8(ascii: "\"")]
  for byte in text.utf8 {
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
    case 0..<0x20:
      let digits = Array("0123456789abcdef".utf8)
      bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    default: bytes.append(byte)
    }
  }
  return String(decoding: bytes + [UInt8(ascii: "\"")], as: UTF8.self)
}
