import Testing
import Vocabulary
import WireProtocol

@testable import qclient

@Suite("Command line")
struct InvocationTests {
  private func complaint(_ words: [String]) -> String? {
    do throws(ClientFailure) {
      _ = try Invocation(words)
      return nil
    } catch {
      return error.message
    }
  }

  @Test("options stand anywhere, with = or a space, until --")
  func options() throws {
    let invocation = try Invocation(["--json", "generate", "--top-k=5", "-m", "tiny", "--", "--quiet"])
    #expect(invocation.verb == .generate && invocation.operands == ["--quiet"])
    #expect(invocation.has(.json) && !invocation.has(.quiet))
    #expect(try invocation.integer(.topK, in: 0...10) == 5)
    #expect(try invocation.model() == ModelReference("tiny"))
  }

  @Test("- is an operand")
  func dash() throws {
    #expect(try Invocation(["classify", "-"]).operands == ["-"])
  }

  @Test("no words, -h and --help ask for help")
  func help() throws {
    #expect(try Invocation([]).verb == .help)
    #expect(try Invocation(["-h"]).verb == .help)
    let invocation = try Invocation(["generate", "--help"])
    #expect(invocation.verb == .help && invocation.operands == ["generate"])
    #expect(try Invocation(["--version"]).verb == .version)
  }

  @Test(
    "mistakes are named, and near misses get a suggestion",
    arguments: [
      (["generte", "a"], "unknown verb 'generte'; did you mean 'generate'? Try: qclient help"),
      (
        ["generate", "--temprature", "1", "a"],
        "unknown option '--temprature'; did you mean '--temperature'? Try: qclient help"
      ),
      (["list", "--top", "5"], "--top means nothing to 'list'. Try: qclient help"),
      (["list", "x"], "'list' takes no operands. Try: qclient help"),
      (["classify"], "'classify' takes FILE…|-. Try: qclient help"),
      (["generate", "a", "--seed"], "--seed needs a value: N. Try: qclient help"),
      (["status", "--json=1"], "--json takes no value. Try: qclient help"),
      (["--json"], "no verb given. Try: qclient help"),
      (["xyzzy"], "unknown verb 'xyzzy'. Try: qclient help"),
    ] as [([String], String)])
  func mistakes(words: [String], message: String) {
    #expect(complaint(words) == message)
  }

  @Test("every option of every verb is understood", arguments: Verb.allCases)
  func everyFlag(verb: Verb) throws {
    let operands = Array(
      repeating: "m",
      count: max(verb.operandCount.lowerBound, verb == .version ? 0 : verb.operandCount.lowerBound))
    for flag in verb.flags + Flag.general where flag != .help {
      let invocation = try Invocation(
        [verb.rawValue] + operands + ["--\(flag.rawValue)"] + (flag.argument == nil ? [] : ["1"]))
      #expect(invocation.has(flag))
    }
  }

  @Test("every verb has a group, so help shows it")
  func groups() {
    #expect(Set(Verb.groups.flatMap(\.verbs)) == Set(Verb.allCases))
  }
}

@Suite("Formats")
struct FormatTests {
  @Test("numbers read well")
  func numbers() {
    #expect(
      Format.fixed(97.25, 1) == "97.3" && Format.fixed(-0.04, 1) == "0.0" && Format.fixed(2.005, 0) == "2")
    #expect(Format.percent(0.9731) == "97.3 %" && Format.percent(1) == "100.0 %")
    #expect(
      Format.bytes(0) == "0 B" && Format.bytes(1536) == "1.5 KiB" && Format.bytes(.max) == "8388608 TiB")
    #expect(
      Format.duration(0.5) == "500 µs" && Format.duration(250) == "250 ms"
        && Format.duration(90_000) == "1 min")
    #expect(Format.duration(7_500_000) == "2 h 5 min")
    #expect(Format.fixed(.infinity, 1) == "inf")
  }
}
