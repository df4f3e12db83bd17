import Glibc
import JSON
import Processes
import Testing
import WireProtocol

extension EndToEnd {
  @Suite("The daemon's life", .timeLimit(.minutes(2)))
  struct DaemonLife {
    @Test("it says that it is ready, serves, and ends with status 0")
    func startAndStop() throws {
      let daemon = try TestDaemon.withModels()
      #expect(daemon.process.errors.contains("ready at \(daemon.socket)"))
      let status = try daemon.connect().ask("1", "status")["result"]
      #expect(status?["state"]?.stringValue == "ready")
      #expect(status?["defaults"]?["classify"]?.stringValue == "tiny-vit:1")
      #expect(status?["defaults"]?["generate"]?.stringValue == "tiny-llama:1")
      #expect(try daemon.stop() == .exited(0))
      #expect(daemon.process.errors.contains("stopped"))
    }

    @Test(
      "a wrong command line is refused with 64 and says what is wrong",
      arguments: [
        (["serve", "--thread", "2"], "--threads"), (["serve", "--threads", "none"], "allowed"),
        (["serve", "--threads"], "needs a value"), (["serve", "extra"], "unexpected"),
        (["serv"], "unknown command"), ([], "no command"),
        (["serve", "--config", "/nonexistent"], "does not exist"),
      ])
    func wrongCommandLine(words: [String], hint: String) throws {
      let process = try ChildProcess(Programs.path("quantd"), words, in: Scratch())
      #expect(try process.wait() == .exited(64))
      #expect(process.errors.contains(hint), "\(process.errors)")
      #expect(process.errors.split(separator: "\n").count == 1)
    }

    @Test(
      "a wrong configuration is refused with 78 and names the line",
      arguments: [
        ("sockets = /x\n", ":1"), ("threads = 2\nthreads = 3\n", ":2"), ("\n\nlog_level = loud\n", ":3"),
        ("nonsense\n", ":1"),
      ])
    func wrongConfiguration(lines: String, place: String) throws {
      let scratch = try Scratch()
      let path = try scratch.write(lines, to: "wrong.conf")
      for verb in ["serve", "check-config"] {
        let process = try ChildProcess(
          Programs.path("quantd"), [verb, "--user", "--config", path], in: scratch)
        #expect(try process.wait() == .exited(78))
        #expect(process.errors.contains("wrong.conf\(place)"), "\(process.errors)")
      }
    }

    @Test("check-config prints what is in force, and --version and --help print themselves")
    func questions() throws {
      let scratch = try Scratch()
      let path = try scratch.write("threads = 3\n", to: "quantd.conf")
      let flags = ["--user", "--config", path, "--socket", "/tmp/s", "--state-directory", "/tmp/state"]
      let check = try ChildProcess(Programs.path("quantd"), ["check-config"] + flags, in: scratch)
      #expect(try check.wait() == .exited(0))
      #expect(check.output.contains("threads = 3\n"))
      // What it prints is a configuration again.
      let printed = try scratch.write(check.output, to: "printed.conf")
      let again = try ChildProcess(
        Programs.path("quantd"), ["check-config", "--user", "--config", printed], in: scratch)
      #expect(try again.wait() == .exited(0), "\(again.errors)")
      #expect(again.output == check.output)
      for (flag, start) in [("--version", "quantd "), ("--help", "quantd serves")] {
        let process = try ChildProcess(Programs.path("quantd"), [flag], in: scratch)
        #expect(try process.wait() == .exited(0))
        #expect(process.output.hasPrefix(start))
      }
    }

    @Test("an instruction set that does not exist is refused with 78")
    func wrongInstructionSet() throws {
      let scratch = try Scratch()
      let process = try ChildProcess(
        Programs.path("quantd"), ["serve"] + TestDaemon.flags(scratch), in: scratch,
        environment: ["QUANTD_ISA": "mmx"])
      #expect(try process.wait() == .exited(78))
      #expect(process.errors.contains("mmx"), "\(process.errors)")
    }

    @Test("a second daemon on the same socket is told so, and the first goes on")
    func secondDaemon() throws {
      let daemon = try TestDaemon()
      let other = try Scratch()
      try other.write("", to: "quantd.conf")
      let flags = TestDaemon.flags(other).map { $0 == other.file("s") ? daemon.socket : $0 }
      let second = try ChildProcess(Programs.path("quantd"), ["serve"] + flags, in: other)
      let status = try second.wait()
      #expect(status != .exited(0))
      if case .signalled = status { Issue.record("the second daemon crashed: \(status)") }
      #expect(second.errors.contains(daemon.socket), "\(second.errors)")
      #expect(try daemon.connect().ask("1", "status")["result"] != nil)
    }

    @Test("the socket that a killed daemon left is replaced")
    func staleSocket() throws {
      let daemon = try TestDaemon()
      try daemon.restart()
      #expect(try daemon.connect().ask("1", "status")["result"]?["state"]?.stringValue == "ready")
    }

    @Test("SIGTERM lets a running generation finish and refuses new ones")
    func drain() throws {
      let daemon = try TestDaemon.withModels()
      let wire = try daemon.connect()
      try wire.send("long", "generate", ["prompt": "Once", "max_tokens": 2000, "stream": true, "seed": 1])
      let first = try wire.next()
      #expect(first?.event == "token")
      daemon.process.send(SIGTERM)
      try #require(try eventually { daemon.process.errors.contains("stopping") })
      try wire.send("late", "generate", ["prompt": "Once"])
      var last: [String: JSONValue] = [:]
      while let event = try wire.next() { if event.isLast { last[event["id"]?.stringValue ?? ""] = event } }
      #expect(last["long"]?["finish_reason"]?.stringValue == "length")
      // It may come before the drain begins, or after the connection was closed.
      let late = last["late"]
      #expect(late == nil || late?.event == "done" || late?.errorCode == "shutting_down")
      #expect(try daemon.process.wait() == .exited(0))
    }

    @Test("a second SIGTERM ends it at once")
    func secondTermination() throws {
      let daemon = try TestDaemon.withModels(["--max-tokens-default", "2000"])
      let wire = try daemon.connect()
      // Enough work for seconds, so that the first signal alone could not end it yet.
      for index in 0..<60 { try wire.send("g\(index)", "generate", ["prompt": "Once", "max_tokens": 2000]) }
      #expect(try eventually { try daemon.underWay(daemon.connect()) > 10 })
      daemon.process.send(SIGTERM)
      try #require(try eventually { daemon.process.errors.contains("stopping") })
      daemon.process.send(SIGTERM)
      #expect(try daemon.process.wait(seconds: 3) == .exited(130))
    }

    @Test(
      "SIGHUP with a wrong configuration changes nothing; a right one is put in force as far as it can be")
    func reload() throws {
      let daemon = try TestDaemon.withModels()
      try daemon.scratch.write("threads = many\n", to: "quantd.conf")
      daemon.process.send(SIGHUP)
      #expect(try eventually { daemon.process.errors.contains("the configuration is wrong") })
      let wire = try daemon.connect()
      let before = try wire.ask("1", "generate", ["prompt": "Once"])
      #expect(before["usage"]?["completion_tokens"] == 256)
      try daemon.scratch.write("max_tokens_default = 7\nimage_batch = 3\n", to: "quantd.conf")
      daemon.process.send(SIGHUP)
      #expect(try eventually { daemon.process.errors.contains("restart to apply: image_batch = 3") })
      #expect(daemon.process.errors.contains("in force: max_tokens_default = 7"))
      let after = try wire.ask("2", "generate", ["prompt": "Once"])
      #expect(after["usage"]?["completion_tokens"] == 7)
    }

    @Test("an idle daemon uses no processor time")
    func idle() throws {
      let daemon = try TestDaemon.withModels()
      let wire = try daemon.connect()
      for index in 0..<4 { try wire.send("g\(index)", "generate", ["prompt": "Once", "max_tokens": 100]) }
      _ = try wire.answers(Set((0..<4).map { "g\($0)" }))
      usleep(300_000)
      let before = daemon.process.processorSeconds
      usleep(1_000_000)
      let used = daemon.process.processorSeconds - before
      print("idle daemon: \(Int(used * 1000)) ms of processor time in 1 s")
      #expect(used < 0.05)
    }
  }
}
