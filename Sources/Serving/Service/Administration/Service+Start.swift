import Checkpoints
import FoundationEssentials
import Glibc
import Packs
import Registry
import WireProtocol

extension Service {
  /// What went wrong while starting; the service runs without the model concerned.
  package struct StartProblem: Sendable, Equatable, CustomStringConvertible {
    /// A version, a pack's file, or a part of the state directory.
    package let subject: String
    package let message: String
    /// Whether trying again may help: a disk was full, say, or a file locked.
    var mayPass = false
    /// Whether it is only logged, because nobody needs to do anything.
    var isNotice = false
    package var description: String { "\(subject): \(message)" }

    init(subject: String, message: String, mayPass: Bool = false, isNotice: Bool = false) {
      (self.subject, self.message, self.mayPass, self.isNotice) = (subject, message, mayPass, isNotice)
    }

    init(_ subject: String, _ error: WireError) {
      self.init(subject: subject, message: error.message, mayPass: error.code == .internal)
    }
  }

  /// Installs packs of the models directory that the registry lacks, then loads every version that a label points to
  /// and that nobody unloaded.
  ///
  /// Blocks until all are warm. If the registry cannot be written, ``healSoon()`` tries again what needed it.
  ///
  /// - Parameter progress: Called with each model before it is loaded.
  /// - Returns: What an operator should look at; ``problems()`` says it as well.
  package func loadModels(progress: (String) -> Void = { _ in }) -> [StartProblem] {
    let origin = Origin(uid: getuid(), time: .now)
    // This only writes history. Without it too, versions that an earlier daemon left running count as unloaded.
    _ = try? catalog.registry.recover(by: origin)
    var found = catalog.reconcile()
    found += installDefaults(origin, progress)
    found += loadLabelled(origin, progress)
    catalog.settle()
    startProblems.withLock { $0 = found.filter { !$0.isNotice } }
    if needsHealing { healSoon() }
    return found
  }

  func loadLabelled(_ origin: Origin, _ progress: (String) -> Void) -> [StartProblem] {
    let models: [ModelRecord]
    do {
      models = try catalog.registry.models()
    } catch {
      return [StartProblem("registry", WireError(error))]
    }
    let wanted = models.flatMap { model in
      model.versions.filter { version in
        version.starts && model.labels.contains { $0.version == version.id.number }
      }
    }
    return wanted.map(\.id).filter { catalog.loaded($0) == nil }.compactMap { id in
      progress(id.description)
      do throws(WireError) {
        _ = try catalog.load(id, by: origin)
        return nil
      } catch {
        return StartProblem(id.description, error)
      }
    }
  }

  /// Installs each bundled pack once; a model that people manage already is left alone.
  func installDefaults(_ origin: Origin, _ progress: (String) -> Void) -> [StartProblem] {
    guard let directory = options.modelsDirectory,
      let names = try? FileManager.default.contentsOfDirectory(atPath: directory)
    else { return [] }
    return names.filter { $0.hasSuffix(".qpack") }.sorted().compactMap { name -> StartProblem? in
      do throws(WireError) {
        try installDefault("\(directory)/\(name)", origin, progress)
        return nil
      } catch {
        return StartProblem(name, error)
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

  /// Whether the pack belongs to a registered version. Reads it only if it has changed since it was last read.
  private func isKnown(_ file: Int32, _ path: String) throws(WireError) -> Bool {
    try wire { () throws(RegistryError) in
      let registry = catalog.registry
      let stamp = try FileStamp(descriptor: file)
      if let digest = try registry.digest(of: stamp) { return try registry.digests().contains(digest) }
      guard let mapping = try? MappedFile(descriptor: file, name: path) else { return false }
      let digest = try BlobDigest(hex: mapping.digest().description)
      // If the file changed while it was read, the digest is that of no file that ever existed.
      if try FileStamp(descriptor: file) == stamp { try registry.note(digest, of: stamp) }
      return try registry.digests().contains(digest)
    }
  }
}
