extension VisionConfiguration {
  /// Checks sizes and features; see ``ModelConfiguration/validate()``.
  package func validate() throws(ArchitectureError) {
    try require("image_size", imageSize, in: 1...4_096)
    try require("patch_size", patchSize, in: 1...imageSize)
    try require("image_size", imageSize, dividesBy: patchSize, named: "patch_size")
    guard channels == 3 else {
      throw ArchitectureError(
        field: "num_channels", found: "\(channels)", expected: "images have 3 channels")
    }
    try require("hidden_size", width, in: Bound.width)
    try require("num_hidden_layers", layers, in: Bound.layers)
    try require("num_attention_heads", heads, in: 1...width)
    try require("hidden_size", width, dividesBy: heads, named: "num_attention_heads")
    try require("head size", headSize, in: Bound.headSize)
    try require("head size", headSize, dividesBy: 4, named: "lanes")
    try require("intermediate_size", hidden, in: Bound.width)
    try require("num_labels", classes, in: 1...1_000_000)
    try require("patches", patches, in: 1...65_536)
    try require(positive: "layer_norm_eps", Double(normEpsilon), atMost: 1)
    try validateFeatures()
  }

  private func validateFeatures() throws(ArchitectureError) {
    try require("norm", norm, among: [.layer])
    try require("norm_placement", normPlacement, among: [.before])
    try require("feed_forward", feedForward, among: [.gelu])
    try require("class_token", classToken, among: [true])
    try require("pooling", pooling, among: [.classToken])
  }
}
