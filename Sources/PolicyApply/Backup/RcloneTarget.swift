internal import PolicyCore

/// `rclone:REMOTE:PATH`: a place that `rclone` reaches, by a name of its configuration.
struct RcloneTarget {
  /// `REMOTE:PATH`.
  let root: String
  static let prefix = "rclone:"

  static func isMeant(_ target: String) -> Bool { target.utf8.starts(with: prefix.utf8) }

  /// Refuses what could hold a password: such a target would be in plans, journals and messages.
  init(_ target: String) throws(ArchiveTrouble) {
    let parts = target.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isMeant(target), !parts[1].isEmpty, parts[1].utf8.first != UInt8(ascii: "-") else {
      throw ArchiveTrouble("a target of rclone is `rclone:REMOTE:PATH`, where `rclone listremotes` shows the remote")
    }
    guard !parts[1].contains(where: { ",=/@\"'".contains($0) }) else {
      throw ArchiveTrouble(
        "options and passwords do not belong in a target: name a remote of rclone's own configuration (`rclone config`)"
      )
    }
    // Where a backup lies is told without `rclone:` before it.
    guard parts[1] != "git-lfs" else {
      throw ArchiveTrouble(
        "a remote called `git-lfs` cannot be told from a repository: give it another name (`rclone config`)")
    }
    root = "\(parts[1]):\(parts[2])"
  }

  /// Of an owner.
  func folder(_ uid: UInt32) -> ByteString {
    let end = root.utf8.last == UInt8(ascii: ":") || root.utf8.last == UInt8(ascii: "/") ? "" : "/"
    return ByteString("\(root)\(end)\(uid)")
  }
}
