import TensorCore

/// A parsed header, checked against the size of the data that follows it.
struct SafetensorsHeader {
  typealias Problem = CheckpointError.Problem

  struct Entry {
    let type: ElementType
    let shape: Shape
    let offsets: Range<Int>
  }

  private(set) var metadata: [String: String] = [:]
  private(set) var entries: [String: Entry] = [:]
  /// Names by offset.
  private(set) var order: [String] = []

  init(_ json: [UInt8], dataSize: Int) throws(Problem) {
    var reader = HeaderReader(json)
    var (isFirst, hasMetadata) = (true, false)
    try reader.open("{")
    while let name = try reader.key(isFirst: &isFirst) {
      if name == "__metadata__" {
        guard !hasMetadata else { throw .duplicate(name: name) }
        hasMetadata = true
        metadata = try Self.strings(&reader)
      } else {
        let entry = try Self.entry(name, &reader, dataSize: dataSize)
        guard entries.updateValue(entry, forKey: name) == nil else { throw .duplicate(name: name) }
      }
    }
    try reader.end()
    try checkCoverage(dataSize: dataSize)
  }

  private static func strings(_ reader: inout HeaderReader) throws(Problem) -> [String: String] {
    var (strings, isFirst) = ([String: String](), true)
    try reader.open("{")
    while let key = try reader.key(isFirst: &isFirst) {
      let value = try reader.string()
      guard strings.updateValue(value, forKey: key) == nil else { throw .duplicate(name: key) }
    }
    return strings
  }

  private static func entry(
    _ name: String, _ reader: inout HeaderReader, dataSize: Int
  ) throws(Problem) -> Entry {
    var (type, shape, offsets) = (ElementType?.none, Shape?.none, [Int]?.none)
    var isFirst = true
    try reader.open("{")
    while let field = try reader.key(isFirst: &isFirst) {
      switch field {
      case "dtype" where type == nil:
        let text = try reader.string()
        type = ElementType(rawValue: text)
        if type == nil { throw .unknownType(tensor: name, found: text) }
      case "shape" where shape == nil:
        guard let extents = try integers(&reader, limit: SafetensorsFile.rankLimit) else {
          throw .rankTooHigh(tensor: name, limit: SafetensorsFile.rankLimit)
        }
        shape = Shape(extents)
      case "data_offsets" where offsets == nil:
        offsets = try integers(&reader, limit: 2)
        guard offsets?.count == 2 else { throw .syntax(offset: reader.position, expected: "two offsets") }
      case "dtype", "shape", "data_offsets": throw .duplicate(name: field)
      default: throw .unknownField(tensor: name, field: field)
      }
    }
    guard let type else { throw .missingField(tensor: name, field: "dtype") }
    guard let shape else { throw .missingField(tensor: name, field: "shape") }
    guard let offsets else { throw .missingField(tensor: name, field: "data_offsets") }
    return try checked(name, type, shape, begin: offsets[0], end: offsets[1], dataSize: dataSize)
  }

  /// An array of at most `limit` integers; nil where there are more.
  private static func integers(_ reader: inout HeaderReader, limit: Int) throws(Problem) -> [Int]? {
    var (values, isFirst) = ([Int](), true)
    try reader.open("[")
    while try reader.more(isFirst: &isFirst, closing: "]") {
      guard values.count < limit else { return nil }
      values.append(try reader.integer())
    }
    return values
  }

  private static func checked(
    _ name: String, _ type: ElementType, _ shape: Shape, begin: Int, end: Int, dataSize: Int
  ) throws(Problem) -> Entry {
    guard begin <= end else { throw .reversedOffsets(tensor: name, begin: begin, end: end) }
    guard end <= dataSize else { throw .beyondFile(tensor: name, end: end, available: dataSize) }
    guard let count = shape.elementCount,
      case (let size, let overflow) = count.multipliedReportingOverflow(by: type.byteSize),
      !overflow
    else { throw .sizeOverflow(tensor: name, shape: shape) }
    guard size == end - begin else {
      throw .sizeMismatch(tensor: name, found: end - begin, expected: size, type: type, shape: shape)
    }
    return Entry(type: type, shape: shape, offsets: begin..<end)
  }

  /// Walks the tensors by offset: each must start where the one before it ended, and the last end the data.
  private mutating func checkCoverage(dataSize: Int) throws(Problem) {
    let sorted = entries.sorted {
      let (a, b) = ($0.value.offsets, $1.value.offsets)
      return (a.lowerBound, a.upperBound, $0.key) < (b.lowerBound, b.upperBound, $1.key)
    }
    var (covered, previous) = (0, "")
    for (name, entry) in sorted {
      let begin = entry.offsets.lowerBound
      if begin < covered { throw .overlap(first: previous, second: name) }
      if begin > covered { throw .hole(bytes: begin - covered, before: name) }
      (covered, previous) = (entry.offsets.upperBound, name)
    }
    if covered < dataSize { throw .trailingBytes(dataSize - covered) }
    order = sorted.map(\.key)
  }
}
