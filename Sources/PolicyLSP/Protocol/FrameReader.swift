/// Cuts a stream of bytes into messages: headers, an empty line, and as many bytes as `Content-Length` says.
public struct FrameReader {
  private var buffer: [UInt8] = []
  /// A message longer than this is no message.
  private static let largest = 64 << 20

  public enum Frame: Equatable {
    case message([UInt8])
    /// Headers without a usable length: the stream cannot be trusted any further.
    case broken
  }

  public init() {}

  public mutating func feed(_ bytes: [UInt8]) { buffer += bytes }

  /// The next whole message; `nil` until more bytes come.
  public mutating func next() -> Frame? {
    guard let end = Self.endOfHeaders(buffer) else {
      return buffer.count > 1 << 16 ? .broken : nil
    }
    let headers = String(decoding: buffer[..<end.start], as: UTF8.self)
    var length: Int?
    for line in headers.split(whereSeparator: { $0 == "\r\n" || $0 == "\n" || $0 == "\r" }) {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].lowercased() == "content-length" {
        length = Int(parts[1].filter { $0 != " " })
      }
    }
    guard let length, length >= 0, length <= Self.largest else { return .broken }
    guard buffer.count >= end.body + length else { return nil }
    let message = Array(buffer[end.body..<(end.body + length)])
    buffer.removeFirst(end.body + length)
    return .message(message)
  }

  private static func endOfHeaders(_ bytes: [UInt8]) -> (start: Int, body: Int)? {
    var index = 0
    while index < bytes.count {
      if bytes[index] == 13, bytes[index...].starts(with: [13, 10, 13, 10]) { return (index, index + 4) }
      if bytes[index] == 10, bytes[index...].starts(with: [10, 10]) { return (index, index + 2) }
      index += 1
    }
    return nil
  }

  /// A message with its header.
  public static func frame(_ message: [UInt8]) -> [UInt8] {
    Array("Content-Length: \(message.count)\r\n\r\n".utf8) + message
  }
}
