internal import Glibc

/// A comma-separated file with a header, read over bytes: rows with the header's number of cells, the rest counted.
///
/// Only places are kept, two integers a row; numbers are read when they are needed.
/// `Character`s are never formed: CRLF is one of them, and a stray byte would merge with its neighbours.
struct CSVTable {
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
  /// Trimmed names, in file order.
  let columns: [String]
  /// Where each row's line lies in `bytes`, line end excluded.
  let rows: [Range<Int>]
  /// Rows before which the header stood again: a new training into the same file.
  let headerRepeats: [Int]
  /// Lines that are no rows: wrong number of cells, too long, or with a NUL.
  let badLines: Int
  /// The last line had no line end and was left out.
  let droppedHalfLine: Bool

  private static let comma = UInt8(ascii: ",")
  private static let newline = UInt8(ascii: "\n")

  /// The first reason why `bytes` cannot be believed, or `nil`. Empty files are not a matter of belief.
  static func defect(of bytes: ArraySlice<UInt8>) -> Defect? {
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) { return .notText }
    if bytes.starts(with: "version https://git-lfs.github.com/spec/".utf8) { return .lfsPointer(size: lfsSize(bytes)) }
    return holdsConflictMarkers(bytes) ? .conflictMarkers : nil
  }

  /// Whether a line begins with seven marks of a merge.
  private static func holdsConflictMarkers(_ text: ArraySlice<UInt8>) -> Bool {
    unsafe text.withUnsafeBufferPointer { bytes -> Bool in
      guard let base = bytes.baseAddress else { return false }
      var start = 0
      while start < bytes.count {
        let byte = unsafe bytes[start]
        if byte == UInt8(ascii: "<") || byte == UInt8(ascii: ">") || byte == UInt8(ascii: "="),
          start + 7 <= bytes.count, (start..<start + 7).allSatisfy({ unsafe bytes[$0] == byte })
        {
          return true
        }
        guard let end = unsafe memchr(base + start, 10, bytes.count - start) else { return false }
        start = unsafe UnsafeRawPointer(end) - UnsafeRawPointer(base) + 1
      }
      return false
    }
  }

  private static func lfsSize(_ bytes: ArraySlice<UInt8>) -> Int64? {
    for line in bytes.prefix(1024).split(separator: newline) where line.starts(with: "size ".utf8) {
      return Int64(String(decoding: trimmed(line.dropFirst(5)), as: UTF8.self))
    }
    return nil
  }

  /// Reads a table; `isWhole` is false where the bytes are only the beginning of a file.
  static func read(_ bytes: [UInt8]) -> Result<CSVTable, DefectError> {
    let content = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    if let defect = defect(of: content) { return .failure(DefectError(defect)) }
    var columns: [String] = []
    var header = 0..<0
    var rows: [Range<Int>] = []
    var repeats: [Int] = []
    var (bad, dropped) = (0, false)
    var start = content.startIndex
    while start < content.endIndex {
      let found = ByteScan.newline(bytes, start..<content.endIndex)
      let end = found ?? content.endIndex
      defer { start = end + 1 }
      let line = start..<(end > start && bytes[end - 1] == UInt8(ascii: "\r") ? end - 1 : end)
      if ByteScan.trimmed(bytes, line).isEmpty { continue }
      if columns.isEmpty {
        guard line.count <= longestLine, !bytes[line].contains(0) else { return .failure(DefectError(.notText)) }
        // A header that is still being written: nothing can be said of it yet.
        if found == nil { return .failure(DefectError(.empty)) }
        header = line
        columns = bytes[line].split(separator: comma, omittingEmptySubsequences: false)
          .map { String(decoding: trimmed($0), as: UTF8.self) }
        rows.reserveCapacity(content.count / (line.count + 1) * 2)
        continue
      }
      guard found != nil else {
        dropped = true
        break
      }
      if ByteScan.areEqual(bytes, line, header) {
        repeats.append(rows.count)
        continue
      }
      guard line.count <= longestLine, ByteScan.cellCount(bytes, line) == columns.count else {
        bad += 1
        continue
      }
      rows.append(line)
    }
    if columns.isEmpty { return .failure(DefectError(.empty)) }
    return .success(
      CSVTable(
        bytes: bytes, columns: columns, rows: rows, headerRepeats: repeats, badLines: bad, droppedHalfLine: dropped))
  }

  /// The place of a column by trimmed name; `nil` where it is not there or, being there twice, cannot be told apart.
  func column(_ name: String) -> Int? {
    guard let first = columns.firstIndex(of: name), columns.lastIndex(of: name) == first else { return nil }
    return first
  }

  /// Where the trimmed cells of a row lie, at the wanted columns, which must be in ascending order.
  func findCells(_ row: Int, _ wanted: [Int], _ found: inout [Range<Int>]) {
    found.removeAll(keepingCapacity: true)
    guard !wanted.isEmpty else { return }
    let line = rows[row]
    var (column, start) = (0, line.lowerBound)
    unsafe bytes.withUnsafeBufferPointer { bytes in
      for index in line.lowerBound...line.upperBound {
        guard unsafe index == line.upperBound || bytes[index] == Self.comma else { continue }
        if column == wanted[found.count] {
          var (first, last) = (start, index)
          while first < last, unsafe ByteScan.isBlank(bytes[first]) { first += 1 }
          while last > first, unsafe ByteScan.isBlank(bytes[last - 1]) { last -= 1 }
          found.append(first..<last)
          if found.count == wanted.count { return }
        }
        column += 1
        start = index + 1
      }
    }
  }

  func cell(_ row: Int, _ column: Int) -> ArraySlice<UInt8>? {
    var found: [Range<Int>] = []
    findCells(row, [column], &found)
    return found.first.map { bytes[$0] }
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
