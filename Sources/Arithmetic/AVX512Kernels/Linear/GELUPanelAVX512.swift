import CIntrinsics
import ScalarKernels

/// Results of which only the codes of their GELU are stored: a byte instead of four, which matters where k is small.
struct GELUPanel: TilePanel {
  private let panel: FloatPanel
  private let gelu: UnsafePointer<GELURegisters>
  /// Steps of GELU per unit of an accumulator, and the bias in steps. Steps are a power of two, so that nothing is rounded
  /// twice.
  private let scales, bias: InlineArray<4, __m512>
  private let codes: UnsafeMutablePointer<UInt8>
  private let stride: Int
  /// The columns that exist, rounded up to a group of 32.
  private let present: UInt64

  /// The channels of `panel`, whose codes go to column `column` of the rows; `rowScale` is the scale of all of them.
  @inline(__always)
  init(
    _ panel: FloatPanel, rowScale: Float, _ gelu: UnsafePointer<GELURegisters>, _ codes: CodeRows, column: Int
  ) {
    self.panel = panel
    self.gelu = gelu
    let steps = gelu.pointee.stepsPerUnit
    let scale = _mm512_mul_ps(_mm512_set1_ps(rowScale), steps)
    scales = InlineArray { _mm512_mul_ps(scale, _mm512_loadu_ps(panel.output.scales + 16 &* $0)) }
    bias = InlineArray { _mm512_mul_ps(steps, _mm512_loadu_ps(panel.output.bias + 16 &* $0)) }
    self.codes = codes.first.unsigned + column
    stride = codes.stride
    present = panel.output.channels > 32 ? .max : 0xffff_ffff
  }

  @inline(__always)
  var blocks: Int { panel.blocks }

  @inline(__always)
  func prefetchNext() { panel.prefetchNext() }

  @inline(__always)
  func start(_ block: Int) -> __m512i { panel.start(block) }

  @inline(__always)
  func finish<let rows: Int, let blocks: Int>(_ tile: Tile<rows, blocks>, _ x: QuantizedRows, _ m: Int) {
    tile.forEachRow { row, sums in
      let bytes = gelu.pointee.codes {
        _mm512_fmadd_ps(
          _mm512_cvtepi32_ps(sums[unchecked: $0]), scales[unchecked: $0], bias[unchecked: $0])
      }
      _mm512_mask_storeu_epi8(codes + (m &+ row) &* stride, present, bytes)
    }
  }
}
