internal import CLinux
internal import Glibc
internal import PolicyFormats

/// Two pipes between a command and a worker. A message is its length in bytes, a line feed, and JSON.
struct WorkChannel {
  /// The other end has gone, or does not speak our language.
  struct Closed: Error {}

  let input: Int32
  let output: Int32
  private static let largest = 1 << 31

  func send(_ message: JSONValue) throws(Closed) {
    let body = CanonicalJSON.encodeAsBuilt(message)
    let bytes = Array("\(body.count)\n".utf8) + body
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer -> Int in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe write(output, base + written, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Closed() }
      written += count
    }
  }

  func receive() throws(Closed) -> JSONFields {
    var length = 0
    var digits = 0
    while true {
      let byte = try take(1)[0]
      if byte == UInt8(ascii: "\n"), digits > 0 { break }
      guard (48...57).contains(byte), digits < 10 else { throw Closed() }
      length = length * 10 + Int(byte - 48)
      digits += 1
    }
    guard length <= Self.largest else { throw Closed() }
    let body = try take(length)
    guard let value = try? JSONReader.parse(body, passingOn: "moves"), let fields = try? JSONFields(value) else {
      throw Closed()
    }
    return fields
  }

  private func take(_ count: Int) throws(Closed) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = unsafe bytes.withUnsafeMutableBytes { buffer -> Int64 in
        guard let base = buffer.baseAddress else { return 0 }
        return unsafe policy_read(input, base + filled, count - filled)
      }
      guard got > 0 else { throw Closed() }
      filled += Int(got)
    }
    return bytes
  }
}
