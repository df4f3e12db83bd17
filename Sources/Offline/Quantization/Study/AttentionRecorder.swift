import Architectures
import Kernels
import Reference
import TensorCore

/// Runs a scheme's attention beside the exact one on the same inputs and keeps how far apart they are.
final class AttentionRecorder {
  /// Which of both outputs the forward pass goes on with.
  enum Continuation {
    /// Layers are judged one by one: no layer sees another's error.
    case exact
    /// Errors add up over the layers, as they will in service.
    case quantized
  }

  private let quantized: QuantizedAttention
  private let exact: FloatLayers
  private let continuation: Continuation
  private(set) var total = AttentionComparison()
  private(set) var layers: [AttentionComparison]

  init(_ scheme: AttentionScheme, layers: Int, continuingWith continuation: Continuation, pool: WorkerPool) {
    quantized = QuantizedAttention(scheme: scheme, pool: pool)
    exact = FloatLayers(pool: pool)
    self.continuation = continuation
    self.layers = Array(repeating: AttentionComparison(), count: layers)
  }

  /// The relative error of the scheme's output, by layer.
  ///
  /// - Throws: Where a layer's keys or values leave the range of the scheme's formats.
  func relativeErrors() throws(QuantizationError) -> [Double] {
    let errors = layers.map(\.relativeError)
    if let layer = errors.firstIndex(where: { !$0.isFinite }) { throw .attentionOverflows(layer: layer) }
    return errors
  }

  /// Computes both, and returns the one to go on with; a ``ReferenceHooks/attention``.
  func attend(_ inputs: AttentionInputs) -> FloatTensor {
    let (exact, other) = (exact.attention(inputs), quantized(inputs))
    total.add(exact: exact, other: other)
    layers[inputs.layer].add(exact: exact, other: other)
    return continuation == .exact ? exact : other
  }
}
