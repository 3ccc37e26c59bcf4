/// `rclone:REMOTE:PATH`: a place that `rclone` reaches, by a name of its configuration.
public struct RcloneTarget: Hashable, Sendable {
  /// `REMOTE:PATH`.
  public let root: String
  public static let prefix = "rclone:"

  public static func isMeant(_ target: String) -> Bool { target.utf8.starts(with: prefix.utf8) }

  /// Refuses what could hold a password: such a target would be in plans, journals and messages.
  public init(_ target: String) throws(WrongTarget) {
    let parts = target.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, Self.isMeant(target), parts[1].utf8.first != UInt8(ascii: "-"),
      !parts[1].isEmpty || WrongTarget.mayHoldSecret(target)
    else {
      throw WrongTarget(
        reason: "a target of rclone is a remote and a path",
        help: "write `rclone:REMOTE:PATH`, where `rclone listremotes` "
          + "shows the remote")
    }
    let isOdd = parts[1].isEmpty || parts[1].contains(where: { ",=/@\"'".contains($0) })
    guard !isOdd, !parts[2].contains("@"), !parts[2].contains("?"), !parts[2].contains("://") else {
      throw WrongTarget(
        reason: "addresses, options and passwords do not belong in a target of rclone",
        help: "name a remote of its own configuration, which keeps them: `rclone config`, then `rclone:REMOTE:PATH`")
    }
    // Where a backup lies is told without `rclone:` before it.
    guard parts[1] != "git-lfs" else {
      throw WrongTarget(
        reason: "a remote called `git-lfs` cannot be told from a repository",
        help: "give it another name (`rclone config`)")
    }
    root = "\(parts[1]):\(parts[2])"
  }
}

/// What the target of a backup cannot be.
public struct WrongTarget: Error, Equatable, Sendable {
  /// Lower case, no full stop; without the target, which may hold a password.
  public let reason: String
  /// What to write.
  public let help: String

  public init(reason: String, help: String) { (self.reason, self.help) = (reason, help) }

  /// Whether a text may be an address or an option with a password or token in it: then no message repeats it.
  public static func mayHoldSecret(_ target: String) -> Bool { target.contains { "@?=,".contains($0) } }
}
