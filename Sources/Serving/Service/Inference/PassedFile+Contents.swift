import Glibc
import WireProtocol

extension PassedFile {
  /// The bytes of a regular file, read without moving its position.
  func contents(limit: Int) throws(WireError) -> [UInt8] {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WireError(
        .badRequest, "the descriptor is not a regular file; send the bytes in 'image'", parameter: "fd")
    }
    guard status.st_size <= limit else {
      throw WireError(
        .badImage, "the file has \(status.st_size) bytes, at most \(limit) are read", parameter: "fd")
    }
    let size = Int(status.st_size)
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { $1 = read(into: $0) }
    guard bytes.count == size else {
      throw WireError(.badImage, "the file could not be read to its end", parameter: "fd")
    }
    return bytes
  }

  /// Reads until `buffer` is full, the file ends or the kernel refuses; returns how much came.
  private func read(into buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var done = 0
    while done < buffer.count, let start = buffer.baseAddress {
      let count = pread(descriptor, start + done, buffer.count - done, off_t(done))
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      done += count
    }
    return done
  }
}
