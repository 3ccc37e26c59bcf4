internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension OwnerStore {
  /// Every finished backup that the owner's journals in this root tell of. With `--state` the one beside the runs is asked
  /// too: what was backed up before the disk was full stands in that.
  func backups() -> [BackedUpItem] {
    var all = journal.history.backups
    let beside = [StateLayout.folder, String(uid)]
    let isBeside = homePath == rootPath.appending(ByteString(beside.joined(separator: "/")))
    if !isBeside, let home = try? root.folder(RelativePath(beside.compactMap { Name($0) })), home.status.uid == uid,
      let history = try? JournalWriter.history(home)
    {
      all += history.backups
    }
    return all.filter { $0.state == .whole }
  }

  /// Why what a rule with `requires: [backup]` trashed may not be purged yet: no backup of exactly that is where a journal
  /// says, whole by its manifest and the sizes of its files. `nil` where one is. A backup in a remote counts as it did when
  /// the thing was trashed.
  func missingBackup(of item: JournalItem, among backups: [BackedUpItem]) -> String? {
    guard item.needs.contains("backup") else { return nil }
    let rule = "its rule `requires: [backup]`"
    var missing =
      "\(rule), and no journal here tells of one: restore it and back it up again, or name the `--state` of then"
    for backup in backups {
      guard backup.item.path == item.path, backup.item.kind == item.kind,
        backup.item.identity.treeDigest == item.identity.treeDigest
      else { continue }
      guard backup.place.folder.bytes.first == UInt8(ascii: "/") else { return nil }
      guard let reason = Self.trouble(backup) else { return nil }
      missing =
        "\(rule), and its backup, \(backup.place.path.displayText), is not whole (\(reason)): mount it, or restore this and "
        + "back it up again"
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
