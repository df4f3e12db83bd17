/// The SHA-256 of a blob as 64 lowercase hexadecimal digits.
///
/// `init(hex:)`, which checks every character, is the only way to make one, and ``fileName`` the only file name
/// that comes from it. So no text from a client can become a path.
package struct BlobDigest: Hashable, Sendable, CustomStringConvertible {
  package let description: String

  /// - Throws: ``RegistryError/invalidDigest(_:)``
  package init(hex: String) throws(RegistryError) {
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let letters = UInt8(ascii: "a")...UInt8(ascii: "f")
    guard hex.utf8.count == 64, hex.utf8.allSatisfy({ digits.contains($0) || letters.contains($0) }) else {
      throw .invalidDigest(hex)
    }
    description = hex
  }

  private static var filePrefix: String { "sha256-" }

  /// The name of the blob's file inside the store.
  var fileName: String { Self.filePrefix + description }

  /// The digest that a file of the store is named after, or `nil` for any other file.
  init?(fileName: String) {
    guard fileName.hasPrefix(Self.filePrefix) else { return nil }
    guard let digest = try? Self(hex: String(fileName.dropFirst(Self.filePrefix.count))) else { return nil }
    self = digest
  }
}

/// A SHA-256 in progress. The caller supplies it, so that this module needs no cryptography of its own.
package protocol IncrementalHash {
  mutating func update(_ bytes: UnsafeRawBufferPointer)
  /// The digest of everything so far, as 64 lowercase hexadecimal digits.
  func hexDigest() -> String
}
