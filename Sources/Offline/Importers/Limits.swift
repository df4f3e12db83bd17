/// The largest sizes that an importer accepts; a file with larger ones is damaged. Products of these fit 63 bits.
enum Limits {
  static let width = 1...(1 << 17)
  static let hidden = 1...(1 << 20)
  static let layers = 1...1024
  static let heads = 1...1024
  static let headSize = 2...1024
  static let vocabulary = 1...(1 << 22)
  static let context = 1...(1 << 24)
  static let image = 1...4096
  static let channels = 1...16
  static let classes = 1...(1 << 20)
  static let epsilon = 1e-12...1e-1
}
