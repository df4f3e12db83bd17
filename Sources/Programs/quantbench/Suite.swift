/// One family of measurements. A new one is a file in `Suites` and a name in ``all``.
struct Suite: Sendable {
  let name: String
  /// One line of help.
  let summary: String
  /// Measures every case that the options want.
  let run: @Sendable (Bench) throws -> Void

  static let all: [Suite] = [
    .peak, .gemm, .gemv, .attention, .norms, .pool, .vit, .prefill, .decode, .batch, .startup, .serve,
  ]
}
