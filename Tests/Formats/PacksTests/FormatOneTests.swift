import Architectures
import ModelFixtures
import Packs
import Testing

@Suite("Packs of format 1")
struct FormatOneTests {
  @Test("mean the weight formats that format 2 records", arguments: [8, 4])
  func weightFormats(bits: Int) throws {
    for pack in [
      try TinyPack.vit(bits: bits), try TinyPack.llama(bits: bits),
      try TinyPack.llama(bits: bits, draftHead: true),
    ] {
      let modern = try pack.open()
      #expect(modern.file.format == "2")
      var old = pack
      try old.set(PackSection.scheme, ModelScheme(attention: modern.scheme.attention, weights: [:]))
      #expect(throws: ArchitectureError.self) { try old.open() }
      let opened = try TinyPack.open(try Self.asFormatOne(old.bytes()))
      #expect(opened.file.format == "1")
      #expect(opened.scheme == modern.scheme)
    }
  }

  /// The same file, with the version's digit changed.
  private static func asFormatOne(_ bytes: [UInt8]) throws -> [UInt8] {
    let key = Array("\"quantd.format\":\"2\"".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: key) })
    var changed = bytes
    changed[place + key.count - 2] = UInt8(ascii: "1")
    return changed
  }
}
