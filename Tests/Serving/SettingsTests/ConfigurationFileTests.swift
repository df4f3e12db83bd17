import Testing

@testable import Settings

@Suite("A configuration file")
struct ConfigurationFileTests {
  private func configuration(_ text: String) throws(ConfigurationError) -> Configuration {
    var result = Configuration(defaultsFor: .system)
    try ConfigurationFile(text, path: "q.conf").apply(to: &result)
    return result
  }

  @Test("takes comments, blank lines, spaces and either line end")
  func form() throws {
    let found = try configuration(
      "# top\r\n\r\n  threads=3 # three\n\tstep_tokens\t =  64\r\nsocket = /a#b\n")
    #expect(found.threads == 3)
    #expect(found.stepTokens == 64)
    #expect(found.socket == "/a#b")
  }

  @Test("names file, line and the nearest key for a typo")
  func typo() {
    let error = #expect(throws: ConfigurationError.self) { try configuration("\nmax_request = 4\n") }
    #expect(
      error
        == .unknownKey(
          "max_request", at: .file("q.conf", line: 2), suggestion: "; did you mean 'max_requests'?"))
    #expect(
      error?.description
        == "q.conf:2: unknown key 'max_request'; did you mean 'max_requests'?")
    #expect(error?.exitStatus == .badConfiguration)
  }

  @Test("suggests nothing for a key that resembles none")
  func noSuggestion() {
    #expect(throws: ConfigurationError.unknownKey("gpu", at: .file("q.conf", line: 1), suggestion: "")) {
      try configuration("gpu = yes")
    }
  }

  @Test("refuses a key that is set twice, and says where the first one is")
  func duplicate() {
    let expected = ConfigurationError.duplicate(key: "threads", at: .file("q.conf", line: 3), firstLine: 1)
    #expect(throws: expected) { try configuration("threads = 1\n\nthreads = 2") }
  }

  @Test("refuses a line that is no assignment", arguments: ["threads", "= 4", "[daemon]", "threads: 4"])
  func noAssignment(line: String) {
    #expect(throws: ConfigurationError.notAnAssignment(line, at: .file("q.conf", line: 1))) {
      try configuration(line + " # why")
    }
  }

  @Test(
    "refuses a value outside what the key allows",
    arguments: [
      ("threads", "0"), ("threads", "-1"), ("threads", "+1"), ("threads", "1025"), ("threads", ""),
      ("threads", "Auto"),
      ("threads", "99999999999999999999"), ("memory_budget", "6GB"), ("memory_budget", "9999999999G"),
      ("memory_budget", "1.5G"), ("cache_memory", "auto"), ("cache_memory", "1K"), ("drain_timeout", "30"),
      ("drain_timeout", "30 s"), ("drain_timeout", "2h"), ("drain_timeout", "9223372036854775807h"),
      ("socket_mode", "0888"), ("socket_mode", "1777"), ("socket_mode", "+66"), ("socket", "quantd.sock"),
      ("socket_group", "a b"), ("quality_gate_perplexity", "0.9"), ("quality_gate_perplexity", "nan"),
      ("quality_gate_agreement", "1.01"), ("admin_users", "anna,,ben"), ("admin_users", "4294967296"),
      ("admin_users", ""), ("log_level", "trace"), ("max_image_pixels", "64MiB"),
    ])
  func badValue(key: String, value: String) throws {
    let allowed = try #require(Setting.named(key)).allowed
    let expected = ConfigurationError.badValue(
      key: key, found: value, allowed: allowed, at: .file("q.conf", line: 1))
    #expect(throws: expected) { try configuration("\(key) = \(value)") }
  }

  @Test("reads sizes as powers of 1024 and pixels as powers of 1000")
  func suffixes() throws {
    #expect(try configuration("memory_budget = 6G").memoryBudget == 6 << 30)
    #expect(try configuration("memory_budget = 512mib").memoryBudget == 512 << 20)
    #expect(try configuration("cache_memory = 1048577").cacheMemory == 1_048_577)
    #expect(try configuration("max_image_pixels = 8K").maxImagePixels == 8000)
  }

  @Test("reads times with their unit")
  func times() throws {
    #expect(try configuration("drain_timeout = 500ms").drainTimeout == .milliseconds(500))
    #expect(try configuration("drain_timeout = 2m").drainTimeout == .seconds(120))
    #expect(try configuration("drain_timeout = 0").drainTimeout == .zero)
  }

  @Test("reads users by name and by number")
  func users() throws {
    #expect(try configuration("admin_users = anna, 1000").adminUsers == [.name("anna"), .uid(1000)])
    #expect(try configuration("admin_users = none").adminUsers == [])
  }
}
