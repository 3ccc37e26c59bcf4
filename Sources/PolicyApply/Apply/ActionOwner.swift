internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Whose an action is: whose worker carries it out.
enum ActionOwner {
  /// The owner of what is moved; of a purge the one that the record is named after. Whether that is so, the owner's own
  /// journal says.
  static func uid(_ action: Action) -> UInt32? {
    switch action.verb {
    case .trash, .archive, .backup: action.expect?.uid
    case .purge: action.record.flatMap(TrashRecordName.owner)
    }
  }

  /// A program of the system carries it away.
  static func isToolsTarget(_ action: Action) -> Bool {
    guard action.verb == .backup, let target = action.target else { return false }
    return RcloneTarget.isMeant(target) || GitTarget.isMeant(target)
  }

  /// Why an action is not for this process, whatever is there.
  static func obstacle(_ action: Action, _ options: ApplyOptions) -> String? {
    switch action.verb {
    case .trash, .archive, .backup:
      guard let expected = action.expect else { return "the plan does not say what it looked like" }
      if action.path.isEmpty {
        return action.verb == .backup
          ? "a run that is the root itself is not backed up: name the folder above as the root"
          : "a run that is the root itself is never moved"
      }
      if RelativePath(action.path.bytes) == nil { return "its path cannot be used" }
      if action.verb == .archive, action.target?.utf8.first != UInt8(ascii: "/") {
        let target = action.target.map { "and is `\($0)`" } ?? "and there is none"
        return "`archive.to` must be an absolute folder, \(target)"
      }
      if action.verb == .backup, action.target?.utf8.first != UInt8(ascii: "/"),
        !isToolsTarget(action)
      {
        let target = action.target.map { "this version cannot back up to `\($0)`" } ?? "there is no `backup.to`"
        return "\(target): write an absolute folder, `rclone:REMOTE:PATH` or `git-lfs:REPOSITORY`"
      }
      if expected.uid != options.uid, !options.actsForOthers {
        let owner = action.owner?.displayText ?? "uid \(expected.uid)"
        return "owned by \(owner): run as \(owner)"
      }
    case .purge:
      if let owner = uid(action), owner != options.uid, !options.actsForOthers {
        let name = action.owner?.displayText ?? "uid \(owner)"
        return "in the trash of \(name): run as \(name)"
      }
    }
    return nil
  }
}

/// `<action id>-<uid>-<number>`: unique within a root, because the number counts in the journal of that owner.
enum TrashRecordName {
  static func make(_ action: String, uid: UInt32, number: Int64) -> String { "\(action)-\(uid)-\(number)" }

  /// `nil` where the name is none of ours.
  static func owner(_ record: String) -> UInt32? {
    let parts = record.split(separator: "-", omittingEmptySubsequences: false)
    return parts.count == 3 ? UInt32(parts[1]) : nil
  }
}
