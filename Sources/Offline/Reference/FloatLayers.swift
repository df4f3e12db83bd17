import FloatKernels
import Kernels
import TensorCore

/// The float32 building blocks of the reference forward passes: plain, row by row, threads over rows.
package struct FloatLayers: Sendable {
  let pool: WorkerPool

  package init(pool: WorkerPool) { self.pool = pool }

  /// `x · weightᵀ + bias`, `x` `[rows, k]`, `weight` `[n, k]`.
  func linear(_ x: FloatTensor, _ weight: FloatTensor, bias: FloatTensor? = nil) -> FloatTensor {
    let (rows, n, k) = (x.shape[0], weight.shape[0], x.shape[1])
    precondition(weight.values.count == n * k, "linear: input \(x.shape) against weight \(weight.shape)")
    return build([rows, n]) { output in
      x.values.withUnsafeBufferPointer { x in
        weight.values.withUnsafeBufferPointer { w in
          (bias?.values ?? []).withUnsafeBufferPointer { b in
            let chunk = 16
            let (from, to, with) = (UncheckedPointer(x), UncheckedPointer(w), UncheckedPointer(b))
            pool.forEach((rows + chunk - 1) / chunk) { part in
              let (start, count) = (part * chunk, min(chunk, rows - part * chunk))
              FloatLinearKernel.best(
                from.base + start * k, rows: count, w: to.base, bias: b.isEmpty ? nil : with.base,
                output + start * n, n: n, k: k)
            }
          }
        }
      }
    }
  }

  /// Applies `body(row index, input row, output row)` to each row of `x`.
  func mapRows(
    _ x: FloatTensor, columns: Int? = nil,
    _ body: (_ row: Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>) -> Void
  ) -> FloatTensor {
    let (rows, inputs) = (x.shape[0], x.shape[1])
    let outputs = columns ?? inputs
    return build([rows, outputs]) { output in
      x.values.withUnsafeBufferPointer { x in
        for row in 0..<rows { body(row, x.baseAddress! + row * inputs, output + row * outputs) }
      }
    }
  }

  func scale(_ x: FloatTensor, by factor: Float) -> FloatTensor {
    if factor == 1 { return x }
    var scaled = x
    for index in scaled.values.indices { scaled.values[index] *= factor }
    return scaled
  }

  func add(_ a: FloatTensor, _ b: FloatTensor) -> FloatTensor {
    var sum = a
    for index in sum.values.indices { sum.values[index] += b.values[index] }
    return sum
  }

  /// Exact softmax attention in float32.
  package func attention(_ inputs: AttentionInputs) -> FloatTensor {
    let (d, group) = (inputs.headSize, inputs.heads / inputs.keyValueHeads)
    let head = FloatAttention(
      rows: inputs.tokens, tokens: inputs.tokens, dimension: d, queryStride: inputs.heads * d,
      keyStride: inputs.keyValueHeads * d, outputStride: inputs.heads * d,
      causalOffset: inputs.causal ? 0 : nil, scale: inputs.rule.scale, softCap: inputs.rule.softCap,
      window: inputs.rule.window)
    return build(inputs.queries.shape) { output in
      inputs.queries.values.withUnsafeBufferPointer { q in
        inputs.keys.values.withUnsafeBufferPointer { k in
          inputs.values.values.withUnsafeBufferPointer { v in
            pool.forEach(inputs.heads) { index in
              let shared = index / group * d
              head(
                queries: q.baseAddress! + index * d, keys: k.baseAddress! + shared,
                values: v.baseAddress! + shared,
                output: output + index * d)
            }
          }
        }
      }
    }
  }

  private func build(_ shape: Shape, _ fill: (UnsafeMutablePointer<Float>) -> Void) -> FloatTensor {
    let count = shape.elementCount ?? 0
    let values = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if let base = buffer.baseAddress {
        base.initialize(repeating: 0, count: count)
        fill(base)
      }
      initialized = count
    }
    return FloatTensor(shape: shape, values: values)
  }
}

/// A pointer that several workers read at once.
private struct UncheckedPointer: @unchecked Sendable {  // Sendable: read only while the array is borrowed.
  let base: UnsafePointer<Float>
  init(_ buffer: UnsafeBufferPointer<Float>) { base = buffer.baseAddress ?? UnsafePointer(bitPattern: 64)! }
}
