/// 0, 1 and each 2ⁿ·{1, 2, 3} up to `limit` with its neighbours: the sizes where tails go wrong.
package func simdSizes(upTo limit: Int) -> [Int] {
  var sizes: Set<Int> = [0, 1]
  var power = 2
  while power <= limit {
    for multiple in [power, power * 2, power * 3] {
      for size in [multiple - 1, multiple, multiple + 1] where size <= limit { sizes.insert(size) }
    }
    power *= 2
  }
  return sizes.sorted()
}
