/// Comparisons that copy nothing: sorting and searching very many entities is made of these.
extension Entity {
  /// The canonical order of a snapshot's entities: by root, kind, path bytes, tier.
  @inline(__always)
  public static func precedes(_ left: borrowing Entity, _ right: borrowing Entity) -> Bool {
    if left.root != right.root { return left.root < right.root }
    if left.kind != right.kind { return left.kind == .checkpoint }
    let (a, b) = (left.storage.span, right.storage.span)
    var (i, j) = (Int(left.start), Int(right.start))
    let (m, n) = (Int(PackedSpan.unsigned(a, &i)), Int(PackedSpan.unsigned(b, &j)))
    let common = PackedSpan.common(a, i, b, j, min(m, n))
    if common < min(m, n) { return a[i + common] < b[j + common] }
    if m != n { return m < n }
    return left.tier == .live && right.tier == .archived
  }

  /// Whether its path stands before another one, by bytes.
  @inline(__always)
  borrowing func isBefore(_ path: borrowing Span<UInt8>) -> Bool {
    let own = storage.span
    var start = Int(self.start)
    let count = Int(PackedSpan.unsigned(own, &start))
    let common = PackedSpan.common(own, start, path, 0, min(count, path.count))
    return common < min(count, path.count) ? own[start + common] < path[common] : count < path.count
  }

  @inline(__always)
  borrowing func isAt(_ path: borrowing Span<UInt8>) -> Bool {
    let own = storage.span
    var start = Int(self.start)
    guard Int(PackedSpan.unsigned(own, &start)) == path.count else { return false }
    return PackedSpan.common(own, start, path, 0, path.count) == path.count
  }

  /// Whether both lie in one directory of one root, and in one tier.
  @inline(__always)
  static func areNeighbours(_ left: borrowing Entity, _ right: borrowing Entity) -> Bool {
    guard left.root == right.root, left.tier == right.tier else { return false }
    let (a, b) = (left.storage.span, right.storage.span)
    var (i, j) = (Int(left.start), Int(right.start))
    let (m, n) = (Int(PackedSpan.unsigned(a, &i)), Int(PackedSpan.unsigned(b, &j)))
    guard let length = folder(a, i, m), length == folder(b, j, n) else { return false }
    return PackedSpan.common(a, i, b, j, length) == length
  }

  /// The length of a path up to its last slash; `nil` for the empty path, which lies nowhere.
  @inline(__always)
  private static func folder(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> Int? {
    if count == 0 { return nil }
    var length = count
    while length > 0, bytes[start + length - 1] != UInt8(ascii: "/") { length -= 1 }
    return length
  }
}
