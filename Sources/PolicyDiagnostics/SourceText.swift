/// One file's bytes, and where its lines begin.
public struct SourceText: Sendable {
  /// As the user named it; shown in messages. Already fit for display.
  public let path: String
  public let bytes: [UInt8]
  /// Byte offset of each line's first byte; line breaks are LF, CRLF and CR.
  public let lineStarts: [Int]

  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
    var starts = [0]
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\r"), index < bytes.count, bytes[index] == UInt8(ascii: "\n") { index += 1 }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { starts.append(index) }
    }
    self.lineStarts = starts
  }

  /// 0-based index of the line that holds a byte offset.
  public func line(at offset: Int) -> Int {
    var (low, high) = (0, lineStarts.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low
  }

  /// Bytes of a line without its line break.
  public func lineBytes(_ line: Int) -> ArraySlice<UInt8> {
    let start = lineStarts[line]
    var end = line + 1 < lineStarts.count ? lineStarts[line + 1] : bytes.count
    while end > start, bytes[end - 1] == UInt8(ascii: "\n") || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return bytes[start..<end]
  }

  /// Position of a byte offset, for people and for JSON.
  public func position(at offset: Int) -> SourcePosition {
    let line = line(at: offset)
    let start = lineStarts[line]
    let prefix = String(decoding: bytes[start..<min(max(offset, start), bytes.count)], as: UTF8.self)
    // A byte order mark stands before the first column that editors show.
    let mark = line == 0 && prefix.unicodeScalars.first == "\u{FEFF}" ? 1 : 0
    return SourcePosition(
      line: line + 1, column: prefix.unicodeScalars.count - mark + 1, byte: offset, utf16: prefix.utf16.count)
  }
}

/// `line` and `column` count from 1, the column in Unicode scalars; `byte` and `utf16` (within the line) from 0.
public struct SourcePosition: Hashable, Sendable {
  public let line: Int
  public let column: Int
  public let byte: Int
  public let utf16: Int
}

/// A half-open range of bytes in one source.
public struct SourceSpan: Hashable, Sendable {
  /// Index into the `SourceSet`.
  public var file: Int
  public var range: Range<Int>
  public init(file: Int, range: Range<Int>) {
    self.file = file
    self.range = range
  }
}

/// The files that one run has read, main file first.
public struct SourceSet: Sendable {
  public private(set) var sources: [SourceText] = []
  public init() {}
  /// Adds a file and returns its index.
  public mutating func add(_ source: SourceText) -> Int {
    sources.append(source)
    return sources.count - 1
  }
  /// The bytes of a span as text.
  public func text(of span: SourceSpan) -> String {
    let bytes = sources[span.file].bytes
    let range = span.range.clamped(to: bytes.indices)
    return String(decoding: bytes[range], as: UTF8.self)
  }
  public func position(at span: SourceSpan) -> SourcePosition {
    sources[span.file].position(at: span.range.lowerBound)
  }
}
