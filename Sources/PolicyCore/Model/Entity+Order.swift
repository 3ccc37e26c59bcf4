/// Comparisons that copy nothing: sorting and searching very many entities is made of these.
extension Entity {
  /// The canonical order of a snapshot's entities: by root, kind, path bytes, tier.
  public static func precedes(_ left: borrowing Entity, _ right: borrowing Entity) -> Bool {
    if left.root != right.root { return left.root < right.root }
    if left.kind != right.kind { return left.kind == .checkpoint }
    let (a, b) = (left.storage.span, right.storage.span)
    var (i, j) = (Int(left.start), Int(right.start))
    let (m, n) = (Int(PackedSpan.unsigned(a, &i)), Int(PackedSpan.unsigned(b, &j)))
    for place in 0..<min(m, n) where a[i + place] != b[j + place] { return a[i + place] < b[j + place] }
    if m != n { return m < n }
    return left.tier == .live && right.tier == .archived
  }

  /// Whether the path stands before another one.
  package borrowing func isBefore(_ path: [UInt8]) -> Bool {
    let bytes = storage.span
    var start = Int(self.start)
    let count = Int(PackedSpan.unsigned(bytes, &start))
    for place in 0..<min(count, path.count) where bytes[start + place] != path[place] {
      return bytes[start + place] < path[place]
    }
    return count < path.count
  }

  package borrowing func isAt(_ path: [UInt8]) -> Bool {
    let bytes = storage.span
    var start = Int(self.start)
    let count = Int(PackedSpan.unsigned(bytes, &start))
    return PackedSpan.holds(path, bytes, at: start, count: count)
  }

  /// Whether the path is that of an entry of a directory.
  package borrowing func isAt(_ name: ArraySlice<UInt8>, in directory: [UInt8]) -> Bool {
    let bytes = storage.span
    var start = Int(self.start)
    guard Int(PackedSpan.unsigned(bytes, &start)) == directory.count + 1 + name.count else { return false }
    // The names of one directory differ at their ends.
    let middle = start + directory.count
    for (place, byte) in name.enumerated() where bytes[middle + 1 + place] != byte { return false }
    return bytes[middle] == UInt8(ascii: "/") && PackedSpan.holds(directory, bytes, at: start, count: directory.count)
  }

  /// Whether the path begins so.
  package borrowing func isBelow(_ prefix: [UInt8]) -> Bool {
    let bytes = storage.span
    var start = Int(self.start)
    guard Int(PackedSpan.unsigned(bytes, &start)) >= prefix.count else { return false }
    return PackedSpan.holds(prefix, bytes, at: start, count: prefix.count)
  }

  /// Whether both lie in one directory of one root, and in one tier.
  static func areNeighbours(_ left: borrowing Entity, _ right: borrowing Entity) -> Bool {
    guard left.root == right.root, left.tier == right.tier else { return false }
    let (a, b) = (left.storage.span, right.storage.span)
    var (i, j) = (Int(left.start), Int(right.start))
    let (m, n) = (Int(PackedSpan.unsigned(a, &i)), Int(PackedSpan.unsigned(b, &j)))
    guard let length = folder(a, i, m), length == folder(b, j, n) else { return false }
    for place in 0..<length where a[i + place] != b[j + place] { return false }
    return true
  }

  /// The length of a path up to its last slash; `nil` for the empty path, which lies nowhere.
  private static func folder(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
    if count == 0 { return nil }
    var length = count
    while length > 0, bytes[start + length - 1] != UInt8(ascii: "/") { length -= 1 }
    return length
  }
}
