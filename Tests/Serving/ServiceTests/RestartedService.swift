import Service
import WireProtocol

/// A service that has started on a state folder.
final class RestartedService {
  private let fixture: ServiceFixture
  let client: FakeClient
  /// What the start found, without what only the log says.
  let problems: [String]

  /// - Throws: What the start was refused with.
  init(_ folder: StateFolder) throws {
    fixture = try ServiceFixture(folder: folder)
    _ = fixture.service.loadModels()
    problems = fixture.service.problems()
    client = fixture.client()
  }

  var currentProblems: [String] { fixture.service.problems() }

  /// The versions and labels that clients see.
  func summary() throws -> [StateCopy.Version] {
    let models = try client.ask("m", "models")["result"]?["models"]?.elements ?? []
    return models.map { model in
      StateCopy.Version(
        name: model["name"]?.stringValue ?? "", version: model["version"]?.integerValue ?? 0,
        labels: model["labels"]?.elements.compactMap(\.stringValue) ?? [])
    }
    .sorted { ($0.name, $0.version) < ($1.name, $1.version) }
  }
}
