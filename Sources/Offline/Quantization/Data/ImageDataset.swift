import Checkpoints
import FoundationEssentials
import ImageProcessing

/// Labelled images read from a file or folder: CIFAR binary, MNIST's idx, or class folders with PNM files.
package struct ImageDataset: Sendable {
  package struct Item: Sendable {
    package let image: Image
    package let label: Int
  }

  /// The file's or folder's name, as it goes into records.
  package let name: String
  package let items: [Item]

  /// - Parameters:
  ///   - labels: The model's class names: a class folder takes the index of its name, or its rank where none matches.
  ///   - limit: Reads at most so many images.
  package static func open(path: String, labels: [String], limit: Int = .max) throws -> ImageDataset {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw QuantizationError.badData(path: path, reason: "no such file or folder.")
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    let items: [Item]
    if isFolder {
      items = try ClassFolders.read(path, labels: labels, limit: limit)
    } else {
      let file = try MappedFile(path: path)
      items =
        IDXFile.matches(file.bytes)
        ? try IDXFile.read(file, path: path, limit: limit)
        : try CIFARFile.read(file, path: path, limit: limit)
    }
    guard !items.isEmpty else { throw QuantizationError.badData(path: path, reason: "it holds no images.") }
    return ImageDataset(name: name, items: items)
  }
}

/// CIFAR-10's binary layout: records of a label byte and 3 planes of 32×32 bytes.
enum CIFARFile {
  static let side = 32
  static let recordBytes = 1 + 3 * side * side

  static func read(_ file: MappedFile, path: String, limit: Int) throws -> [ImageDataset.Item] {
    guard file.bytes.count > 0, file.bytes.count % recordBytes == 0 else {
      throw QuantizationError.badData(
        path: path,
        reason: """
          \(file.bytes.count) bytes are neither an idx file nor whole CIFAR records of \(recordBytes) bytes. \
          Give a CIFAR binary, an idx file, or a folder of class folders with PNM files.
          """)
    }
    return (0..<min(limit, file.bytes.count / recordBytes)).map { record in
      let bytes = file.bytes[(record * recordBytes)..<((record + 1) * recordBytes)]
      let planes = Array(bytes.dropFirst())
      let pixels = (0..<side * side).flatMap { pixel in (0..<3).map { planes[$0 * side * side + pixel] } }
      return ImageDataset.Item(
        image: Image(width: side, height: side, channels: 3, samples: .eight(pixels[...]), maxValue: 255),
        label: Int(bytes[bytes.startIndex]))
    }
  }
}

/// The idx layout of MNIST: big-endian magic 0x0803, count, rows, columns, then bytes; labels in the file beside it.
enum IDXFile {
  static func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= 16 && Array(bytes[0..<4]) == [0, 0, 8, 3]
  }

  static func read(_ file: MappedFile, path: String, limit: Int) throws -> [ImageDataset.Item] {
    let header = (1...3).map { field in (0..<4).reduce(0) { $0 << 8 | Int(file.bytes[field * 4 + $1]) } }
    let (count, rows, columns) = (header[0], header[1], header[2])
    let size = rows.multipliedReportingOverflow(by: columns)
    let total = size.partialValue.multipliedReportingOverflow(by: count)
    guard !size.overflow, !total.overflow, rows > 0, columns > 0, total.partialValue == file.bytes.count - 16
    else {
      throw QuantizationError.badData(
        path: path,
        reason:
          "the idx header says \(count) images of \(rows)×\(columns), the file has \(file.bytes.count) bytes."
      )
    }
    let labels = try readLabels(beside: path, count: count)
    return (0..<min(limit, count)).map { index in
      let start = 16 + index * rows * columns
      return ImageDataset.Item(
        image: Image(
          width: columns, height: rows, channels: 1,
          samples: .eight(Array(file.bytes[start..<start + rows * columns])[...]), maxValue: 255),
        label: Int(labels[index]))
    }
  }

  private static func readLabels(beside path: String, count: Int) throws -> [UInt8] {
    let name = path.replacing("images-idx3", with: "labels-idx1")
    guard name != path else {
      throw QuantizationError.badData(
        path: path, reason: "its name lacks 'images-idx3', so the file with its labels cannot be found.")
    }
    let file = try MappedFile(path: name)
    guard file.bytes.count == 8 + count, Array(file.bytes[0..<4]) == [0, 0, 8, 1] else {
      throw QuantizationError.badData(path: name, reason: "not an idx file of \(count) labels.")
    }
    return Array(file.bytes[8...])
  }
}

/// A folder with one folder per class, each with PNM files.
enum ClassFolders {
  static func read(_ path: String, labels: [String], limit: Int) throws -> [ImageDataset.Item] {
    let manager = FileManager.default
    let classes = try manager.contentsOfDirectory(atPath: path).sorted()
    var items: [ImageDataset.Item] = []
    for (rank, name) in classes.enumerated() {
      var isFolder = false
      guard manager.fileExists(atPath: "\(path)/\(name)", isDirectory: &isFolder), isFolder else { continue }
      for file in try manager.contentsOfDirectory(atPath: "\(path)/\(name)").sorted() where isPNM(file) {
        guard items.count < limit else { return items }
        let mapped = try MappedFile(path: "\(path)/\(name)/\(file)")
        let image = try PNM.decode(Array(mapped.bytes), maxPixels: 1 << 26)
        items.append(ImageDataset.Item(image: image, label: labels.firstIndex(of: name) ?? rank))
      }
    }
    return items
  }

  private static func isPNM(_ name: String) -> Bool {
    [".ppm", ".pgm", ".pnm"].contains { name.lowercased().hasSuffix($0) }
  }
}
