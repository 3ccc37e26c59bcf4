internal import PolicyCore

/// Checkpoints of a run that lie in folders of it, each a file in a folder right below the run.
///
/// Where these and what the run's own list holds are as many entries as the run had when it was read, there is nothing else in its
/// folders: they need no opening and no listing, if their times say that no name in them has changed.
struct KnownFiles {
  private let entities: [Entity]
  private let table: EarlierTable
  private let path: [UInt8]
  private let places: Range<Int>
  /// How many there are.
  let count: Int

  /// `nil` where anything else lies in the run's folders.
  init?(_ known: EarlierRuns.Known, _ entities: [Entity], _ table: EarlierTable, _ path: [UInt8]) {
    guard known.nested.isEmpty else { return nil }
    var count = 0
    for place in known.checkpoints {
      var levels = 0
      for byte in table.path(place, below: path) where byte == UInt8(ascii: "/") { levels += 1 }
      guard levels <= 1, Entity.fileInode(entities, place) != nil else { return nil }
      count += levels
    }
    (self.entities, self.table, self.path, self.count) = (entities, table, path, count)
    places = known.checkpoints
  }

  /// Whether something holds of each, of which it is told the path below the run and the inode.
  func allSatisfy(_ holds: (ArraySlice<UInt8>, UInt64) -> Bool) -> Bool {
    places.allSatisfy { place in
      let below = table.path(place, below: path)
      guard below.contains(UInt8(ascii: "/")), let inode = Entity.fileInode(entities, place) else { return true }
      return holds(below, inode)
    }
  }
}
