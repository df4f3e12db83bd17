import Architectures
import ScalarKernels
import TensorCore
import TestSupport
import Testing

@testable import Kernels

@Suite("Linear layer")
struct LinearLayerTests {
  /// Every tile of every variant, and more rows than one tile takes.
  static let rows = Array(1...17) + [25, 33, 64, 70]
  static let shapes = [1, 15, 16, 17, 64, 100].flatMap { n in
    [4, 8, 31, 32, 33, 64, 172, 256].map { k in (outputs: n, inputs: k) }
  }
  /// One for each test: a pool has one user at a time.
  let pool = WorkerPool(threads: 1)
  static let scalar = LinearKernels.variants(for: .scalar)

  @Test("8-bit weights give the scalar bits", arguments: InstructionSet.runnable, shapes)
  func int8EqualsScalar(set: InstructionSet, shape: (outputs: Int, inputs: Int)) throws {
    var fixture = LinearFixture(outputs: shape.outputs, inputs: shape.inputs)
    let packed = PackedInt8Weights(
      rowMajor: fixture.int8Codes(), outputs: shape.outputs, inputs: shape.inputs)
    let (scales, bias) = (fixture.channelFloats(), fixture.channelFloats())
    let kernels = LinearKernels.variants(for: set)
    let layer = try fixture.layer(packed, scales: scales, bias: bias, kernels: kernels)
    let reference = try fixture.layer(packed, scales: scales, bias: bias, kernels: Self.scalar)
    for rows in Self.rows {
      let x = fixture.random.floats(rows * shape.inputs, in: -2...2)
      let residual = rows % 2 == 0 ? nil : fixture.random.floats(rows * (shape.outputs + 3))
      for quantization in RowQuantization.allCases {
        let actual = run(layer, x, rows: rows, quantization, residual: residual, pool: pool, kernels: kernels)
        let expected = run(
          reference, x, rows: rows, quantization, residual: residual, pool: pool, kernels: Self.scalar)
        #expect(actual == expected, "\(set), \(rows) rows of \(shape), \(quantization), \(fixture.random)")
      }
    }
  }

  @Test(
    "GELU on the way to codes gives the bits of the steps one after the other",
    arguments: InstructionSet.runnable)
  func fusedGELU(set: InstructionSet) throws {
    let kernels = LinearKernels.variants(for: set)
    for (rows, outputs) in [(1, 40), (7, 64), (34, 24), (100, 172), (39, 224)] {
      var fixture = LinearFixture(outputs: outputs, inputs: 64)
      let (scales, bias) = (fixture.channelFloats(), fixture.channelFloats())
      let layers = [
        try fixture.layer(
          PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: outputs, inputs: 64), scales: scales,
          bias: bias,
          kernels: kernels),
        try fixture.layer(fixture.int4Weights(), scales: scales, bias: bias, kernels: kernels),
      ]
      let x = fixture.random.floats(rows * 64, in: -2...2)
      for (layer, form) in zip(layers, [ActivationForm.unsigned, .signed]) {
        let (actual, expected) = geluCodes(of: layer, x, rows: rows, form, kernels: kernels)
        #expect(actual == expected, "\(rows) rows of \(outputs), \(fixture.random)")
      }
    }
  }

  /// The codes of the fused way, and those of the steps.
  private func geluCodes(
    of layer: LinearLayer, _ x: [Float], rows: Int, _ form: ActivationForm, kernels: LinearKernels
  ) -> (fused: [[Int32]], steps: [[Int32]]) {
    let input = StaticInput(scale: 0.02, zero: 20, form: form)
    let activations = ActivationRows(maxRows: rows, maxColumns: 64, kernels: kernels)
    activations.quantizeStatic(
      x, rows: rows, columns: 64, StaticInput(scale: 0.011, zero: 93, form: layer.form), pool: pool)
    let (fused, steps) = (
      ActivationRows(maxRows: rows, maxColumns: layer.outputs, kernels: kernels),
      ActivationRows(maxRows: rows, maxColumns: layer.outputs, kernels: kernels)
    )
    layer.applyGELU(activations, to: fused, GELUInput(input), pool: pool)
    var values = [Float](repeating: 0, count: rows * layer.outputs)
    layer.apply(activations, to: &values, stride: layer.outputs, pool: pool)
    steps.beginStatic(rows, layer.outputs, input)
    quantizeGELU(
      values, stride: layer.outputs, rows: rows, FixedPointGELU(input.quantization), into: steps.codes)
    return (Self.content(of: fused), Self.content(of: steps))
  }

  /// Codes and sums of all rows.
  private static func content(of rows: ActivationRows) -> [[Int32]] {
    let (codes, columns) = (rows.quantized, rows.columns)
    return (0..<rows.rows).map { row in
      (0..<columns).map { Int32(codes.unsigned[row * codes.stride + $0]) }
        + (0..<columns).compactMap { index in codes.signed.map { Int32($0[row * codes.stride + index]) } }
        + (0..<(columns + 31) / 32).compactMap { group in codes.groupSums?[row * codes.groupStride + group] }
    }
  }

  @Test(
    "4-bit weights give the bits of the same weights in 8 bits", arguments: InstructionSet.runnable, shapes)
  func int4EqualsInt8(set: InstructionSet, shape: (outputs: Int, inputs: Int)) throws {
    var fixture = LinearFixture(outputs: shape.outputs, inputs: shape.inputs)
    let packed = fixture.int4Weights()
    let (scales, bias) = (fixture.channelFloats(), fixture.channelFloats())
    let kernels = LinearKernels.variants(for: set)
    let layer = try fixture.layer(packed, scales: scales, bias: bias, kernels: kernels)
    let integers = PackedInt8Weights(
      rowMajor: layer.integerWeights(), outputs: shape.outputs, inputs: shape.inputs)
    #expect(integers.columnSums == packed.columnSums)
    let reference = try fixture.layer(integers, scales: scales, bias: bias, kernels: Self.scalar)
    for rows in Self.rows {
      let x = fixture.random.floats(rows * shape.inputs, in: -2...2)
      for quantization in RowQuantization.allCases {
        let actual = run(layer, x, rows: rows, quantization, pool: pool, kernels: kernels)
        let expected = run(reference, x, rows: rows, quantization, pool: pool, kernels: Self.scalar)
        #expect(actual == expected, "\(set), \(rows) rows of \(shape), \(quantization), \(fixture.random)")
      }
    }
  }

  @Test("the scalar definition is the sum of dequantized products, by hand")
  func byHand() throws {
    let fixture = LinearFixture(outputs: 2, inputs: 3)
    let packed = PackedInt8Weights(rowMajor: [1, -2, 3, 127, 0, -127], outputs: 2, inputs: 3)
    let layer = try fixture.layer(packed, scales: [0.5, 2], bias: [10, -1], kernels: Self.scalar)
    #expect(layer.dequantizedWeights() == [0.5, -1, 1.5, 254, 0, -254])
    // The row's scale is 1, so that its codes are its values.
    let y = run(layer, [127, 4, -5], rows: 1, pool: pool, kernels: Self.scalar)
    #expect(y == [-7, 62, 33_527, -7, -7, -7])
  }

  @Test(
    "results do not depend on the number of threads", arguments: InstructionSet.runnable, [1, 5, 64, 150])
  func threads(set: InstructionSet, rows: Int) throws {
    var fixture = LinearFixture(outputs: 700, inputs: 192)
    let kernels = LinearKernels.variants(for: set)
    let scales = fixture.channelFloats()
    let layers = [
      try fixture.layer(
        PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: 700, inputs: 192), scales: scales,
        bias: nil,
        kernels: kernels),
      try fixture.layer(fixture.int4Weights(), scales: scales, bias: nil, kernels: kernels),
    ]
    let x = fixture.random.floats(rows * 192)
    for layer in layers {
      let results = [1, 2, 3].map { threads in
        run(layer, x, rows: rows, pool: WorkerPool(threads: threads), kernels: kernels)
      }
      #expect(results[0] == results[1] && results[0] == results[2])
    }
  }

  @Test("a batch gives the bits of its rows alone", arguments: InstructionSet.runnable, [false, true])
  func batches(set: InstructionSet, is4Bit: Bool) throws {
    var fixture = LinearFixture(outputs: 80, inputs: 172)
    let kernels = LinearKernels.variants(for: set)
    let scales = fixture.channelFloats()
    let layer =
      is4Bit
      ? try fixture.layer(fixture.int4Weights(), scales: scales, bias: nil, kernels: kernels)
      : try fixture.layer(
        PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: 80, inputs: 172), scales: scales, bias: nil,
        kernels: kernels)
    let x = fixture.random.floats(20 * 172)
    let together = run(layer, x, rows: 20, pool: pool, kernels: kernels)
    for row in 0..<20 {
      let alone = run(layer, Array(x[row * 172..<(row + 1) * 172]), rows: 1, pool: pool, kernels: kernels)
      #expect(alone[1...] == together[(row * 83 + 1)..<(row * 83 + 84)], "row \(row)")
    }
  }

  @Test("gives one output the bits that all get", arguments: InstructionSet.runnable, [8, 4])
  func singleOutputs(set: InstructionSet, bits: Int) throws {
    var fixture = LinearFixture(outputs: 41, inputs: 172)
    let kernels = LinearKernels.variants(for: set)
    let (scales, bias) = (fixture.channelFloats(), fixture.channelFloats())
    let layer =
      bits == 4
      ? try fixture.layer(fixture.int4Weights(), scales: scales, bias: bias, kernels: kernels)
      : try fixture.layer(
        PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: 41, inputs: 172), scales: scales,
        bias: bias,
        kernels: kernels)
    let rows = ActivationRows(maxRows: 3, maxColumns: 172, kernels: kernels)
    rows.quantizeDynamic(fixture.random.floats(3 * 172), rows: 3, columns: 172, form: layer.form, pool: pool)
    var all = [Float](repeating: 0, count: 3 * 41)
    layer.apply(rows, to: &all, stride: 41, pool: pool)
    let single = all.indices.map { layer.output($0 % 41, ofRow: $0 / 41, in: rows) }
    #expect(single == all)
  }

  @Test("the residual may be the output itself", arguments: InstructionSet.runnable)
  func residualInPlace(set: InstructionSet) throws {
    var fixture = LinearFixture(outputs: 33, inputs: 40)
    let kernels = LinearKernels.variants(for: set)
    let packed = PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: 33, inputs: 40)
    let layer = try fixture.layer(packed, scales: fixture.channelFloats(), bias: nil, kernels: kernels)
    let rows = ActivationRows(maxRows: 7, maxColumns: 40, kernels: kernels)
    rows.quantizeDynamic(fixture.random.floats(280), rows: 7, columns: 40, form: .unsigned, pool: pool)
    let start = fixture.random.floats(7 * 33)
    var (apart, inPlace) = (start, start)
    layer.apply(rows, to: &apart, stride: 33, residual: start, pool: pool)
    inPlace.withUnsafeMutableBufferPointer { buffer in
      layer.apply(
        rows, to: buffer.baseAddress!, stride: 33, residual: UnsafePointer(buffer.baseAddress!), pool: pool)
    }
    #expect(apart == inPlace)
  }

  @Test(
    "rows quantized as they are computed are those quantized from memory", arguments: InstructionSet.runnable)
  func computedRows(set: InstructionSet) throws {
    struct Halves: RowSource {
      let x: UnsafePointer<Float>
      func write(_ row: Int, to target: UnsafeMutablePointer<Float>) {
        for column in 0..<700 { target[column] = x[row * 700 + column] / 2 }
      }
    }
    var fixture = LinearFixture(outputs: 33, inputs: 700)
    let kernels = LinearKernels.variants(for: set)
    let packed = PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: 33, inputs: 700)
    let layer = try fixture.layer(packed, scales: fixture.channelFloats(), bias: nil, kernels: kernels)
    let x = fixture.random.floats(50 * 700)
    let expected = run(layer, x.map { $0 / 2 }, rows: 50, pool: pool, kernels: kernels)
    let rows = ActivationRows(maxRows: 50, maxColumns: 700, kernels: kernels)
    x.withUnsafeBufferPointer {
      rows.quantizeDynamic(
        of: Halves(x: $0.baseAddress!), rows: 50, columns: 700, form: layer.form, pool: pool)
    }
    var actual = [Float](repeating: -7, count: 50 * 36 + 1)
    actual.withUnsafeMutableBufferPointer {
      layer.apply(rows, to: $0.baseAddress! + 1, stride: 36, residual: nil, pool: pool)
    }
    #expect(actual == expected)
  }

  @Test("the largest codes do not saturate", arguments: InstructionSet.runnable, [Int8(-127), 0, 127])
  func extremes(set: InstructionSet, weight: Int8) throws {
    let (n, k, rows) = (17, 4096, 3)
    let fixture = LinearFixture(outputs: n, inputs: k)
    let kernels = LinearKernels.variants(for: set)
    let packed = PackedInt8Weights(
      rowMajor: [Int8](repeating: weight, count: n * k), outputs: n, inputs: k)
    let ones = [Float](repeating: 1, count: n)
    let layer = try fixture.layer(packed, scales: ones, bias: nil, kernels: kernels)
    // Static codes 0 and 255 around zero point 93, at scale 0.011.
    for (value, code) in [(Float(-100), -93), (100, 162), (0, 0)] {
      let x = [Float](repeating: value, count: rows * k)
      let y = run(layer, x, rows: rows, .fixed, pool: pool, kernels: kernels)
      let expected = Float(0).addingProduct(Float(code * Int(weight) * k), 0.011)
      #expect(y[1] == expected && y[n] == expected && y[2 * (n + 3) + n] == expected)
    }
  }

  @Test("the largest 4-bit codes do not saturate", arguments: InstructionSet.runnable, [1, 12])
  func int4Extremes(set: InstructionSet, rows: Int) throws {
    let (n, k) = (16, 64)
    let fixture = LinearFixture(outputs: n, inputs: k)
    let kernels = LinearKernels.variants(for: set)
    let ones = [Float](repeating: 1, count: n)
    for (code, zero, step, weight) in [(15, 0, 8, 120), (0, 15, 8, -120), (15, 8, 16, 112), (0, 7, 16, -112)]
    {
      let packed = PackedInt4Weights(
        rowMajor: [UInt8](repeating: UInt8(code), count: n * k),
        steps: [UInt8](repeating: UInt8(step), count: n * 2),
        zeros: [UInt8](repeating: UInt8(zero), count: n * 2), outputs: n, inputs: k)
      let layer = try fixture.layer(packed, scales: ones, bias: nil, kernels: kernels)
      for value: Float in [-127, 127] {
        let x = [Float](repeating: value, count: rows * k)
        let y = run(layer, x, rows: rows, pool: pool, kernels: kernels)
        #expect(y[1] == value * Float(weight * k) && y[n] == y[1])
      }
    }
  }

  @Test(
    "no byte beyond inputs, weights and outputs is touched", arguments: InstructionSet.runnable, [1, 33, 79])
  func guardPages(set: InstructionSet, outputs n: Int) throws {
    let k = 37
    var fixture = LinearFixture(outputs: n, inputs: k)
    let kernels = LinearKernels.variants(for: set)
    let (packed8, packed4) = (
      PackedInt8Weights(rowMajor: fixture.int8Codes(), outputs: n, inputs: k), fixture.int4Weights()
    )
    let scales = GuardedMemory(fixture.channelFloats()).view(.f32)
    let layers = [
      try LinearLayer(
        WeightTensors(
          .int8,
          [
            .codes: GuardedMemory(packed8.codes).view(.i8), .scales: scales,
            .columnSums: GuardedMemory(packed8.columnSums).view(.i32),
          ]),
        bias: scales, outputs: n, inputs: k, kernels: kernels),
      try LinearLayer(
        WeightTensors(
          .int4,
          [
            .codes: GuardedMemory(packed4.codes).view(.u8),
            .groupScales: GuardedMemory(packed4.groupScales).view(.u8),
            .scales: scales, .columnSums: GuardedMemory(packed4.columnSums).view(.i32),
          ]),
        bias: nil, outputs: n, inputs: k, kernels: kernels),
    ]
    for (layer, rows) in layers.flatMap({ layer in [1, 3, 13].map { (layer, $0) } }) {
      let x = GuardedMemory(fixture.random.floats(rows * k))
      let y = GuardedMemory(fixture.random.floats(rows * n))
      let activations = ActivationRows(maxRows: rows, maxColumns: k, kernels: kernels)
      activations.quantizeDynamic(
        x.pointer(to: Float.self), rows: rows, columns: k, form: layer.form, pool: pool)
      let output = y.pointer(to: Float.self)
      layer.apply(activations, to: output, stride: n, residual: UnsafePointer(output), pool: pool)
      withExtendedLifetime((x, y)) {}
    }
  }

  @Test("tensors that do not fit the extents are refused")
  func wrongTensors() throws {
    let sums = view([Int32](repeating: 0, count: 5), .i32)
    let parts: [WeightPart: TensorView] = [
      .codes: view([Int8](repeating: 0, count: 16 * 8), .i8),
      .scales: view([Float](repeating: 0, count: 5), .f32), .columnSums: sums,
    ]
    #expect(throws: LinearLayerError.missingTensor("metas", format: "int4")) {
      try WeightTensors(.int4, parts)
    }
    let good = try WeightTensors(.int8, parts)
    _ = try LinearLayer(good, bias: nil, outputs: 5, inputs: 7)
    #expect(
      throws: LinearLayerError.wrongSize(tensor: "codes", found: 128, expected: 192, outputs: 5, inputs: 9)
    ) {
      try LinearLayer(good, bias: nil, outputs: 5, inputs: 9)
    }
    #expect(
      throws: LinearLayerError.wrongSize(tensor: "scales", found: 20, expected: 24, outputs: 6, inputs: 7)
    ) {
      try LinearLayer(good, bias: nil, outputs: 6, inputs: 7)
    }
    #expect(throws: LinearLayerError.wrongType(tensor: "bias", found: .i32, expected: .f32)) {
      try LinearLayer(good, bias: sums, outputs: 5, inputs: 7)
    }
    for (n, k) in [(0, 4), (4, 0), (-1, 4), (Int.max, 4), (4, Int.max), (4, 1 << 16 + 1)] {
      #expect(throws: LinearLayerError.badExtent(outputs: n, inputs: k, maxInputs: 1 << 16)) {
        try LinearLayer(good, bias: nil, outputs: n, inputs: k)
      }
    }
  }
}
