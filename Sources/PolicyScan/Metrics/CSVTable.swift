internal import Glibc

/// A comma-separated file with a header, read over bytes: rows with the header's number of cells, the rest counted.
///
/// Only the places are kept at which cells end; numbers are read when they are needed.
/// `Character`s are never formed: CRLF is one of them, and a stray byte would merge with its neighbours.
final class CSVTable: Sendable {
  /// Why the content is no table. The words are the codes of the notes.
  enum Defect: Hashable {
    case empty, headerOnly
    case conflictMarkers
    /// The text stands for a file elsewhere; its size is what the pointer says.
    case lfsPointer(size: Int64?)
    case notText
  }

  /// Lines longer than this are no rows.
  static let longestLine = 65_536

  let bytes: [UInt8]
  /// Where the cells of all lines end, those of lines that are no rows among them.
  let ends: [UInt32]
  private let header: TableHeader
  /// For each row the place in `ends` of its first cell.
  let rows: [UInt32]
  /// Rows before which the header stood again: a new training into the same file.
  let headerRepeats: [Int]
  /// Lines that are no rows: wrong number of cells, too long, or with a NUL.
  let badLines: Int
  /// The last line had no line end and was left out.
  let droppedHalfLine: Bool

  private static let newline = UInt8(ascii: "\n")

  private init(_ bytes: [UInt8], _ ends: [UInt32], _ header: TableHeader, _ lines: TableLines) {
    self.bytes = bytes
    self.ends = ends
    self.header = header
    rows = lines.rows
    headerRepeats = lines.headerRepeats
    badLines = lines.badLines
    droppedHalfLine = lines.droppedHalfLine
  }

  /// Trimmed names, in file order.
  var columns: [String] { header.names(bytes) }

  /// The first reason why `bytes` cannot be believed, or `nil`. Empty files are not a matter of belief.
  static func defect(of bytes: ArraySlice<UInt8>) -> Defect? {
    opening(bytes) ?? (holdsConflictMarkers(bytes) ? .conflictMarkers : nil)
  }

  /// What the first bytes tell.
  static func opening(_ bytes: ArraySlice<UInt8>) -> Defect? {
    guard let first = bytes.first, first >= 0xFE || first == UInt8(ascii: "v") else { return nil }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .notText }
    if bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8) { return .lfsPointer(size: lfsSize(bytes)) }
    return nil
  }

  /// Whether a line begins with seven marks of a merge.
  static func holdsConflictMarkers(_ text: ArraySlice<UInt8>) -> Bool {
    var start = text.startIndex
    while start < text.endIndex {
      if isConflictMarker(text, start) { return true }
      guard let end = ByteScan.newline(text, from: start) else { return false }
      start = end + 1
    }
    return false
  }

  static func isConflictMarker(_ text: ArraySlice<UInt8>, _ start: Int) -> Bool {
    let mark = text[start]
    guard mark == UInt8(ascii: "<") || mark == UInt8(ascii: ">") || mark == UInt8(ascii: "=") else { return false }
    return start + 7 <= text.endIndex && text[start..<start + 7].allSatisfy { $0 == mark }
  }

  private static func lfsSize(_ bytes: ArraySlice<UInt8>) -> Int64? {
    for line in bytes.prefix(1024).split(separator: newline) where line.starts(with: "size ".utf8) {
      return Int64(String(decoding: trimmed(line.dropFirst(5)), as: UTF8.self))
    }
    return nil
  }

  /// Reads a table.
  static func read(_ bytes: [UInt8]) -> Result<CSVTable, DefectError> {
    let start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    if let defect = opening(bytes[start...]) { return .failure(DefectError(defect)) }
    let found = CellEnds(bytes, from: start)
    var lines = TableLines()
    if let defect = lines.read(bytes, found, from: start) { return .failure(DefectError(defect)) }
    guard let header = lines.header else { return .failure(DefectError(.empty)) }
    return .success(CSVTable(bytes, found.places, header, lines))
  }

  /// The place of a column by trimmed name; `nil` where it is not there or, being there twice, cannot be told apart.
  func column(_ name: String) -> Int? { header.column(name, bytes) }

  /// Where the cell of a column lies, blanks and all, in the row whose first cell has this place in `ends`.
  @inline(__always)
  func bounds(_ firstCell: UInt32, _ column: Int) -> Range<Int> {
    let end = Int(firstCell) + column
    // A row stands behind the header's line feed, so something ends before its first cell.
    return Int(ends[end - 1]) + 1..<Int(ends[end])
  }

  /// Where the trimmed cell of a row lies.
  func place(_ row: Int, _ column: Int) -> Range<Int> { ByteScan.trimmed(bytes, bounds(rows[row], column)) }

  /// `nil` where there is no such column.
  func cell(_ row: Int, _ column: Int) -> ArraySlice<UInt8>? {
    column >= 0 && column < header.count ? bytes[place(row, column)] : nil
  }

  /// Without blanks, tabs and carriage returns at both ends.
  static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var (start, end) = (text.startIndex, text.endIndex)
    while start < end, ByteScan.isBlank(text[start]) { start += 1 }
    while end > start, ByteScan.isBlank(text[end - 1]) { end -= 1 }
    return text[start..<end]
  }

  struct DefectError: Error, Hashable {
    let defect: Defect
    init(_ defect: Defect) { self.defect = defect }
  }
}
