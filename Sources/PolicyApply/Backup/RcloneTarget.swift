internal import PolicyCore

extension RcloneTarget {
  /// The same, where a plan names it.
  init(planned target: String) throws(ArchiveTrouble) {
    do throws(WrongTarget) { self = try RcloneTarget(target) } catch {
      throw ArchiveTrouble("\(error.reason): \(error.help)")
    }
  }

  /// Of an owner.
  func folder(_ uid: UInt32) -> ByteString {
    let end = root.utf8.last == UInt8(ascii: ":") || root.utf8.last == UInt8(ascii: "/") ? "" : "/"
    return ByteString("\(root)\(end)\(uid)")
  }
}
