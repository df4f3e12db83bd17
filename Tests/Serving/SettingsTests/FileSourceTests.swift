import Glibc
import TestSupport
import Testing

@testable import Settings

@Suite("Reading configuration files of the machine")
struct FileSourceTests {
  @Test("a missing file is none, a folder cannot be read")
  func missing() throws {
    #expect(try FileSource.system.read("/nonexistent/quantd.conf") == nil)
    #expect(throws: ConfigurationError.self) { try FileSource.system.read("/") }
  }

  @Test("an endless file is refused")
  func endless() {
    let error = #expect(throws: ConfigurationError.self) { try FileSource.system.read("/dev/zero") }
    #expect(error?.description == "cannot read /dev/zero: it is larger than 1048576 bytes")
  }

  @Test("a folder's names are found")
  func names() {
    #expect(FileSource.system.list("\(SharedData.repositoryRoot)/etc").contains("quantd.conf"))
    #expect(FileSource.system.list("/nonexistent").isEmpty)
  }
}
