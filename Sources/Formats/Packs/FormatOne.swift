import Architectures

/// What packs of format 1 mean without saying it: their schemes record no weight formats.
enum FormatOne {
  static let version = "1"

  /// The rule that format 1 was read by: a layer with a tensor `NAME.metas` is int4, every other is int8. A head has a
  /// draft where that has codes.
  static func weights(_ table: TensorTable, has tensor: (String) -> Bool) -> [String: WeightFormat] {
    var weights: [String: WeightFormat] = [:]
    for row in table.matrices {
      let isDraft = row.role == .draftHead
      if isDraft, !tensor(WeightFormat.tensorName(row.name, .codes)) { continue }
      weights[row.name] = tensor(WeightFormat.tensorName(row.name, .groupScales)) ? .int4 : .int8
    }
    return weights
  }
}
