import TensorCore

/// The parsed header of a GGUF file, checked against the size of the file.
///
///     byte 0     4 bytes  "GGUF"
///     byte 4     UInt32   version, 2 or 3
///     byte 8     UInt64   number of tensors
///     byte 16    UInt64   number of metadata entries
///     byte 24    entries: key (string), UInt32 type, value
///                tensors: name (string), UInt32 rank, rank × UInt64 extents (innermost first), UInt32 type,
///                         UInt64 offset into the data
///                padding to general.alignment (32), then the data
///
/// A string is a UInt64 n and n bytes; an array is a UInt32 type, a UInt64 n and n values. All little-endian.
struct GGUFHeader {
  typealias Problem = CheckpointError.Problem

  static let rankLimit = 4
  static let keyLimit = 65_535
  static let nameLimit = 255
  /// Far above any model: the largest have some ten thousand.
  static let tensorLimit = 1 << 17
  static let entryLimit = 1 << 17
  static let usualAlignment = 32
  static let largestAlignment = 1 << 20

  let version: UInt32
  private(set) var metadata: [String: GGUFValue] = [:]
  /// By offset.
  private(set) var tensors: [GGUFTensor] = []

  init(_ mapping: MappedFile) throws(Problem) {
    var cursor = GGUFCursor(mapping.bytes)
    version = try Self.version(&cursor)
    let tensorCount = try cursor.count("number of tensors", each: 32, atMost: Self.tensorLimit)
    let entryCount = try cursor.count("number of metadata entries", each: 13, atMost: Self.entryLimit)
    for _ in 0..<entryCount {
      let key = try cursor.name("metadata key", atMost: Self.keyLimit)
      let value = try cursor.value(of: key, in: mapping)
      guard metadata.updateValue(value, forKey: key) == nil else { throw .duplicate(name: key) }
    }
    let alignment = try Self.alignment(metadata["general.alignment"])
    let entries = try Self.entries(&cursor, count: tensorCount)
    guard !entries.isEmpty else { return }
    // A multiple of the alignment that is not beyond the file; neither sum can overflow, as both terms are small.
    let start = (cursor.offset + alignment - 1) / alignment * alignment
    tensors = try Self.placed(entries, in: mapping, from: start, alignment: alignment)
  }

  private static func version(_ cursor: inout GGUFCursor) throws(Problem) -> UInt32 {
    let magic = try cursor.skip(4, "magic number")
    let found = Array(cursor.bytes[magic])
    guard found == Array("GGUF".utf8) else {
      let older = ["lmgg": "GGML", "fmgg": "GGMF", "tjgg": "GGJT", "algg": "GGLA"]
      if let name = older[String(decoding: found, as: UTF8.self)] { throw .gguf(.olderFormat(name: name)) }
      throw .gguf(.magic(found: found))
    }
    let version = try cursor.integer("version", as: UInt32.self)
    guard !(1...3).contains(version.byteSwapped) else { throw .gguf(.bigEndian) }
    guard (2...3).contains(version) else { throw .gguf(.version(version)) }
    return version
  }

  private static func alignment(_ value: GGUFValue?) throws(Problem) -> Int {
    guard let value else { return usualAlignment }
    guard let alignment = value.integer, (8...largestAlignment).contains(alignment),
      alignment & (alignment - 1) == 0
    else { throw .gguf(.alignment(found: value.found)) }
    return alignment
  }
}

// MARK: Tensors

extension GGUFHeader {
  /// A tensor as the header has it.
  private struct Entry {
    let name: String
    let type: GGMLType
    let shape: Shape
    let offset: UInt64
    let byteCount: Int
  }

  private static func entries(_ cursor: inout GGUFCursor, count: Int) throws(Problem) -> [Entry] {
    var (entries, names) = ([Entry](), Set<String>())
    for _ in 0..<count {
      let entry = try entry(&cursor)
      guard names.insert(entry.name).inserted else { throw .duplicate(name: entry.name) }
      entries.append(entry)
    }
    return entries
  }

  private static func entry(_ cursor: inout GGUFCursor) throws(Problem) -> Entry {
    let name = try cursor.name("tensor", atMost: nameLimit)
    let rank = try cursor.integer("rank of a tensor", as: UInt32.self)
    guard (1...UInt32(rankLimit)).contains(rank) else {
      throw .gguf(.rank(tensor: name, found: rank, limit: rankLimit))
    }
    var extents: [Int] = []
    for _ in 0..<rank {
      let extent = try cursor.integer("shape of a tensor", as: UInt64.self)
      extents.append(Int(clamping: extent))
    }
    let shape = Shape(extents.reversed())
    let code = try cursor.integer("type of a tensor", as: UInt32.self)
    guard let type = GGMLType.of(code) else { throw .gguf(.tensorType(tensor: name, found: code)) }
    let offset = try cursor.integer("offset of a tensor", as: UInt64.self)
    return Entry(
      name: name, type: type, shape: shape, offset: offset, byteCount: try byteCount(name, type, shape))
  }

  private static func byteCount(_ name: String, _ type: GGMLType, _ shape: Shape) throws(Problem) -> Int {
    guard !shape.extents.contains(0) else { throw .gguf(.emptyDimension(tensor: name, shape: shape)) }
    let columns = shape[shape.rank - 1]
    guard columns % type.blockValues == 0 else {
      throw .gguf(
        .partialBlock(tensor: name, type: type.name, columns: columns, block: type.blockValues))
    }
    guard let count = shape.elementCount,
      case (let bytes, let overflow) = (count / type.blockValues).multipliedReportingOverflow(
        by: type.blockBytes), !overflow
    else { throw .sizeOverflow(tensor: name, shape: shape) }
    return bytes
  }

  /// Walks the tensors by offset: each lies inside the file and begins where the one before it ended, padded.
  private static func placed(
    _ entries: [Entry], in mapping: MappedFile, from start: Int, alignment: Int
  ) throws(Problem) -> [GGUFTensor] {
    let available = max(0, mapping.bytes.count - start)
    var (tensors, covered, previous) = ([GGUFTensor](), 0, "")
    for entry in entries.sorted(by: { ($0.offset, $0.name) < ($1.offset, $1.name) }) {
      let (end, overflow) = Int(clamping: entry.offset).addingReportingOverflow(entry.byteCount)
      guard !overflow, end <= available else {
        throw .beyondFile(tensor: entry.name, end: overflow ? .max : end, available: available)
      }
      let begin = end - entry.byteCount
      guard begin % alignment == 0 else {
        throw .gguf(.misaligned(tensor: entry.name, offset: entry.offset, alignment: alignment))
      }
      guard begin >= covered else { throw .overlap(first: previous, second: entry.name) }
      guard begin - covered < alignment else { throw .hole(bytes: begin - covered, before: entry.name) }
      tensors.append(
        GGUFTensor(
          name: entry.name, type: entry.type, shape: entry.shape,
          bytes: UnsafeRawBufferPointer(rebasing: mapping.bytes[start + begin..<start + end]), owner: mapping)
      )
      (covered, previous) = (end, entry.name)
    }
    guard available - covered < alignment else { throw .trailingBytes(available - covered) }
    return tensors
  }
}
