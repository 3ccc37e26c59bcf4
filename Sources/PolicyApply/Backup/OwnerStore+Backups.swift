internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension OwnerStore {
  /// Why what a rule with `requires: [backup]` trashed may not be purged yet: no backup of it is where the journal says,
  /// whole by its manifest and the sizes of its files. `nil` where one is, or where that cannot be asked here: a backup in
  /// a remote, and one that another owner's journal tells of, count as they did when it was trashed.
  func missingBackup(of item: JournalItem, among newest: [BackedUpItem]) -> String? {
    guard item.needs.contains("backup") else { return nil }
    var missing: String?
    for backup in newest {
      guard backup.item.path == item.path, backup.item.kind == item.kind,
        backup.item.identity.treeDigest == item.identity.treeDigest
      else { continue }
      guard backup.place.folder.bytes.first == UInt8(ascii: "/") else { return nil }
      guard let reason = Self.trouble(backup) else { return nil }
      missing =
        "its backup, \(backup.place.path.displayText), is not whole (\(reason)), and its rule `requires: [backup]`: "
        + "mount it, or restore this and back it up again"
    }
    return missing
  }

  private static func trouble(_ backup: BackedUpItem) -> String? {
    do throws(ArchiveTrouble) {
      let folder: Folder
      do throws(SystemError) { folder = try Folder(.openRoot(backup.place.path.bytes)) } catch {
        throw ArchiveTrouble(error.text, cause: error)
      }
      try ArchiveCheck.look(folder, ArchiveCheck.manifest(folder, digest: backup.seal?.manifestDigest))
      return nil
    } catch {
      return error.reason
    }
  }
}
