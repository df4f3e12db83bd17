/// Finds pieces by their bytes. It holds only pieces that are text (normal and user-defined), so a user's text
/// cannot match a control token.
///
/// Open addressing over a hash that is seeded per process, so that a crafted vocabulary cannot make it slow.
/// Bytes are compared as bytes: Swift strings would confuse canonically equivalent pieces such as Ω and Ohm.
struct PieceTable: Sendable {
  private var slots: [Int32]
  private let mask: Int
  private let seed = UInt64.random(in: 1...UInt64.max)

  /// - Parameter model: A model whose offsets have been checked. Of equal pieces, a normal one is found, and of
  ///   several the first.
  init(_ model: TokenizerModel) {
    var capacity = 16
    while capacity < model.count * 2 { capacity *= 2 }
    slots = Array(repeating: -1, count: capacity)
    mask = capacity - 1
    for type in [TokenizerModel.PieceType.normal, .userDefined] {
      for id in 0..<model.count where model.types[id] == type && model.isPiece(id) {
        let piece = model.piece(id)
        guard !piece.isEmpty else { continue }
        piece.withUnsafeBufferPointer { bytes in
          let slot = slot(of: bytes, in: model)
          if slots[slot] < 0 { slots[slot] = Int32(truncatingIfNeeded: id) }
        }
      }
    }
  }

  /// The piece that is exactly `bytes`.
  func find(_ bytes: UnsafeBufferPointer<UInt8>, in model: TokenizerModel) -> Int32? {
    let id = slots[slot(of: bytes, in: model)]
    return id < 0 ? nil : id
  }

  /// The slot that holds the piece `bytes`, or the empty one where it would be; half of all slots are empty.
  private func slot(of bytes: UnsafeBufferPointer<UInt8>, in model: TokenizerModel) -> Int {
    var hash = seed
    for byte in bytes {
      hash = (hash ^ UInt64(byte)) &* 0x9fb2_1c65_1e98_df25
      hash ^= hash >> 32
    }
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] >= 0 {
      if model.piece(Int(slots[slot])).elementsEqual(bytes) { return slot }
      slot = (slot + 1) & mask
    }
    return slot
  }
}
