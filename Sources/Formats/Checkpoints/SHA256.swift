/// SHA-256 as FIPS 180-4 defines it, incremental: `update` any number of times, then `finalize`.
package struct SHA256 {
  /// A digest of 32 bytes, shown as 64 lowercase hexadecimal digits.
  package struct Digest: Sendable, Hashable, CustomStringConvertible {
    package let bytes: [UInt8]

    package var description: String {
      let digits = Array("0123456789abcdef")
      return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }
  }

  private var state = SIMD8<UInt32>(
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19)
  /// Bytes of an incomplete block; fewer than 64 between calls.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  package init() {}

  /// The digest of `bytes` in one call.
  package static func digest(of bytes: UnsafeRawBufferPointer) -> Digest {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// The digest of `bytes` in one call.
  package static func digest(of bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { digest(of: $0) } }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let taken = rest.prefix(64 - pending.count)
      pending += taken
      rest = rest.dropFirst(taken.count)
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { state = Self.compress(state, $0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.prefix(rest.count & ~63)
    state = Self.compress(state, UnsafeRawBufferPointer(rebasing: whole))
    pending += rest.dropFirst(whole.count)
  }

  /// Appends the padding and the length in bits, and returns the digest of everything so far.
  package consuming func finalize() -> Digest {
    var tail = pending + [0x80]
    while tail.count % 64 != 56 { tail.append(0) }
    let bits = byteCount &* 8
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    let final = tail.withUnsafeBytes { Self.compress(state, $0) }
    return Digest(
      bytes: final.indices.flatMap { i in
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: final[i] >> UInt32($0)) }
      })
  }

  /// Runs the compression function over whole blocks of 64 bytes.
  private static func compress(_ state: SIMD8<UInt32>, _ blocks: UnsafeRawBufferPointer) -> SIMD8<UInt32> {
    var state = state
    roundConstants.withUnsafeBufferPointer { constants in
      withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { words in
        for offset in stride(from: 0, to: blocks.count, by: 64) {
          expand(blocks, at: offset, into: words)
          state = mix(state, words, constants)
        }
      }
    }
    return state
  }

  /// The message schedule: 16 big-endian words of the block, then 48 derived ones.
  @inline(__always)
  private static func expand(
    _ blocks: UnsafeRawBufferPointer, at offset: Int, into words: UnsafeMutableBufferPointer<UInt32>
  ) {
    for i in 0..<16 {
      words[i] = UInt32(bigEndian: blocks.loadUnaligned(fromByteOffset: offset &+ 4 &* i, as: UInt32.self))
    }
    for i in 16..<64 {
      let (w15, w2) = (words[i &- 15], words[i &- 2])
      let s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ (w15 &>> 3)
      let s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ (w2 &>> 10)
      words[i] = words[i &- 16] &+ s0 &+ words[i &- 7] &+ s1
    }
  }

  /// The 64 rounds. Renaming the eight variables from round to round spares moving them.
  @inline(__always)
  private static func mix(
    _ state: SIMD8<UInt32>, _ w: UnsafeMutableBufferPointer<UInt32>, _ k: UnsafeBufferPointer<UInt32>
  ) -> SIMD8<UInt32> {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for i in stride(from: 0, to: 64, by: 8) {
      round(a, b, c, &d, e, f, g, &h, w[i] &+ k[i])
      round(h, a, b, &c, d, e, f, &g, w[i &+ 1] &+ k[i &+ 1])
      round(g, h, a, &b, c, d, e, &f, w[i &+ 2] &+ k[i &+ 2])
      round(f, g, h, &a, b, c, d, &e, w[i &+ 3] &+ k[i &+ 3])
      round(e, f, g, &h, a, b, c, &d, w[i &+ 4] &+ k[i &+ 4])
      round(d, e, f, &g, h, a, b, &c, w[i &+ 5] &+ k[i &+ 5])
      round(c, d, e, &f, g, h, a, &b, w[i &+ 6] &+ k[i &+ 6])
      round(b, c, d, &e, f, g, h, &a, w[i &+ 7] &+ k[i &+ 7])
    }
    return state &+ SIMD8(a, b, c, d, e, f, g, h)
  }

  @inline(__always)
  private static func round(
    _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32,
    _ e: UInt32, _ f: UInt32, _ g: UInt32, _ h: inout UInt32, _ word: UInt32
  ) {
    let s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    let choice = g ^ (e & (f ^ g))
    let t1 = h &+ s1 &+ choice &+ word
    let s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    let majority = (a & b) | (c & (a | b))
    d = d &+ t1
    h = t1 &+ s0 &+ majority
  }

  @inline(__always)
  private static func rotate(_ x: UInt32, _ n: UInt32) -> UInt32 { (x &>> n) | (x &<< (32 &- n)) }

  /// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
  private static let roundConstants: [UInt32] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
  ]
}
