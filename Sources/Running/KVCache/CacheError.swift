/// Why a cache could not be made.
package enum CacheError: Error, Equatable, CustomStringConvertible {
  case tooLarge(blocks: Int, bytesPerBlock: Int, sequences: Int, bytesPerTail: Int)
  case noMemory(bytes: Int, code: Int32)

  package var description: String {
    switch self {
    case .tooLarge(let blocks, let bytesPerBlock, let sequences, let bytesPerTail):
      """
      A cache of \(blocks) blocks of \(bytesPerBlock) bytes and \(sequences) sequences of \(bytesPerTail) bytes \
      exceeds the address space; configure a smaller cache.
      """
    case .noMemory(let bytes, let code):
      """
      The system refused \(bytes) bytes for the key/value cache (errno \(code)); configure a smaller cache, \
      or raise the process's memory limit.
      """
    }
  }
}
