import Registry
import Testing

@Suite("Model registry")
struct ModelRegistryTests {
  private let scratch = Scratch()

  /// A new registry on the same file: what it shows has survived a restart.
  private func reopened() throws -> ModelRegistry { try ModelRegistry(path: scratch.file("registry.db")) }

  /// Installs versions 1… of `story`, one per digit.
  private func install(_ digits: String) throws -> [VersionID] {
    try digits.enumerated().map { index, digit in
      guard
        case .added(let version) = try reopened().install(
          installation("story", digit), by: origin(Int64(index)))
      else { throw Unexpected() }
      return version.id
    }
  }

  private struct Unexpected: Error {}

  @Test("an installed version is there after a restart, with everything that was said about it")
  func installs() throws {
    let new = try installation("story", "a", note: "first ✓ 'quoted'")
    let outcome = try reopened().install(new, by: origin(5, uid: 7))
    let version = try reopened().resolve(VersionReference(parsing: "story:1"))
    #expect(outcome == .added(version))
    #expect(version.id.description == "story:1" && version.digest == new.digest && version.bytes == 10)
    #expect(version.note == new.note && version.quality == new.quality && version.architecture == "llama")
    #expect(version.state == .installed && version.created == origin(5, uid: 7))
  }

  @Test("the same bytes under the same name are the same version, under another name a new one")
  func installsOnce() throws {
    _ = try install("ab")
    guard case .present(let same) = try reopened().install(installation("story", "a"), by: origin(9)) else {
      throw Unexpected()
    }
    #expect(same.id.number == 1)
    guard case .added(let other) = try reopened().install(installation("other", "a"), by: origin(9)) else {
      throw Unexpected()
    }
    #expect(other.id.number == 1)
    #expect(try reopened().models().map(\.name.description) == ["other", "story"])
  }

  @Test("a version's number is never used again")
  func numbersAreUnique() throws {
    let ids = try install("ab")
    #expect(try reopened().remove(ids[1], force: false, by: origin(3)) == digest("b"))
    #expect(try install("c").map(\.number) == [3])
  }

  @Test("a bare name means the stable version, and says so where there is none")
  func resolves() throws {
    let ids = try install("ab")
    let bare = try VersionReference(parsing: "story")
    #expect(throws: RegistryError.labelNotSet(bare.model, .stable)) { try reopened().resolve(bare) }
    #expect(try reopened().promote(ids[1], to: .stable, by: origin(3)) == nil)
    #expect(try reopened().resolve(bare).id == ids[1])
    #expect(try reopened().resolve(VersionReference(parsing: "story@stable")).id == ids[1])
    let unknown = try VersionReference(parsing: "nobody")
    #expect(throws: RegistryError.unknownModel(unknown.model)) { try reopened().resolve(unknown) }
    let missing = VersionID(bare.model, 9)
    #expect(throws: RegistryError.unknownVersion(missing)) {
      try reopened().resolve(VersionReference(parsing: "story:9"))
    }
  }

  @Test("rollback goes back through all promotions, and stops at the first")
  func rollsBack() throws {
    let ids = try install("abc")
    let model = ids[0].model
    for (id, previous) in zip([ids[0], ids[1], ids[0], ids[2]], [nil, 1, 2, 1]) {
      #expect(try reopened().promote(id, to: .stable, by: origin(4)) == previous)
    }
    #expect(try reopened().promote(ids[2], to: .stable, by: origin(4)) == 3, "nothing changes")
    #expect(try reopened().model(model).labels == [LabelRecord(label: .stable, version: 3, previous: 1)])
    for number in [1, 2, 1] {
      #expect(try reopened().rollback(model, label: .stable, by: origin(5)).id.number == number)
      #expect(try reopened().resolve(VersionReference(model)).id.number == number)
    }
    #expect(throws: RegistryError.nothingBefore(model, .stable, version: 1)) {
      try reopened().rollback(model, label: .stable, by: origin(6))
    }
    #expect(throws: RegistryError.labelNotSet(model, .canary)) {
      try reopened().rollback(model, label: .canary, by: origin(6))
    }
  }

  @Test("a labelled version is removed only by force, and its label falls back")
  func removesLabelled() throws {
    let ids = try install("abc")
    for id in [ids[0], ids[1], ids[0], ids[2]] { _ = try reopened().promote(id, to: .stable, by: origin(4)) }
    #expect(throws: RegistryError.labelled(ids[2], [.stable])) {
      try reopened().remove(ids[2], force: false, by: origin(5))
    }
    #expect(try reopened().remove(ids[2], force: true, by: origin(5)) == digest("c"))
    #expect(try reopened().resolve(VersionReference(ids[0].model)).id == ids[0])
    // Without version 2, the two promotions of version 1 are neighbours and count as one.
    #expect(try reopened().remove(ids[1], force: false, by: origin(6)) == digest("b"))
    #expect(
      try reopened().model(ids[0].model).labels == [LabelRecord(label: .stable, version: 1, previous: nil)])
    // The labels of a model's only version cannot move anywhere: they go with it, without force.
    #expect(try reopened().remove(ids[0], force: false, by: origin(7)) == digest("a"))
    #expect(throws: RegistryError.unknownModel(ids[0].model)) { try reopened().model(ids[0].model) }
    #expect(try reopened().models().isEmpty)
  }

  @Test("a label is taken away with its promotions, and with the default that meant it")
  func unlabels() throws {
    let ids = try install("ab")
    for id in ids { _ = try reopened().promote(id, to: .stable, defaultFor: .generate, by: origin(4)) }
    _ = try reopened().promote(ids[0], to: .canary, by: origin(4))
    #expect(try reopened().unlabel(ids[0].model, .stable, by: origin(5)).id == ids[1])
    #expect(try reopened().model(ids[0].model).labels.map(\.label) == [.canary])
    #expect(try reopened().defaultModel(for: .generate) == nil)
    #expect(throws: RegistryError.labelNotSet(ids[0].model, .stable)) {
      try reopened().unlabel(ids[0].model, .stable, by: origin(6))
    }
    #expect(try reopened().events(limit: 1).first?.detail == "stable: 2 → nothing")
  }

  @Test("an unloaded version stays so until it is loaded or promoted again")
  func remembersUnloading() throws {
    let id = try #require(try install("a").first)
    #expect(try reopened().resolve(VersionReference(id.model, .version(1))).starts)
    try reopened().setStarts(false, id, by: origin(1))
    #expect(try !reopened().resolve(VersionReference(id.model, .version(1))).starts)
    _ = try reopened().promote(id, to: .stable, by: origin(2))
    #expect(try reopened().resolve(VersionReference(id.model, .version(1))).starts)
  }

  @Test("the first promotion fills the task's default, in the same change, and a later one leaves it")
  func fillsDefault() throws {
    let id = try #require(try install("a").first)
    _ = try reopened().promote(id, to: .stable, defaultFor: .generate, by: origin(1))
    #expect(try reopened().defaultModel(for: .generate) == VersionReference(id.model))
    _ = try reopened().install(installation("other", "b"), by: origin(2))
    let other = VersionID(try ModelName("other"), 1)
    _ = try reopened().promote(other, to: .stable, defaultFor: .generate, by: origin(2))
    #expect(try reopened().defaultModel(for: .generate) == VersionReference(id.model))
  }

  @Test("a blob is given up only by the last version that names it")
  func sharesBlobs() throws {
    let ids = try install("a")
    _ = try reopened().install(installation("other", "a"), by: origin(1))
    #expect(try reopened().remove(ids[0], force: false, by: origin(2)) == nil)
    #expect(try reopened().digests() == [digest("a")])
    #expect(
      try reopened().remove(VersionID(ModelName("other"), 1), force: false, by: origin(2)) == digest("a"))
    #expect(try reopened().digests().isEmpty)
  }

  @Test(
    "states and their reasons survive a restart",
    arguments: [VersionState.failed(reason: "no memory"), .live])
  func keepsStates(state: VersionState) throws {
    let id = try #require(try install("a").first)
    try reopened().note([id: state], by: origin(1))
    #expect(try reopened().model(id.model).versions.map(\.state) == [state])
  }

  @Test("after a crash nothing is live any more, and a failure stays one")
  func recovers() throws {
    let ids = try install("abc")
    try reopened().note([ids[0]: .live], by: origin(1))
    try reopened().note([ids[1]: .failed(reason: "broken")], by: origin(1))
    #expect(try reopened().recover(by: origin(2)) == [ids[0]])
    let states = try reopened().model(ids[0].model).versions.map(\.state)
    #expect(states == [.unloaded, .failed(reason: "broken"), .installed])
  }

  @Test("defaults name models that exist, and go with them")
  func defaults() throws {
    let id = try #require(try install("a").first)
    let reference = VersionReference(id.model, .version(1))
    #expect(try reopened().defaultModel(for: .generate) == nil)
    try reopened().setDefault(reference, for: .generate, by: origin(1))
    #expect(try reopened().defaultModel(for: .generate) == reference)
    #expect(try reopened().defaultModel(for: .classify) == nil)
    let unknown = try VersionReference(parsing: "nobody:1")
    #expect(throws: RegistryError.unknownModel(unknown.model)) {
      try reopened().setDefault(unknown, for: .classify, by: origin(1))
    }
    _ = try reopened().remove(id, force: false, by: origin(2))
    #expect(try reopened().defaultModel(for: .generate) == nil)
  }

  @Test("events tell who did what, newest first")
  func events() throws {
    let id = try #require(try install("a").first)
    _ = try reopened().promote(id, to: .canary, by: origin(20, uid: 5))
    try reopened().note([id: .failed(reason: "too large")], by: origin(30, uid: 0))
    try reopened().setDefault(nil, for: .classify, by: origin(40))
    let events = try reopened().events(limit: 10)
    #expect(events.map(\.action) == [.setDefault, .state, .promote, .install])
    #expect(events[1].detail == "failed (too large)" && events[1].origin == origin(30, uid: 0))
    #expect(events[2].detail == "canary: nothing → 1" && events[2].version == 1)
    #expect(try reopened().events(limit: 10, of: id.model).count == 3)
    #expect(try reopened().events(limit: 1).map(\.action) == [.setDefault])
  }
}
