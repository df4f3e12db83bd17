import Dispatch
import Glibc
import Registry

/// Reports what is wrong at the moment, and tries to mend it.
extension Service {
  /// How often ``heal()`` is tried while something is wrong: often enough to notice soon that space was freed,
  /// too seldom to slow requests down.
  private static let healingInterval = DispatchTimeInterval.seconds(3)

  /// What an operator should look at, most urgent first; empty when all is well.
  package func problems() -> [String] {
    let starting = startProblems.withLock { $0 }
    let known = Set(starting.map(\.subject))
    let versions = ((try? catalog.registry.models()) ?? []).flatMap(\.versions)
    let failed = versions.compactMap { version -> String? in
      guard case .failed(let reason) = catalog.bookkeeping.state(of: version) else { return nil }
      return known.contains(version.id.description) ? nil : "\(version.id) failed to load: \(reason)"
    }
    return storageProblems + starting.map(\.description) + failed
  }

  /// Problems that pass when a disk has space again or a lock is released.
  private var storageProblems: [String] {
    let limitation = catalog.registry.limitation.map { "models can be used, but not changed: \($0)" }
    return (limitation.map { [$0] } ?? []) + catalog.bookkeeping.problems
  }

  /// Begins to repeat every few seconds what could not be done, until all of it is done. Does nothing if that
  /// is under way.
  func healSoon() {
    guard !isHealing.exchange(true, ordering: .relaxed) else { return }
    administration.asyncAfter(deadline: .now() + Self.healingInterval) { [weak self] in
      guard let self, !self.isStopping else { return }
      let before = problems()
      heal()
      let after = problems()
      isHealing.store(false, ordering: .relaxed)
      if after != before { onProblems(after) }
      if needsHealing { healSoon() }
    }
  }

  var needsHealing: Bool { !storageProblems.isEmpty || isStartIncomplete }

  /// Whether some start problem may pass by itself.
  private var isStartIncomplete: Bool { startProblems.withLock { $0.contains { $0.mayPass } } }

  /// Writes the states that are not written yet. Once the registry can be changed, repeats what the start could
  /// not do.
  private func heal() {
    let origin = Origin(uid: getuid(), time: .now)
    let wasLimited = catalog.registry.limitation != nil
    guard (try? catalog.registry.tryToWrite()) != nil else { return }
    catalog.bookkeeping.write(by: origin)
    catalog.bookkeeping.retryBackup()
    guard wasLimited || isStartIncomplete else { return }
    catalog.forgetRoutes()
    let found = catalog.reconcile() + installDefaults(origin) { _ in } + loadLabelled(origin) { _ in }
    startProblems.withLock { $0 = found.filter { !$0.isNotice } }
    catalog.settle()
  }
}
