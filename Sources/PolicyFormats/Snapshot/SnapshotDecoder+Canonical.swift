internal import PolicyCore

extension SnapshotDecoder {
  /// Whether header, other lines, and the order of all of them are canonical too, where the lines of entities are.
  var hasCanonicalRest: Bool {
    // Other lines stand behind the entities of their root. With several roots that is not looked at: the snapshot is digested.
    guard isSorted, others.isEmpty || snapshot.roots.count == 1 && (places.last ?? 0) < (others.first ?? 0) else {
      return false
    }
    var rest = snapshot
    rest.entities = []
    let expected = SnapshotCodec.encode(rest)
    var found = line(at: 0)
    for start in others { found += line(at: start) }
    return found.elementsEqual(expected)
  }

  /// A line with its end.
  private func line(at start: Int) -> ArraySlice<UInt8> {
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1
    return bytes[start...end]
  }
}
