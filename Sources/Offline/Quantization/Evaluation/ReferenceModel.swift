import ImageProcessing
import Importers
import Kernels
import Models

/// The float32 model that a pack is measured against.
package enum ReferenceModel {
  case vit(FloatViT)
  case llama(FloatLlama)

  package init(_ model: ImportedModel, pool: WorkerPool) throws {
    switch model.configuration {
    case .vit(let configuration):
      self = .vit(try FloatViT(configuration, pool: pool, tensor: model.tensor))
    case .llama(let configuration):
      self = .llama(try FloatLlama(configuration, pool: pool, tensor: model.tensor))
    }
  }
}
