internal import PolicyCore

/// Checkpoints of a run that lie in folders of it, each a file in a folder right below the run.
///
/// Where these and what the run's own list holds are as many entries as the run had when it was read, there is nothing else
/// in its folders: they need no opening and no listing, if their times say that no name in them has changed.
struct KnownFiles {
  private struct File {
    let place: Int
    let inode: UInt64
  }

  private let files: [File]
  private let table: EarlierTable
  private let path: [UInt8]

  var count: Int { files.count }

  /// `nil` where another run lies in this one, or a checkpoint is no regular file of its device, or lies deeper.
  init?(_ known: EarlierRuns.Known, _ entities: [Entity], _ table: EarlierTable, _ path: [UInt8]) {
    guard known.nested.isEmpty else { return nil }
    var files: [File] = []
    files.reserveCapacity(known.checkpoints.count)
    for place in known.checkpoints {
      let levels = table.path(place, below: path).reduce(0) { $0 + ($1 == UInt8(ascii: "/") ? 1 : 0) }
      guard levels <= 1, let file = Entity.file(entities, place), file.device == known.identity.device else {
        return nil
      }
      if levels == 1 { files.append(File(place: place, inode: file.inode)) }
    }
    (self.files, self.table, self.path) = (files, table, path)
  }

  /// Whether something holds of each, of which it is told the path below the run and the inode.
  func allSatisfy(_ holds: (ArraySlice<UInt8>, UInt64) -> Bool) -> Bool {
    files.allSatisfy { holds(table.path($0.place, below: path), $0.inode) }
  }
}
