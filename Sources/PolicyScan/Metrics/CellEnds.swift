internal import CByteMarks

/// Where the cells of a comma-separated text end: the places of all commas and line feeds, found in one pass.
///
/// One list for the whole text; a row is a stretch of it, and a table of a hundred rows costs one allocation.
struct CellEnds {
  /// In order. Texts are shorter than 4 GiB: see `MetricFile.limit`.
  let places: [UInt32]
  let lineFeeds: Int
  let holdsNUL: Bool

  /// The widths of vectors that this processor compares bytes in; with all of them the same is found.
  static let widths = 0...Int(policy_widest().rawValue)

  init(_ bytes: [UInt8], from start: Int, width: Int = widths.upperBound) {
    let width = policy_width(rawValue: UInt32(width))
    // Cells of metric files are longer than three bytes; where they are not, there is room for a comma in each place.
    let size = bytes.count - start
    self =
      Self.find(bytes, start, room: size / 4, width) ?? Self.find(bytes, start, room: size, width) ?? Self.none
  }

  private static let none = CellEnds(places: [], lineFeeds: 0, holdsNUL: false)

  private init(places: [UInt32], lineFeeds: Int, holdsNUL: Bool) {
    self.places = places
    self.lineFeeds = lineFeeds
    self.holdsNUL = holdsNUL
  }

  /// `nil` where there are more than `room`.
  private static func find(_ bytes: [UInt8], _ start: Int, room: Int, _ width: policy_width) -> CellEnds? {
    var found = policy_cells()
    let places = unsafe bytes.withUnsafeBufferPointer { bytes in
      // More places are written for a block than it has; then as many of them count as there are.
      unsafe [UInt32](unsafeUninitializedCapacity: room + 64) { places, count in
        guard let text = bytes.baseAddress, let base = places.baseAddress else { return }
        found = unsafe policy_find_cells(width, text, start, bytes.count, base, room)
        if found.is_full == 0 { count = found.count }
      }
    }
    if found.is_full != 0 { return nil }
    return CellEnds(places: places, lineFeeds: found.line_feeds, holdsNUL: found.holds_nul != 0)
  }
}
