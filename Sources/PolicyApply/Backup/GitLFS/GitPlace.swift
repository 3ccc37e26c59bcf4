internal import PolicyCore

/// Where one backup lies in a repository, as its owner's journal names it: `git-lfs:REPOSITORY#BRANCH:UID/NAME`.
///
/// ```
/// <uid>/                       of the tree of the branch
///   .gitattributes             what lies beside it goes through Git LFS, and is never changed on the way
///   <name>.<tree digest>/
///     <name>/…                 a pointer for each file; the pointer of an empty file is empty
///     SHA256SUMS               the manifest, in git itself
/// ```
struct GitPlace: Equatable {
  let target: GitTarget
  /// Of the owner's folder.
  let owner: String
  /// Of the backup's folder in there: any bytes but `/`.
  let name: ByteString

  static func isMeant(_ folder: ByteString) -> Bool { GitPlace(folder) != nil }

  /// Of the owner's folder.
  static func folder(_ target: GitTarget, _ uid: UInt32) -> ByteString {
    ByteString("\(GitTarget.prefix)\(target.repository)#\(target.branch):\(uid)")
  }

  /// `nil` for what is no such place.
  init?(_ folder: ByteString) {
    guard folder.bytes.starts(with: Array(GitTarget.prefix.utf8)),
      let mark = folder.bytes.firstIndex(of: UInt8(ascii: "#")),
      let colon = folder.bytes[mark...].firstIndex(of: UInt8(ascii: ":")),
      let slash = folder.bytes[colon...].firstIndex(of: UInt8(ascii: "/")),
      let target = try? GitTarget(String(decoding: folder.bytes[..<colon], as: UTF8.self))
    else { return nil }
    let owner = String(decoding: folder.bytes[(colon + 1)..<slash], as: UTF8.self)
    let name = ByteString(folder.bytes[(slash + 1)...])
    guard UInt32(owner) != nil, !name.isEmpty, !name.bytes.contains(UInt8(ascii: "/")) else { return nil }
    (self.target, self.owner, self.name) = (target, owner, name)
  }

  /// Of something in the tree of the branch.
  func path(_ below: ByteString) -> ByteString { ByteString(owner).appending(name).appending(below) }

  static let attributesName = ".gitattributes"
  /// Whatever the folders above say, everything but the manifests is kept by Git LFS to the last byte.
  static let attributes = """
    # Written by policy: every file of a backup is kept by Git LFS, as it is.
    * filter=lfs diff=lfs merge=lfs -text -ident !eol !working-tree-encoding
    /\(attributesName) !filter !diff !merge
    /*/SHA256SUMS !filter !diff !merge

    """

  /// What a repository cannot hold, or would obey; `nil` where a path is fine.
  static func obstacle(_ path: ByteString) -> String? {
    for part in path.components {
      let lower = String(decoding: part.bytes, as: UTF8.self).lowercased()
      if lower == ".git" || lower == "git~1" || [attributesName, ".gitmodules", ".lfsconfig"].contains(lower) {
        return "\(path.displayText): git gives a file of this name a meaning, and cannot keep it as it is; "
          + "back up to a folder or by `rclone`"
      }
    }
    return nil
  }
}
