import Arguments
import Testing

@testable import Settings

@Suite("Loading a configuration")
struct ConfigurationLoadTests {
  private let home = ["HOME": "/home/anna", "XDG_RUNTIME_DIR": "/run/user/1000"]

  private func load(
    _ arguments: [String] = [], environment: [String: String]? = nil, uid: UInt32 = 1000,
    files: [String: String] = [:]
  ) throws(ConfigurationError) -> Configuration {
    try Configuration.load(
      arguments: arguments, environment: environment ?? home, uid: uid, files: FileSource(holding: files))
  }

  @Test("follows flag over variable over the user's file over the system's over the default")
  func precedence() throws {
    var files = ["/etc/quantd/quantd.conf": "socket = /1\nthreads = 1\nstep_tokens = 11\nmax_requests = 7"]
    #expect(try load(files: files).socket == "/1")
    files["/home/anna/.config/quantd/quantd.conf"] = "socket = /2\nthreads = 2\nstep_tokens = 22"
    #expect(try load(files: files).socket == "/2")
    let variable = home.merging(["QUANTD_SOCKET": "/3"]) { $1 }
    #expect(try load(environment: variable, files: files).socket == "/3")
    let all = try load(["--socket", "/4", "--threads=4"], environment: variable, files: files)
    #expect(all.socket == "/4")
    #expect(all.threads == 4)
    #expect(all.stepTokens == 22)
    #expect(all.maxRequests == 7)
    #expect(all.imageBatch == 16)
  }

  @Test("reads drop-ins after their file in the order of their names, and nothing else beside them")
  func dropIns() throws {
    let found = try load(
      uid: 0,
      files: [
        "/etc/quantd/quantd.conf": "threads = 1", "/etc/quantd/quantd.conf.d/20-b.conf": "threads = 3",
        "/etc/quantd/quantd.conf.d/10-a.conf": "threads = 2\nimage_batch = 5",
        "/etc/quantd/quantd.conf.d/30-c.conf.rpmsave": "nonsense",
        "/etc/quantd/quantd.conf.d/.40.conf": "nonsense",
      ])
    #expect(found.threads == 3)
    #expect(found.imageBatch == 5)
  }

  @Test("names the drop-in that is wrong")
  func wrongDropIn() {
    let file = "/etc/quantd/quantd.conf.d/10-a.conf"
    #expect(throws: ConfigurationError.notAnAssignment("oops", at: .file(file, line: 1))) {
      try load(uid: 0, files: [file: "oops"])
    }
  }

  @Test("takes a named file instead of the usual ones, and fails without it")
  func namedFile() throws {
    let files = ["/etc/quantd/quantd.conf": "threads = 1", "/x.conf": "step_tokens = 9"]
    let found = try load(["--config", "/x.conf"], files: files)
    #expect(found.threads == nil)
    #expect(found.stepTokens == 9)
    let missing = #expect(throws: ConfigurationError.notFound(path: "/y.conf", named: "$QUANTD_CONFIG")) {
      try load(environment: home.merging(["QUANTD_CONFIG": "/y.conf"]) { $1 }, files: files)
    }
    #expect(missing?.exitStatus == .badConfiguration)
  }

  @Test("serves the system for root, --system and files of /etc/quantd, else one user")
  func mode() throws {
    #expect(try load().mode == .user)
    #expect(try load(uid: 0).mode == .system)
    #expect(try load(["--user"], uid: 0).mode == .user)
    #expect(try load(["--system"]).stateDirectory == "/var/lib/quantd")
    let files = ["/etc/quantd/other.conf": ""]
    #expect(try load(["--config=/etc/quantd/other.conf"], files: files).mode == .system)
  }

  @Test("places a user's files by the XDG variables, and by HOME without them")
  func userPlaces() throws {
    #expect(try load().socket == "/run/user/1000/quantd/quantd.sock")
    #expect(try load().stateDirectory == "/home/anna/.local/state/quantd")
    let state = home.merging(["XDG_STATE_HOME": "/s"]) { $1 }
    #expect(try load(environment: state).stateDirectory == "/s/quantd")
    let relative = home.merging(["XDG_STATE_HOME": "s"]) { $1 }
    #expect(try load(environment: relative).stateDirectory == "/home/anna/.local/state/quantd")
  }

  @Test("says which variable or flag would give a missing place")
  func noPlace() throws {
    let error = #expect(throws: ConfigurationError.self) { try load(environment: ["HOME": "/h"]) }
    #expect(error?.description.contains("XDG_RUNTIME_DIR") == true)
    #expect(error?.description.contains("--socket") == true)
    #expect(try load(["--socket", "/s"], environment: ["HOME": "/h"]).socket == "/s")
  }

  @Test("ignores the user's file in system mode")
  func systemIgnoresUser() throws {
    let files = ["/home/anna/.config/quantd/quantd.conf": "threads = 2"]
    #expect(try load(["--system"], files: files).threads == nil)
  }

  @Test("refuses wrong flags as a wrong command line")
  func flags() {
    let typo = #expect(
      throws: ConfigurationError.usage(UsageError("unknown option '--thread'; did you mean '--threads'?"))
    ) {
      try load(["--thread", "2"])
    }
    #expect(typo?.exitStatus == .usage)
    #expect(throws: ConfigurationError.usage(UsageError("unexpected argument 'now'"))) { try load(["now"]) }
    #expect(throws: ConfigurationError.self) { try load(["--system", "--user"]) }
    #expect(throws: ConfigurationError.self) { try load(["--threads"]) }
    let value = #expect(throws: ConfigurationError.self) { try load(["--threads", "many"]) }
    #expect(
      value?.description == "--threads: threads is 'many', but allowed is auto, or a number from 1 to 1024")
    #expect(value?.exitStatus == .usage)
  }

  @Test("reads its own text back as the same configuration")
  func roundTrip() throws {
    let made = try load([
      "--system", "--threads", "3", "--memory-budget", "6G", "--drain-timeout", "1500ms", "--admin-users",
      "anna,7",
      "--socket-group", "video", "--quality-gate-agreement", "0.875", "--max-image-pixels", "12345",
    ])
    #expect(try load(["--system", "--config", "/c"], files: ["/c": made.text]) == made)
  }
}

extension FileSource {
  /// The files of a dictionary.
  init(holding files: [String: String]) {
    self.init(
      read: { (path) throws(ConfigurationError) in files[path] },
      list: { folder in
        files.keys.filter { $0.hasPrefix(folder + "/") }.map { String($0.dropFirst(folder.utf8.count + 1)) }
      })
  }
}
