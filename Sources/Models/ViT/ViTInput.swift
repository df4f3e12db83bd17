/// Where one image's pixels lie, in one of the forms that a ViT reads.
public enum ViTInput {
  /// `[channels, imageSize, imageSize]`, normalized.
  case planes(UnsafePointer<Float>)
  /// `[imageSize, imageSize, channels]` as they were decoded, and the normalized value of each of the 256 samples,
  /// `[channels, 256]`: a quarter of the memory, and nobody has to write the planes.
  case samples(UnsafePointer<UInt8>, values: UnsafePointer<Float>)
}
