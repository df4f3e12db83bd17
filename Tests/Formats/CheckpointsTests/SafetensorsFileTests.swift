import Checkpoints
import TensorCore
import TestSupport
import Testing

@Suite("Safetensors files")
struct SafetensorsFileTests {
  @Test("shows tensors, names in data order and metadata")
  func valid() throws {
    let metadata = "\"__metadata__\":{\"k\":\"v\\u00e9\\ud83d\\ude00\"}"
    let header = "{\(entry("b", "F32", "[2]", 2, 10)),\(metadata),\(entry("a", "I8", "[2,1]", 0, 2))} "
    let file = try SafetensorsFile(mapped(safetensors(header, data: 10)))
    #expect(file.names == ["a", "b"])
    #expect(file.metadata == ["k": "vé😀"])
    #expect(file["a"]?.shape == [2, 1])
    #expect(file["b"]?.type == .f32 && file["b"]?.bytes.count == 8)
    #expect(file["c"] == nil)
    #expect(throws: CheckpointError.self) { try file.tensor("c") }
  }

  @Test("scalars and empty tensors are tensors")
  func degenerate() throws {
    let header =
      "{\(entry("s", "F32", "[]", 0, 4)),\(entry("e", "F32", "[0,7]", 4, 4)),"
      + "\(entry("f", "F32", "[7,0]", 0, 0))}"
    let file = try SafetensorsFile(mapped(safetensors(header, data: 4)))
    #expect(file["s"]?.elementCount == 1)
    #expect(file["e"]?.elementCount == 0)
    #expect(try file["f"]?.floats(name: "f", file: "").values == [])
    #expect(try SafetensorsFile(mapped(safetensors("{}"))).names == [])
  }

  static let refusals: [(String, Int, CheckpointError.Problem)] = [
    ("{\(entry("a", "F32", "[2]", 0, 8))}", 7, .beyondFile(tensor: "a", end: 8, available: 7)),
    ("{\(entry("a", "F32", "[2]", 0, 8))}", 9, .trailingBytes(1)),
    ("{\(entry("a", "I8", "[2]", 1, 3))}", 3, .hole(bytes: 1, before: "a")),
    ("{\(entry("a", "I8", "[2]", 0, 2)),\(entry("b", "I8", "[2]", 3, 5))}", 5, .hole(bytes: 1, before: "b")),
    (
      "{\(entry("a", "I8", "[2]", 0, 2)),\(entry("b", "I8", "[2]", 1, 3))}", 3,
      .overlap(first: "a", second: "b")
    ),
    ("{\(entry("a", "I8", "[2]", 0, 2)),\(entry("a", "I8", "[2]", 2, 4))}", 4, .duplicate(name: "a")),
    ("{\(entry("a", "I8", "[2]", 0, 2)),\(entry("\\u0061", "I8", "[2]", 2, 4))}", 4, .duplicate(name: "a")),
    ("{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, .duplicate(name: "k")),
    ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, .duplicate(name: "__metadata__")),
    ("{\(entry("a", "F32", "[2]", 8, 0))}", 8, .reversedOffsets(tensor: "a", begin: 8, end: 0)),
    ("{\(entry("a", "F8", "[2]", 0, 2))}", 2, .unknownType(tensor: "a", found: "F8")),
    (
      "{\(entry("a", "F32", "[3]", 0, 8))}", 8,
      .sizeMismatch(tensor: "a", found: 8, expected: 12, type: .f32, shape: [3])
    ),
    ("{\(entry("a", "I8", "[1,1,1,1,1,1,1,1,1]", 0, 1))}", 1, .rankTooHigh(tensor: "a", limit: 8)),
    (
      "{\(entry("a", "I8", "[9223372036854775807,2]", 0, 1))}", 1,
      .sizeOverflow(tensor: "a", shape: [.max, 2])
    ),
    (
      "{\(entry("a", "F64", "[2305843009213693952]", 0, 1))}", 1,
      .sizeOverflow(tensor: "a", shape: [1 << 61])
    ),
    ("{\"a\":{\"dtype\":\"I8\",\"shape\":[1]}}", 1, .missingField(tensor: "a", field: "data_offsets")),
    ("{\"a\":{\"dtype\":\"I8\",\"data_offsets\":[0,1]}}", 1, .missingField(tensor: "a", field: "shape")),
    ("{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, .missingField(tensor: "a", field: "dtype")),
    ("{\"a\":{\"stride\":[1]}}", 1, .unknownField(tensor: "a", field: "stride")),
    ("{\"a\":{\"dtype\":\"I8\",\"dtype\":\"I8\"}}", 1, .duplicate(name: "dtype")),
  ]

  @Test("breaking one rule is refused for that rule", arguments: refusals)
  func rules(header: String, data: Int, problem: CheckpointError.Problem) throws {
    #expect(try refusal(of: safetensors(header, data: data)) == problem)
  }

  @Test(
    "numbers that are not plain sizes are refused",
    arguments: [
      "-1", "1.0", "1e0", "01", "9223372036854775808", "99999999999999999999999", "\"1\"", "null", "", "[1]",
    ])
  func numbers(text: String) throws {
    let problem = try refusal(of: safetensors("{\(entry("a", "I8", "[\(text)]", 0, 1))}", data: 1))
    guard text.isEmpty else {
      guard case .syntax = problem else {
        Issue.record("\(text): \(String(describing: problem))")
        return
      }
      return
    }
    #expect(problem == nil)  // [] is a scalar
  }

  @Test(
    "broken JSON is refused at the byte that breaks it",
    arguments: [
      ("", 0), ("[]", 0), ("{", 1), ("{}x", 2), ("{\"a\"", 4), ("{\"a\":}", 5), ("{\"a\":{\"dtype\":3}}", 14),
      ("{\"a\\x\":{}}", 5), ("{\"\\ud800\":{}}", 8), ("{\"\\udc00\":{}}", 8), ("{\"a\n\":{}}", 3), ("{,}", 1),
      ("{\"__metadata__\":{\"k\":1}}", 21), ("{\"__metadata__\":{\"k\":\"v\",}}", 25), ("{\"unended", 9),
    ])
  func syntax(header: String, offset: Int) throws {
    guard case .syntax(offset, _) = try refusal(of: safetensors(header)) else {
      Issue.record("\(header): \(String(describing: try refusal(of: safetensors(header))))")
      return
    }
  }

  @Test("bytes that are not UTF-8 are refused")
  func encoding() throws {
    let header: [UInt8] = Array("{\"".utf8) + [0xC3, 0x28] + Array("\":{}}".utf8)
    let bytes = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) } + header
    #expect(try refusal(of: bytes) == .syntax(offset: 2, expected: "valid UTF-8"))
  }

  @Test("a header length beyond the limit or the file allocates nothing")
  func lengths() throws {
    for length in [UInt64.max, 1 << 63, 1 << 40, (16 << 20) + 1] as [UInt64] {
      let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + [0x7B, 0x7D]
      #expect(try refusal(of: bytes) == .headerTooLong(bytes: length, limit: 16 << 20))
    }
    let bytes = withUnsafeBytes(of: UInt64(3).littleEndian) { Array($0) } + [0x7B, 0x7D]
    #expect(try refusal(of: bytes) == .headerBeyondFile(bytes: 3, available: 2))
  }

  @Test("nesting a million deep is refused where it starts")
  func nesting() throws {
    let deep = String(repeating: "[", count: 1_000_000)
    #expect(
      try refusal(of: safetensors("{\"a\":{\"shape\":\(deep)"))
        == .syntax(offset: 15, expected: "an integer from 0 to \(Int.max)"))
  }

  @Test("a file cut anywhere is refused")
  func truncation() throws {
    let bytes = safetensors("{\"__metadata__\":{\"k\":\"v\"},\(entry("a", "F32", "[2]", 0, 8))}", data: 8)
    #expect(try refusal(of: bytes) == nil)
    for count in 0..<bytes.count {
      #expect(try refusal(of: Array(bytes.prefix(count))) != nil, "\(count) bytes")
    }
  }

  @Test("a real checkpoint opens", .enabled(if: SharedData.available, "needs ../shared/data"))
  func real() throws {
    let file = try SafetensorsFile(path: SharedData.path("models/stories260k/model.safetensors"))
    #expect(file.names.count == 47)
    #expect(file.metadata == ["format": "pt"])
    #expect(try file.tensor("model.embed_tokens.weight").shape == [512, 64])
  }
}
