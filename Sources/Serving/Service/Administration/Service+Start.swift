import Checkpoints
import FoundationEssentials
import Glibc
import Packs
import Registry
import WireProtocol

extension Service {
  /// What went wrong while starting; the service runs without the model concerned.
  package struct StartProblem: Sendable, CustomStringConvertible {
    package let model: String
    package let message: String
    package var description: String { "\(model): \(message)" }
  }

  /// Installs packs of the models directory that the registry lacks, then loads every version that a label points to.
  ///
  /// Blocks until all are warm.
  ///
  /// - Parameter progress: Called with each model before it is loaded.
  /// - Returns: The models that could not be installed or loaded; the reasons are in the registry as well.
  package func loadModels(progress: (String) -> Void = { _ in }) -> [StartProblem] {
    let origin = Origin(uid: getuid(), time: .now)
    var problems: [StartProblem] = []
    do {
      _ = try catalog.registry.recover(by: origin)
    } catch {
      problems.append(StartProblem(model: "registry", message: error.description))
    }
    do throws(WireError) {
      try catalog.removeOrphans()
    } catch {
      problems.append(StartProblem(model: "store", message: error.message))
    }
    problems += installDefaults(origin, progress)
    for id in labelledVersions() where catalog.loaded(id) == nil {
      progress(id.description)
      do throws(WireError) {
        _ = try catalog.load(id, by: origin)
      } catch {
        problems.append(StartProblem(model: id.description, message: error.message))
      }
    }
    return problems
  }

  private func labelledVersions() -> [VersionID] {
    let models = (try? catalog.registry.models()) ?? []
    return models.flatMap { model in
      Set(model.labels.map(\.version)).sorted().map { VersionID(model.name, $0) }
    }
  }

  /// Installs each bundled pack once; a model that people manage already is left alone.
  private func installDefaults(_ origin: Origin, _ progress: (String) -> Void) -> [StartProblem] {
    guard let directory = options.modelsDirectory,
      let names = try? FileManager.default.contentsOfDirectory(atPath: directory)
    else { return [] }
    return names.filter { $0.hasSuffix(".qpack") }.sorted().compactMap { name -> StartProblem? in
      do throws(WireError) {
        try installDefault("\(directory)/\(name)", origin, progress)
        return nil
      } catch {
        return StartProblem(model: name, message: error.message)
      }
    }
  }

  private func installDefault(
    _ path: String, _ origin: Origin, _ progress: (String) -> Void
  ) throws(WireError) {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw WireError(.badPack, "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { Glibc.close(file) }
    guard try !isKnown(file, path) else { return }
    let record = try catalog.install(file, name: nil, by: origin)
    let hasLabels = try wire { () throws(RegistryError) in
      try !catalog.registry.model(record.id.model).labels.isEmpty
    }
    guard !hasLabels else { return }
    progress(record.id.description)
    _ = try promote(record.id, label: Label.stable.description, force: true, origin)
  }

  /// Whether the pack is a registered version's already; reads it only if it has changed since it was last read.
  private func isKnown(_ file: Int32, _ path: String) throws(WireError) -> Bool {
    try wire { () throws(RegistryError) in
      let registry = catalog.registry
      let stamp = try FileStamp(descriptor: file)
      if let digest = try registry.digest(of: stamp) { return try registry.digests().contains(digest) }
      guard let mapping = try? MappedFile(descriptor: file, name: path) else { return false }
      let digest = try BlobDigest(hex: mapping.digest().description)
      // What changed while it was read has a digest of no file that ever was.
      if try FileStamp(descriptor: file) == stamp { try registry.note(digest, of: stamp) }
      return try registry.digests().contains(digest)
    }
  }
}
