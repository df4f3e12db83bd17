/// The constants of the packed weight layouts; every instruction set reads the same bytes.
public enum WeightLayout {
  /// Output channels of one block: a 512-bit register of int32.
  public static let blockChannels = 16
  /// Output channels of one panel, the width of a register tile; per-channel constants are padded to it.
  public static let panelChannels = 64
  /// Consecutive inputs of one 32-bit lane of an 8-bit line.
  public static let quad = 4
  /// Inputs that share a step and a zero point in 4-bit weights.
  public static let group = 32
  /// Inputs beyond which an int32 accumulator could overflow: 255 · 127 · 2¹⁶ < 2³¹.
  public static let maxInputs = 1 << 16

  /// `count` rounded up to a multiple of `unit`.
  public static func roundUp(_ count: Int, to unit: Int) -> Int { (count + unit - 1) / unit * unit }
}

/// Quantized rows as a linear kernel reads them: bytes with one scale a row and one zero point for all.
///
/// Every row is there as unsigned codes; signed codes (`unsigned − 128`) and the sums of each group of 32
/// signed codes exist where a 4-bit kernel will ask for them.
public struct QuantizedRows {
  public var unsigned: UnsafePointer<UInt8>
  public var signed: UnsafePointer<Int8>?
  /// `[count, groupStride]`; see `signed`.
  public var groupSums: UnsafePointer<Int32>?
  public var scales: UnsafePointer<Float>
  /// The unsigned code of 0.0.
  public var zero: Int32
  public var count: Int
  /// Bytes from one row of codes to the next.
  public var stride: Int
  /// Elements from one row of group sums to the next.
  public var groupStride: Int

  public init(
    unsigned: UnsafePointer<UInt8>, signed: UnsafePointer<Int8>?, groupSums: UnsafePointer<Int32>?,
    scales: UnsafePointer<Float>, zero: Int32, count: Int, stride: Int, groupStride: Int
  ) {
    self.unsigned = unsigned
    self.signed = signed
    self.groupSums = groupSums
    self.scales = scales
    self.zero = zero
    self.count = count
    self.stride = stride
    self.groupStride = groupStride
  }

  /// `count` rows from row `first` on.
  public func slice(from first: Int, count: Int) -> Self {
    Self(
      unsigned: unsigned + first * stride, signed: signed.map { $0 + first * stride },
      groupSums: groupSums.map { $0 + first * groupStride }, scales: scales + first, zero: zero, count: count,
      stride: stride, groupStride: groupStride)
  }
}

/// 8-bit weights from some block on: `quads` lines of 64 bytes a block.
public struct Int8Blocks {
  public var codes: UnsafePointer<Int8>
  public var quads: Int
  /// What follows in memory is multiplied next: worth asking for ahead. Otherwise it may be what another thread writes.
  public var continues: Bool

  public init(codes: UnsafePointer<Int8>, quads: Int, continues: Bool) {
    self.codes = codes
    self.quads = quads
    self.continues = continues
  }

  public func advanced(blocks: Int) -> Self {
    Self(codes: codes + blocks * quads * 64, quads: quads, continues: continues)
  }
}

/// 4-bit weights from some block on: `groups · 4` lines of 64 bytes and `groups · 16` group scales a block.
public struct Int4Blocks {
  public var codes: UnsafePointer<UInt8>
  public var groupScales: UnsafePointer<UInt8>
  public var groups: Int

  public init(codes: UnsafePointer<UInt8>, groupScales: UnsafePointer<UInt8>, groups: Int) {
    self.codes = codes
    self.groupScales = groupScales
    self.groups = groups
  }

  public func advanced(blocks: Int) -> Self {
    Self(
      codes: codes + blocks * groups * 256, groupScales: groupScales + blocks * groups * 16, groups: groups)
  }
}

/// Per-channel constants and the place of the result, from some channel on.
///
/// `scales`, `columnSums` and `bias` are readable for `channels` rounded up to a panel; nothing is written (and no
/// residual read) beyond `channels`.
public struct PanelOutput {
  public var scales: UnsafePointer<Float>
  public var columnSums: UnsafePointer<Int32>
  public var bias: UnsafePointer<Float>
  public var channels: Int
  public var base: UnsafeMutablePointer<Float>
  /// Elements from one row to the next, of the output and of the residual.
  public var stride: Int
  /// Added last where present; may be `base`.
  public var residual: UnsafePointer<Float>?

  public init(
    scales: UnsafePointer<Float>, columnSums: UnsafePointer<Int32>, bias: UnsafePointer<Float>, channels: Int,
    base: UnsafeMutablePointer<Float>, stride: Int, residual: UnsafePointer<Float>?
  ) {
    self.scales = scales
    self.columnSums = columnSums
    self.bias = bias
    self.channels = channels
    self.base = base
    self.stride = stride
    self.residual = residual
  }

  /// Rows from `row` on and `count` channels from `channel` on.
  public func slice(row: Int, channel: Int, count: Int) -> Self {
    let offset = row * stride + channel
    return Self(
      scales: scales + channel, columnSums: columnSums + channel, bias: bias + channel, channels: count,
      base: base + offset, stride: stride, residual: residual.map { $0 + offset })
  }
}
