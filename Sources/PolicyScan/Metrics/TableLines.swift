internal import Glibc

/// Tells the lines of a table apart: the header, rows, and what is neither.
struct TableLines {
  private(set) var header: TableHeader?
  /// For each row the place of its first cell among the ends of cells.
  private(set) var rows: [UInt32] = []
  private(set) var headerRepeats: [Int] = []
  private(set) var badLines = 0
  private(set) var droppedHalfLine = false

  /// Why the text is no table; `nil` where it is one, or holds nothing but blanks.
  mutating func read(_ text: [UInt8], _ found: CellEnds, from start: Int) -> CSVTable.Defect? {
    switch read(text, found, from: start, expectingRows: true) {
    case .done(let defect): return defect
    case .otherLines:
      self = TableLines()
      guard case .done(let defect) = read(text, found, from: start, expectingRows: false) else { return nil }
      return defect
    }
  }

  private enum Reading {
    case done(CSVTable.Defect?)
    /// Not all lines have as many cells as the header.
    case otherLines
  }

  /// Where all lines behind the header have its number of cells, no end of a line must be searched for: every so many
  /// ends of cells are one. Whether they are, and are all, shows on the way.
  private mutating func read(
    _ text: [UInt8], _ found: CellEnds, from start: Int, expectingRows: Bool
  ) -> Reading {
    rows.reserveCapacity(found.lineFeeds)
    let (bytes, ends) = (text.span, found.places.span)
    var (place, lineStart, width, headerLine) = (0, start, 0, 0..<0)
    var feeds = 0
    while feeds < found.lineFeeds, place < ends.count {
      var last = place
      if expectingRows, width > 0 {
        last += width - 1
        guard last < ends.count, bytes[Int(ends[last])] == UInt8(ascii: "\n") else { return .otherLines }
      } else {
        while bytes[Int(ends[last])] != UInt8(ascii: "\n") { last += 1 }
      }
      let (first, from, feed) = (place, lineStart, Int(ends[last]))
      (place, lineStart, feeds) = (last + 1, feed + 1, feeds + 1)
      let opening = bytes[from]
      if opening &- UInt8(ascii: "<") <= 2, CSVTable.isConflictMarker(text[...], from) {
        return .done(.conflictMarkers)
      }
      let line = from..<(feed > from && bytes[feed - 1] == UInt8(ascii: "\r") ? feed - 1 : feed)
      if opening <= 32, ByteScan.trimmed(text, line).isEmpty { continue }
      if width == 0 {
        guard line.count <= CSVTable.longestLine, !found.holdsNUL || Self.isText(text, line) else {
          // A merge that was left half done explains the rest, wherever its marks stand.
          return .done(CSVTable.holdsConflictMarkers(text[start...]) ? .conflictMarkers : .notText)
        }
        (headerLine, width) = (line, last + 1 - first)
        header = Self.readHeader(text, found.places[first..<place], from)
        continue
      }
      if line.count == headerLine.count, opening == bytes[headerLine.lowerBound],
        ByteScan.areEqual(text, line, headerLine)
      {
        headerRepeats.append(rows.count)
        continue
      }
      guard last + 1 - first == width, line.count <= CSVTable.longestLine, !found.holdsNUL || Self.isText(text, line)
      else {
        badLines += 1
        continue
      }
      rows.append(UInt32(truncatingIfNeeded: first))
    }
    if feeds < found.lineFeeds { return .otherLines }
    return .done(readHalfLine(text, lineStart))
  }

  /// What stands behind the last line feed.
  private mutating func readHalfLine(_ bytes: [UInt8], _ from: Int) -> CSVTable.Defect? {
    guard from < bytes.count else { return nil }
    if CSVTable.isConflictMarker(bytes[...], from) { return .conflictMarkers }
    let end = bytes.count - 1
    let line = from..<(bytes[end] == UInt8(ascii: "\r") ? end : end + 1)
    if ByteScan.trimmed(bytes, line).isEmpty { return nil }
    if header != nil {
      droppedHalfLine = true
      return nil
    }
    // A header that is still being written: nothing can be said of it yet.
    return Self.isText(bytes, line) ? .empty : .notText
  }

  private static func isText(_ bytes: [UInt8], _ line: Range<Int>) -> Bool {
    line.count <= CSVTable.longestLine && !bytes[line].contains(0)
  }

  private static func readHeader(_ bytes: [UInt8], _ ends: ArraySlice<UInt32>, _ from: Int) -> TableHeader {
    var start = from
    var cells: [Range<Int>] = []
    cells.reserveCapacity(ends.count)
    for end in ends {
      cells.append(ByteScan.trimmed(bytes, start..<Int(end)))
      start = Int(end) + 1
    }
    return TableHeader(bytes, cells)
  }
}
