import Architectures
import FoundationEssentials
import Glibc
import Models
import Packs
import Processes

/// Where the packs of the model suites come from: the user's, or synthetic ones that `qpack synth` writes.
final class PackSource {
  /// A pack and the name that its rows carry.
  struct Named {
    let name: String
    let path: String
    let pack: ModelPack

    /// What a model for images has; nil for another.
    var images: ImageTraits? { pack.configuration.images }
  }

  private let given: Named?
  private let folder: String
  private let isTemporary: Bool
  private let filter: String?

  private static let visionShapes = ["deit-tiny", "deit-small", "vit-base"]
  private static let languageShapes = ["stories15m", "smollm-135m", "llama-3.2-1b"]

  init(_ options: Options) throws {
    given = try options.pack.map { path in
      let pack = try ModelPack(path: path)
      return Named(name: pack.name, path: path, pack: pack)
    }
    filter = options.filter
    isTemporary = options.packFolder == nil
    folder = options.packFolder ?? "\(FileManager.default.temporaryDirectory.path)/quantbench-\(getpid())"
  }

  deinit {
    if isTemporary { try? FileManager.default.removeItem(atPath: folder) }
  }

  /// Calls `body` with each model for images to measure.
  func forEachImageModel(_ body: (Named, ImageTraits) throws -> Void) throws {
    try forEach(Self.visionShapes) { named in
      if let images = named.images { try body(named, images) }
    }
  }

  /// Calls `body` with each model for sequences to measure.
  func forEachSequenceModel(_ body: (Named, SequenceTraits) throws -> Void) throws {
    try forEach(Self.languageShapes) { named in
      if let sequences = named.pack.configuration.sequences { try body(named, sequences) }
    }
  }

  /// The user's pack where it is one for images, else a small synthetic one.
  func anyImageModel() throws -> Named {
    if let given, given.images != nil { return given }
    return try synthetic(shape: Self.visionShapes[0], .w8a8)
  }

  /// The packs that come with the sources, where the working directory has them.
  func bundled() throws -> [Named] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "models")) ?? []
    return try names.filter { $0.hasSuffix(".qpack") }.sorted().map { name in
      let pack = try ModelPack(path: "models/\(name)")
      return Named(name: pack.name, path: "models/\(name)", pack: pack)
    }
  }

  /// A pack of 1B weights; nil where there is none. A synthetic one is used if it exists, and written only if
  /// the filter names it.
  func large() throws -> Named? {
    if let given { return given.pack.file.tensorBytes > 500_000_000 ? given : nil }
    guard let shape = Self.languageShapes.last else { return nil }
    let exists = access(path(of: shape, .w4a8), R_OK) == 0
    return exists || filter?.contains(shape) == true ? try synthetic(shape: shape, .w4a8) : nil
  }

  private func forEach(_ shapes: [String], _ body: (Named) throws -> Void) throws {
    if let given { return try body(given) }
    for shape in shapes {
      for recipe in RecipeName.allCases where isWanted("\(shape) \(recipe.rawValue)") {
        try body(synthetic(shape: shape, recipe))
      }
    }
  }

  /// Whether the filter can match a case of this model. A pack of gigabytes should not be written for nothing.
  private func isWanted(_ name: String) -> Bool {
    guard let filter else { return true }
    return name.contains(filter) || filter.contains(name) || !Self.namesModel(filter)
  }

  private static func namesModel(_ filter: String) -> Bool {
    (visionShapes + languageShapes).contains { filter.contains($0) || $0.contains(filter) }
  }

  /// The pack in the folder, or a new one where there is none that this version reads.
  private func synthetic(shape: String, _ recipe: RecipeName) throws -> Named {
    let (name, path) = ("\(shape) \(recipe.rawValue)", path(of: shape, recipe))
    if let pack = try? ModelPack(path: path) { return Named(name: name, path: path, pack: pack) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let qpack = try SpawnedProcess.neighbour("qpack")
    let arguments = ["synth", "--shape", shape, "--recipe", recipe.rawValue, "-o", path]
    try SpawnedProcess.start(qpack, arguments, silent: true).waitForSuccess()
    return Named(name: name, path: path, pack: try ModelPack(path: path))
  }

  private func path(of shape: String, _ recipe: RecipeName) -> String {
    "\(folder)/\(shape)-\(recipe.rawValue).qpack"
  }
}
