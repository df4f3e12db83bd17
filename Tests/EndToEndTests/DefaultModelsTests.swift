import Glibc
import TestSupport
import Testing
import WireProtocol

/// The packs that a clone comes with.
private enum DefaultPacks {
  static let folder = SharedData.repositoryRoot + "/models"
  static let paths = names(in: folder).filter { $0.hasSuffix(".qpack") }.map { "\(folder)/\($0)" }
}

extension EndToEnd {
  @Suite(
    "The models of the repository", .timeLimit(.minutes(2)),
    .enabled(if: !DefaultPacks.paths.isEmpty, "models/*.qpack is missing"))
  struct DefaultModels {
    private let daemon: TestDaemon

    init() throws {
      let scratch = try Scratch()
      // By symbolic link: a hard link may not leave its file system.
      for pack in DefaultPacks.paths {
        symlink(pack, "\(try scratch.folder("models"))/\(pack.split(separator: "/").last ?? "")")
      }
      daemon = try TestDaemon(scratch: scratch)
    }

    @Test("they are installed at the first start and are the defaults of their tasks")
    func installed() throws {
      let status = try daemon.connect().ask("s", "status")["result"]
      #expect(status?["problems"]?.elements.isEmpty == true)
      #expect(status?["defaults"]?["classify"] != nil)
      #expect(status?["defaults"]?["generate"] != nil)
      let state = names(in: daemon.scratch.file("state/blobs"))
      try daemon.restart()
      #expect(names(in: daemon.scratch.file("state/blobs")) == state, "the second start installs nothing")
    }

    @Test("they classify the samples and continue a story, the same way twice")
    func answers() throws {
      let samples = DefaultPacks.folder + "/samples"
      let pictures = names(in: samples).filter { $0.hasSuffix(".ppm") }.map { "\(samples)/\($0)" }
      if !pictures.isEmpty {
        let run = try daemon.client(["classify"] + pictures + ["--json"])
        #expect(run.status == .exited(0), "\(run.errors)")
        #expect(run.lines.count == pictures.count)
      }
      let words = ["generate", "Once upon a time", "--seed", "1", "--max-tokens", "40"]
      let first = try daemon.client(words)
      #expect(first.status == .exited(0), "\(first.errors)")
      #expect(!first.output.isEmpty)
      #expect(try daemon.client(words).output == first.output)
    }
  }
}
