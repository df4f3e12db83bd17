import Checkpoints
import Glibc
import TestSupport
import Testing

@Suite("Mapped files")
struct MappedFileTests {
  @Test("shows the content, also after the file is gone")
  func content() throws {
    let folder = try ScratchFolder()
    let path = folder.path + "/a"
    let file = try #require(fopen(path, "w"))
    fputs("hello", file)
    fclose(file)
    let mapping = try MappedFile(path: path)
    unlink(path)
    #expect(mapping.contents() == Array("hello".utf8))
    #expect(mapping.name == "a")
  }

  @Test("shows the content again after its pages were forgotten")
  func forget() throws {
    let bytes = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let mapping = try mapped(bytes)
    for part in [0..<40_000, 100..<200, 4_097..<20_000, 0..<0] {
      mapping.forget(UnsafeRawBufferPointer(rebasing: mapping.bytes[part]))
      #expect(mapping.contents() == bytes)
    }
  }

  @Test("an empty file is empty, not an error")
  func empty() throws { #expect(try mapped([]).bytes.isEmpty) }

  @Test("folders, devices and pipes are refused without blocking")
  func notRegular() throws {
    let folder = try ScratchFolder()
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    for path in [folder.path, "/dev/null", folder.path + "/pipe"] {
      #expect { try MappedFile(path: path) } throws: { ($0 as? CheckpointError)?.problem == .notARegularFile }
    }
  }

  @Test("a missing file is reported with the errno and without its folder")
  func missing() throws {
    let error = #expect(throws: CheckpointError.self) { try MappedFile(path: "/nowhere/model.qpack") }
    #expect(error?.description == "model.qpack: open failed: No such file or directory (errno 2)")
  }

  @Test("symbolic links are followed only where allowed")
  func links() throws {
    let folder = try ScratchFolder()
    let (target, link) = (folder.path + "/a", folder.path + "/b")
    close(creat(target, 0o600))
    #expect(symlink(target, link) == 0)
    #expect(try MappedFile(path: link).bytes.isEmpty)
    let error = #expect(throws: CheckpointError.self) { try MappedFile(path: link, links: .refuse) }
    #expect(error?.problem == .system(operation: "open", code: ELOOP))
  }
}
