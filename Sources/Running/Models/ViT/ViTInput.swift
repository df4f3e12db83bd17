import Kernels

/// Where one image's pixels lie, in one of the forms that a ViT reads.
package typealias ViTInput = PatchPixels
