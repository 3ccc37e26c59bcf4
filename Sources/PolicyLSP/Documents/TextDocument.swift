internal import PolicyDiagnostics
internal import PolicyFormats

/// An open file as the editor has it.
struct TextDocument {
  let uri: String
  private(set) var bytes: [UInt8]
  /// How the client counts columns.
  let encoding: PositionEncoding

  enum PositionEncoding: String { case utf8 = "utf-8", utf16 = "utf-16" }

  init(uri: String, text: String, encoding: PositionEncoding) {
    self.uri = uri
    bytes = Array(text.utf8)
    self.encoding = encoding
  }

  var source: SourceText { SourceText(path: DocumentPath.path(uri), bytes: bytes) }
  var text: String { String(decoding: bytes, as: UTF8.self) }

  /// One entry of `contentChanges`: a range and what replaces it, or the whole text.
  mutating func apply(_ change: JSONValue) {
    guard let text = change["text"]?.text else { return }
    guard let range = change["range"] else {
      bytes = Array(text.utf8)
      return
    }
    let source = self.source
    let start = offset(range["start"], source)
    let end = max(start, offset(range["end"], source))
    bytes.replaceSubrange(start..<end, with: Array(text.utf8))
  }

  /// The byte that a position stands before; positions past the end of a line or file stand at its end.
  func offset(_ position: JSONValue?, _ source: SourceText) -> Int {
    let line = position?["line"]?.whole ?? 0
    guard line >= 0, line < source.lineStarts.count else { return line < 0 ? 0 : bytes.count }
    let slice = source.lineBytes(line)
    let wanted = max(0, position?["character"]?.whole ?? 0)
    if encoding == .utf8 { return slice.startIndex + min(wanted, slice.count) }
    var units = 0
    var offset = slice.startIndex
    for scalar in String(decoding: slice, as: UTF8.self).unicodeScalars {
      if units >= wanted { break }
      units += UTF16.width(scalar)
      offset += UTF8.width(scalar)
    }
    return min(offset, slice.endIndex)
  }

  static func position(_ offset: Int, _ source: SourceText, _ encoding: PositionEncoding) -> JSONValue {
    let position = source.position(at: min(offset, source.bytes.count))
    let start = source.lineStarts[position.line - 1]
    let column = encoding == .utf8 ? min(offset, source.bytes.count) - start : position.utf16
    return .object(["line": .integer(Int64(position.line - 1)), "character": .integer(Int64(column))])
  }

  static func range(_ range: Range<Int>, _ source: SourceText, _ encoding: PositionEncoding) -> JSONValue {
    .object([
      "start": position(range.lowerBound, source, encoding), "end": position(range.upperBound, source, encoding),
    ])
  }
}

/// `file:` URIs and paths.
enum DocumentPath {
  static func path(_ uri: String) -> String {
    guard uri.hasPrefix("file://") else { return uri }
    let bytes = Array(uri.dropFirst("file://".count).utf8)
    var decoded: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[(index + 1)...(index + 2)], as: UTF8.self), radix: 16)
      {
        decoded.append(value)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  static func uri(_ path: String) -> String {
    guard path.hasPrefix("/") else { return path }
    let plain = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    let bytes = path.utf8.flatMap { byte -> [UInt8] in
      plain.contains(byte) ? [byte] : [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
    return "file://" + String(decoding: bytes, as: UTF8.self)
  }
}
