internal import PolicyDiagnostics

/// Reads a literal (`|`) or folded (`>`) scalar a second time, to learn where each byte of the value was written.
///
/// A line break waits until it is known what follows it: in a folded scalar the break between two lines that begin with
/// no blank is a space, or nothing before empty lines; the breaks at the end fall to the chomping indicator.
struct BlockScalarScan {
  private let source: SourceText
  private let isFolded: Bool
  /// The indicator behind `|` or `>`: `-` drops all breaks at the end, `+` keeps all, none keeps one.
  private var chomping: UInt8?
  /// Blanks before each line that are no part of the value; 0 until it is known.
  private var indent = 0
  private let parentIndent: Int
  private var offset: Int
  /// The break that ended the last line with text.
  private var waitingBreak: Int?
  /// The breaks of the empty lines since then.
  private var emptyLines: [Int] = []
  private var located = LocatedBytes()
  /// Behind the header, then behind the last line with text, without its break.
  private var contentEnd: Int

  /// `start` is the offset of `|` or `>`; `parentIndent` the column of the block around, −1 at the top.
  /// Gives the value and the end of its text.
  static func scan(
    _ source: SourceText, from start: Int, parentIndent: Int, isFolded: Bool
  ) -> (located: LocatedBytes, contentEnd: Int) {
    var scan = BlockScalarScan(source, start, parentIndent, isFolded)
    scan.run()
    return (scan.located, scan.contentEnd)
  }

  private init(_ source: SourceText, _ start: Int, _ parentIndent: Int, _ isFolded: Bool) {
    self.source = source
    self.isFolded = isFolded
    self.parentIndent = parentIndent
    self.offset = start + 1
    self.contentEnd = start + 1
  }

  private mutating func run() {
    readHeader()
    var startedWithBlank = false
    var column = skipEmptyLines()
    while column == indent, offset < source.bytes.count {
      let startsWithBlank = source.bytes[offset].isBlank
      joinLines(isFolding: isFolded && !startedWithBlank && !startsWithBlank)
      startedWithBlank = startsWithBlank
      let end = source.endOfLine(from: offset)
      located.copy(offset..<end, of: source.bytes)
      contentEnd = end
      offset = end
      if end < source.bytes.count {
        waitingBreak = end
        offset = source.afterLineBreak(end)
      }
      column = skipEmptyLines()
    }
    chomp()
    located.close(at: closingOffset)
  }

  private mutating func readHeader() {
    var increment = 0
    while let byte = source.byte(at: offset) {
      if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") {
        chomping = byte
      } else if (UInt8(ascii: "1")...UInt8(ascii: "9")).contains(byte) {
        increment = Int(byte - UInt8(ascii: "0"))
      } else {
        break
      }
      offset += 1
    }
    contentEnd = offset
    if increment > 0 { indent = max(parentIndent, 0) + increment }
    let end = source.endOfLine(from: offset)
    offset = end < source.bytes.count ? source.afterLineBreak(end) : end
  }

  /// Reads empty lines and the indentation of the line behind them, and returns its column.
  private mutating func skipEmptyLines() -> Int {
    var widest = 0
    var column = 0
    while true {
      column = 0
      while indent == 0 || column < indent, source.byte(at: offset) == UInt8(ascii: " ") {
        offset += 1
        column += 1
      }
      widest = max(widest, column)
      guard let byte = source.byte(at: offset), byte.isLineBreak else { break }
      emptyLines.append(offset)
      offset = source.afterLineBreak(offset)
    }
    if indent == 0 { indent = max(widest, parentIndent + 1, 1) }
    return column
  }

  private mutating func joinLines(isFolding: Bool) {
    if let place = waitingBreak {
      if !isFolding {
        located.append(UInt8(ascii: "\n"), at: place)
      } else if emptyLines.isEmpty {
        located.append(UInt8(ascii: " "), at: place)
      }
    }
    appendEmptyLines()
    waitingBreak = nil
  }

  private mutating func appendEmptyLines() {
    for place in emptyLines { located.append(UInt8(ascii: "\n"), at: place) }
    emptyLines = []
  }

  private mutating func chomp() {
    if chomping != UInt8(ascii: "-"), let place = waitingBreak { located.append(UInt8(ascii: "\n"), at: place) }
    if chomping == UInt8(ascii: "+") { appendEmptyLines() }
  }

  private var closingOffset: Int {
    guard let last = located.offsets.last else { return contentEnd }
    return source.bytes[last].isLineBreak ? source.afterLineBreak(last) : last + 1
  }
}
