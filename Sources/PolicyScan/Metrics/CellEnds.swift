internal import CByteMarks

/// Where the cells of a comma-separated text end: the places of all commas and line feeds, found in one pass.
///
/// One list for the whole text; a row is a stretch of it, and a table of a hundred rows costs one allocation.
struct CellEnds {
  /// In order. Texts are shorter than 4 GiB: see `MetricFile.limit`.
  let places: [UInt32]
  let lineFeeds: Int
  let holdsNUL: Bool

  init(_ bytes: [UInt8], from start: Int) {
    // Cells of metric files are longer than three bytes; where they are not, there is room for a comma in each place.
    let size = bytes.count - start
    self = Self.find(bytes, start, room: size / 4) ?? Self.find(bytes, start, room: size) ?? Self.none
  }

  private static let none = CellEnds(places: [], lineFeeds: 0, holdsNUL: false)

  private init(places: [UInt32], lineFeeds: Int, holdsNUL: Bool) {
    self.places = places
    self.lineFeeds = lineFeeds
    self.holdsNUL = holdsNUL
  }

  /// `nil` where there are more than `room`.
  private static func find(_ bytes: [UInt8], _ start: Int, room: Int) -> CellEnds? {
    var (lineFeeds, nuls, isFull) = (0, UInt64(0), false)
    let places = unsafe bytes.withUnsafeBytes { bytes in
      // More places are written for a block than it has; then as many of them count as there are.
      unsafe [UInt32](unsafeUninitializedCapacity: room + 64) { places, count in
        guard let text = bytes.baseAddress, let base = places.baseAddress else { return }
        var index = start
        while index + 64 <= bytes.count {
          let marks = unsafe policy_find_marks(text + index)
          guard count <= room else { break }
          unsafe put(marks.cell_ends, index, base, &count)
          nuls |= marks.nuls
          if marks.line_feeds != 0 { lineFeeds += marks.line_feeds.nonzeroBitCount }
          index += 64
        }
        guard count <= room else {
          isFull = true
          return
        }
        while index < bytes.count {
          let byte = unsafe bytes[index]
          if byte == UInt8(ascii: "\n") { lineFeeds += 1 }
          if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: ",") {
            unsafe base[count] = UInt32(truncatingIfNeeded: index)
            count += 1
          }
          if byte == 0 { nuls = 1 }
          index += 1
        }
      }
    }
    return isFull ? nil : CellEnds(places: places, lineFeeds: lineFeeds, holdsNUL: nuls != 0)
  }

  @inline(__always)
  private static func put(
    _ marks: UInt64, _ start: Int, _ places: UnsafeMutablePointer<UInt32>, _ count: inout Int
  ) {
    var rest = marks
    var next = unsafe places + count
    count &+= marks.nonzeroBitCount
    // Nearly all blocks of metric files hold fewer than twelve: no branch that is hard to foresee.
    for place in 0..<12 {
      unsafe next[place] = UInt32(truncatingIfNeeded: start &+ rest.trailingZeroBitCount)
      rest &= rest &- 1
    }
    while rest != 0 {
      unsafe next += 1
      unsafe next[11] = UInt32(truncatingIfNeeded: start &+ rest.trailingZeroBitCount)
      rest &= rest &- 1
    }
  }
}
