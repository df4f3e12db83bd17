import Glibc

/// `sendmsg` and `recvmsg` with open files attached (SCM_RIGHTS).
///
/// The control buffer's layout is the kernel's on 64-bit Linux; the `CMSG_*` macros that describe it are not imported:
///
///     offset  size
///          0     8  cmsg_len: 16 + 4 × files
///          8     4  cmsg_level: SOL_SOCKET
///         12     4  cmsg_type: SCM_RIGHTS
///         16   4×n  descriptors, padded to 8
enum SocketMessage {
  /// The most files taken with one message; the kernel itself allows 253.
  static let maximumDescriptors = 4

  private static let headerBytes = 16
  private static let rights: CInt = 1  // SCM_RIGHTS, an anonymous enum in C
  private static let flags = CInt(MSG_NOSIGNAL)

  /// Bytes of a control buffer for `count` descriptors: 8-byte alignment of header and data.
  private static func controlBytes(_ count: Int) -> Int { headerBytes + (4 * count + 7) & ~7 }

  /// Sends as much of `bytes` as the socket takes, with `descriptors` attached to the first byte.
  /// - Returns: The bytes sent, or -1 with `errno` set. Never raises SIGPIPE.
  static func send(_ bytes: UnsafeRawBufferPointer, descriptors: [CInt] = [], to socket: CInt, wait: Bool)
    -> Int
  {
    let flags = self.flags | (wait ? 0 : CInt(MSG_DONTWAIT))
    if descriptors.isEmpty {
      return retryingInterrupts { Glibc.send(socket, bytes.baseAddress, bytes.count, flags) }
    }
    precondition(descriptors.count <= maximumDescriptors, "\(descriptors.count) descriptors in one message")
    return withUnsafeTemporaryAllocation(byteCount: controlBytes(descriptors.count), alignment: 8) {
      control in
      control.initializeMemory(as: UInt8.self, repeating: 0)
      control.storeBytes(of: headerBytes + 4 * descriptors.count, as: Int.self)
      control.storeBytes(of: SOL_SOCKET, toByteOffset: 8, as: CInt.self)
      control.storeBytes(of: rights, toByteOffset: 12, as: CInt.self)
      for (index, descriptor) in descriptors.enumerated() {
        control.storeBytes(of: descriptor, toByteOffset: headerBytes + 4 * index, as: CInt.self)
      }
      return withMessage(UnsafeMutableRawBufferPointer(mutating: bytes), control: control) { message in
        retryingInterrupts { sendmsg(socket, &message, flags) }
      }
    }
  }

  /// What one `recvmsg` brought.
  struct Received {
    /// Bytes read; 0 at the end of the stream, -1 with `errno` set on failure.
    let count: Int
    /// Files that came along, already close-on-exec.
    let descriptors: [FileDescriptor]
    /// Whether the kernel dropped files because more than ``maximumDescriptors`` came.
    let lostDescriptors: Bool
  }

  /// Reads what is there into `buffer`, without waiting.
  static func receive(into buffer: UnsafeMutableRawBufferPointer, from socket: CInt) -> Received {
    let capacity = controlBytes(maximumDescriptors)
    return withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { control in
      withMessage(buffer, control: control) { message in
        let flags = CInt(MSG_CMSG_CLOEXEC | MSG_DONTWAIT)
        let count = retryingInterrupts { recvmsg(socket, &message, flags) }
        guard count >= 0 else { return Received(count: count, descriptors: [], lostDescriptors: false) }
        let taken = UnsafeRawBufferPointer(rebasing: control[..<min(Int(message.msg_controllen), capacity)])
        return Received(
          count: count, descriptors: descriptors(in: taken),
          lostDescriptors: message.msg_flags & CInt(MSG_CTRUNC) != 0)
      }
    }
  }

  /// Takes over every descriptor in a control buffer; other control messages are skipped.
  private static func descriptors(in control: UnsafeRawBufferPointer) -> [FileDescriptor] {
    var found: [FileDescriptor] = []
    var offset = 0
    while offset + headerBytes <= control.count {
      let length = control.load(fromByteOffset: offset, as: Int.self)
      guard length >= headerBytes, length <= control.count - offset else { break }
      let level = control.load(fromByteOffset: offset + 8, as: CInt.self)
      let type = control.load(fromByteOffset: offset + 12, as: CInt.self)
      if level == SOL_SOCKET, type == rights {
        for place in stride(from: offset + headerBytes, to: offset + length - 3, by: 4) {
          found.append(FileDescriptor(owning: control.load(fromByteOffset: place, as: CInt.self)))
        }
      }
      offset += (length + 7) & ~7
    }
    return found
  }

  private static func withMessage<Result>(
    _ buffer: UnsafeMutableRawBufferPointer, control: UnsafeMutableRawBufferPointer,
    _ body: (inout msghdr) -> Result
  ) -> Result {
    var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
    return withUnsafeMutablePointer(to: &vector) { vector in
      var message = msghdr()
      message.msg_iov = vector
      message.msg_iovlen = 1
      message.msg_control = control.baseAddress
      message.msg_controllen = control.count
      return body(&message)
    }
  }
}
