import Architectures
import Kernels
import Models
import Packs
import Scheduling

/// A model built from a pack and ready to be handed to the engine's thread.
package struct RunnableModel: @unchecked Sendable {
  // Sendable: built on one thread, handed over once, and used by the engine's thread alone from then on.

  package typealias Limits = ModelLimits

  package let pack: ModelPack
  let model: CapableModel

  /// Builds the model: maps its weights and reserves its working memory. May take long for a large model.
  init(_ pack: ModelPack, limits: Limits, stepTokens: Int, pool: WorkerPool) throws {
    self.pack = pack
    model = try pack.makeModel(limits, stepTokens: stepTokens, pool: pool)
  }

  /// Refuses a text that would leave the model's context: there are no rotary angles beyond it.
  func refusal(prompt: Int, generating count: Int) -> Refusal? {
    guard let context = pack.configuration.contextTokens else { return nil }
    let (tokens, overflow) = prompt.addingReportingOverflow(count)
    return overflow || tokens > context ? .tooLong(tokens: overflow ? .max : tokens, limit: context) : nil
  }

  /// What the scheduler has to know.
  var resources: ModelResources {
    switch model {
    case .images(let model): ModelResources(.vision(batch: model.maxBatch), cost: cost)
    case .sequences(let model):
      ModelResources(.decoder(blocks: model.limits.blocks, slots: model.limits.sequences), cost: cost)
    }
  }

  private var cost: Int { pack.configuration.capability.megaMultiplicationsPerToken }
}

extension RunnableModel {
  /// Bytes beside the weights that a model of this pack reserves; `Int.max` where that is more than can be counted.
  ///
  /// - Parameter stepTokens: Tokens of a step: ``StepBudget/tokens`` of the engine.
  package static func workingBytes(_ pack: ModelPack, _ limits: Limits, stepTokens: Int) -> Int {
    pack.workingBytes(limits, stepTokens: stepTokens)
  }
}
