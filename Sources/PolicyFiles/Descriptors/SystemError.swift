internal import CLinux
internal import Glibc

/// A system call that failed.
public struct SystemError: Error, Equatable, Sendable {
  public let errno: Int32
  /// The call, for people: `open`, `statx`, …
  public let call: String

  public init(errno: Int32, call: String) {
    self.errno = errno
    self.call = call
  }

  /// The system's words in lower case: `permission denied`.
  public var text: String {
    if errno == EBADMSG { return "it is damaged" }
    var buffer = [CChar](repeating: 0, count: 128)
    unsafe buffer.withUnsafeMutableBufferPointer { unsafe policy_error_text(errno, $0.baseAddress, $0.count) }
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: bytes, as: UTF8.self).lowercased()
  }
}

/// Turns `-errno` into an error.
func checked<Value: SignedInteger>(_ result: Value, _ call: String) throws(SystemError) -> Value {
  guard result >= 0 else { throw SystemError(errno: Int32(clamping: -Int64(result)), call: call) }
  return result
}
