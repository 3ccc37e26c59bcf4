internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyYAML

/// The blocks that a policy has once: roots, defaults, trash, archive, backup; and limits, of which the stricter holds.
extension Lowering {
  mutating func roots(_ clause: Clause) -> [ByteString] {
    (reader.items(clause, expected: "a list such as `[runs]`") ?? []).compactMap {
      path($0, name: "each root", place: clause.keySpan)
    }
  }

  mutating func defaults(_ clause: Clause) -> AgeBasis {
    guard let block = reader.block(clause, .defaults), let basis = block["age_of"] else { return .finishedAt }
    return reader.word(basis, AgeBasis.self) ?? .finishedAt
  }

  mutating func trash(_ clause: Clause) -> TrashSettings {
    guard let block = reader.block(clause, .trash) else { return TrashSettings() }
    return TrashSettings(directory: path(block["dir"]), purgeAfter: duration(block["purge_after"]))
  }

  mutating func archive(_ clause: Clause) -> ArchiveSettings? {
    hasArchiveTarget = true
    guard let block = reader.block(clause, .archive) else { return nil }
    reader.requireAll(in: block, "`archive`")
    let to = archiveTarget(block["to"])
    let format = block["format"].flatMap { reader.word($0, ArchiveSettings.Format.self) } ?? .zstandard
    let level = integer(block["level"], in: 1...(format == .gzip ? 9 : 19))
    return to.map { ArchiveSettings(to: $0, format: format, level: level) }
  }

  mutating func backup(_ clause: Clause) -> BackupSettings? {
    hasBackupTarget = true
    guard let block = reader.block(clause, .backup) else { return nil }
    reader.requireAll(in: block, "`backup`")
    let bandwidth = size(block["bandwidth"])
    hasBandwidth = block["bandwidth"] != nil
    let to = backupTarget(block["to"])
    if let bandwidth, bandwidth <= 0, let written = block["bandwidth"] {
      reader.report(
        .outOfRange, "`bandwidth` is more than nothing", at: written.value.span,
        help: "write bytes a second such as `20MB`, or delete the key for no limit")
    }
    return to.map { BackupSettings(to: $0, bandwidth: bandwidth) }
  }

  /// A folder, the same one wherever the policy is applied from.
  mutating func archiveTarget(_ clause: Clause?) -> String? {
    guard let clause, let target = path(clause)?.displayText else { return nil }
    return absolute(target, clause)
  }

  private mutating func absolute(_ target: String, _ clause: Clause) -> String? {
    if target.hasPrefix("/") { return target }
    reader.report(
      .badPattern, "`\(target)` depends on where the policy is applied from", at: clause.value.span,
      help: "write the folder from the root of the file system on, such as `/mnt/nas/\(target)`")
    return nil
  }

  /// A folder, or a remote that is spelled with what reaches it.
  mutating func backupTarget(_ clause: Clause?) -> String? {
    guard let clause, let target = path(clause)?.displayText else { return nil }
    let parts = target.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count > 1, !parts[0].contains("/") else { return absolute(target, clause) }
    if GitTarget.isMeant(target) { return repository(target, clause) }
    if RcloneTarget.isMeant(target), parts.count == 3 { return remote(target, clause) }
    if WrongTarget.mayHoldSecret(target) {
      return refuse(
        WrongTarget(
          reason: "this is not a place for backups",
          help: "write `rclone:REMOTE:PATH`, `git-lfs:REPOSITORY`, or the path of a folder; passwords stay in the "
            + "configuration of rclone or git"), target, clause)
    }
    // A name before a colon is most often a remote of rclone's; an address begins with a scheme.
    let isRemote = parts[0] != "rclone" && !target.contains("://") && !parts[0].isEmpty
    reader.report(
      .badPattern, "`\(target)` is not a place for backups", at: clause.value.span,
      help: isRemote
        ? "write `rclone:\(target)` for a remote of `rclone listremotes`, `git-lfs:REPOSITORY`, or the path of a folder"
        : "write `rclone:REMOTE:PATH`, where `rclone listremotes` shows the remote, `git-lfs:REPOSITORY`, or the path of a folder"
    )
    return nil
  }

  private mutating func remote(_ target: String, _ clause: Clause) -> String? {
    do throws(WrongTarget) {
      _ = try RcloneTarget(target)
      return target
    } catch {
      return refuse(error, target, clause)
    }
  }

  /// Shows where it stands, and what stands there only if that cannot be a password.
  private mutating func refuse(_ wrong: WrongTarget, _ target: String, _ clause: Clause) -> String? {
    reader.report(.badPattern, wrong.reason, at: clause.value.span, help: wrong.help)
    if WrongTarget.mayHoldSecret(target) { reader.hideLast() }
    return nil
  }

  private mutating func repository(_ target: String, _ clause: Clause) -> String? {
    do throws(WrongTarget) {
      _ = try GitTarget(target)
    } catch {
      return refuse(error, target, clause)
    }
    guard hasBandwidth else { return target }
    reader.report(
      .badPattern, "`git-lfs` cannot hold the `bandwidth` of `backup`", at: clause.value.span,
      help: "delete `bandwidth`, or write a folder or `rclone:REMOTE:PATH`, which hold it")
    return nil
  }

  // MARK: - Limits

  /// What all files say together, and what an `override` of `limits` says last.
  mutating func limits(_ clauses: [Clause], override: BlockSyntax?) -> Limits {
    var limits = Limits()
    for clause in clauses {
      guard let block = reader.block(clause, .limits) else { continue }
      let own = self.limits(block)
      limits.maxTrash = Self.stricter(limits.maxTrash, own.maxTrash)
      limits.maxArchive = Self.stricter(limits.maxArchive, own.maxArchive)
      limits.maxShare = [limits.maxShare, own.maxShare].compactMap(\.self).min()
      switch (limits.maxTrashBytes, own.maxTrashBytes) {
      case (.bytes(let left)?, .bytes(let right)?): limits.maxTrashBytes = .bytes(min(left, right))
      case (.share(let left)?, .share(let right)?): limits.maxTrashBytes = .share(min(left, right))
      case (nil, let limit), (let limit, nil): limits.maxTrashBytes = limit
      case (.bytes?, .share?), (.share?, .bytes?):
        reader.report(
          .blockInTwoFiles, "one file limits bytes, another a share of them", at: block["max_trash_bytes"]?.span,
          notes: ["which is stricter depends on how full the roots are"],
          help: "write both as sizes, or both as shares")
      }
    }
    if let override {
      let own = self.limits(override)
      limits.maxTrash = own.maxTrash ?? limits.maxTrash
      limits.maxArchive = own.maxArchive ?? limits.maxArchive
      limits.maxShare = own.maxShare ?? limits.maxShare
      limits.maxTrashBytes = own.maxTrashBytes ?? limits.maxTrashBytes
    }
    return limits
  }

  private mutating func limits(_ block: BlockSyntax) -> Limits {
    Limits(
      maxTrash: count(block["max_trash"]), maxArchive: count(block["max_archive"]),
      maxTrashBytes: sizeLimit(block["max_trash_bytes"]), maxShare: ratio(block["max_share"]))
  }

  private static func stricter(_ left: Count?, _ right: Count?) -> Count? {
    guard let left else { return right }
    guard let right else { return left }
    switch (left, right) {
    case (.none, _), (_, .none): return Count.none
    case (.all, let other), (let other, .all): return other
    case (.limited(let a), .limited(let b)): return .limited(min(a, b))
    }
  }
}
