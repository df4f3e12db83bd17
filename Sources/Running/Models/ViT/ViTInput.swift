import Kernels

/// Where one image's pixels lie, in one of the forms that a ViT reads.
public typealias ViTInput = PatchPixels
