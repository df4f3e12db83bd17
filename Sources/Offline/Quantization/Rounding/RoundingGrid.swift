import TensorCore

/// The values that the weights of a layer can take: `unit · code`, with one unit and range of codes a group of inputs.
///
/// Every format with evenly spaced levels is such a grid, once its scales are chosen. Rounding then only chooses codes.
struct RoundingGrid {
  /// A group's levels: `unit · code` for each code of the range.
  struct Group {
    var unit: Float
    var lowest: Float
    var highest: Float

    /// The code whose value is nearest to `value`.
    func code(of value: Float) -> Float {
      guard unit > 0 else { return max(lowest, min(highest, 0)) }
      return max(lowest, min(highest, (value / unit).rounded(.toNearestOrEven)))
    }
  }

  let inputs: Int
  /// Inputs of a group.
  let groupSize: Int
  /// `[outputs, groups]`.
  let groups: [Group]

  private var groupsPerRow: Int { (inputs + groupSize - 1) / groupSize }

  /// The levels of weight `column` of row `row`.
  func group(row: Int, column: Int) -> Group { groups[row * groupsPerRow + column / groupSize] }
}
