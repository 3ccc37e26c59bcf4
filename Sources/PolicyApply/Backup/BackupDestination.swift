internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Where backups go: a folder, or what a program reaches.
protocol BackupDestination {
  func place(_ target: String, of path: ByteString, record: String, tree: String) -> BackupPlace
  /// Copies, and reads back where it lies. `fault`, when it throws: whose it was.
  func copy(_ work: BackupWork, _ fault: inout BackupFault) throws(ArchiveTrouble) -> BackupSeal
}

/// Whose fault it is that a backup was not made.
enum BackupFault {
  /// Others may be backed up all the same.
  case items
  /// The target's, or of this item's in it: who knows.
  case doubtful
  /// The target's: it would go wrong for others, too.
  case targets
}

/// One thing that is backed up.
struct BackupWork {
  let found: ItemLook.Found
  let item: JournalItem
  let place: BackupPlace
  let origin: ArchiveManifest.Origin

  /// What was read must be what was planned, then and now.
  func requireSame(_ summary: TreeSummary) throws(ArchiveTrouble) {
    let now: TreeSummary
    do throws(SystemError) {
      now = try TreeSummary.of(found.parent.directory, found.name)
    } catch {
      throw ArchiveTrouble("\(item.path.displayText) cannot be read: \(error.text)", cause: error)
    }
    for summary in [summary, now] {
      let isSame =
        summary.digestText == item.identity.treeDigest && summary.entries == item.identity.entries
        && item.identity.difference(from: summary.status) == nil
      guard isSame else { throw ArchiveTrouble("something in it changed while it was copied") }
    }
  }
}
