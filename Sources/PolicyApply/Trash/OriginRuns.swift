internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Which runs things lie in, and whether they are still the same ones: names are used again, inodes with their time of
/// birth are not.
struct OriginRuns {
  let root: Folder
  private var known: [ByteString: JournalItem.Run] = [:]

  init(root: Folder) { self.root = root }

  /// What stands at each path now. One that cannot be looked at is none that will be found again.
  mutating func runs(_ paths: [ByteString]) -> [JournalItem.Run] {
    paths.map { path in
      if let run = known[path] { return run }
      let status = RelativePath(path.bytes).flatMap { try? root.folder($0).status }
      let run = JournalItem.Run(
        path: path, inode: status?.inode ?? 0, born: status?.born.map { Timestamp(nanoseconds: $0) })
      known[path] = run
      return run
    }
  }

  /// The folder of a run, where it is at a path; `nil` where nothing is, or another one.
  static func folder(_ run: JournalItem.Run, at path: ByteString, below root: Folder) throws(SystemError) -> Folder? {
    guard let path = RelativePath(path.bytes) else { return nil }
    do throws(SystemError) {
      let folder = try root.folder(path)
      let isIt =
        folder.status.device == root.status.device
        && isSame(run, folder.status.inode, folder.status.born.map { Timestamp(nanoseconds: $0) })
      return isIt ? folder : nil
    } catch {
      if error.isAbsence { return nil }
      throw error
    }
  }

  /// Where no time of birth is known, the inode alone tells.
  static func isSame(_ run: JournalItem.Run, _ inode: UInt64, _ born: Timestamp?) -> Bool {
    run.inode == inode && (run.born == nil || born == nil || run.born == born)
  }

  /// Whether what is moved back to where it was gets into its own run: the innermost, which tells what is its own.
  static func areInPlace(_ item: JournalItem, below root: Folder) throws(SystemError) -> Bool {
    guard item.archive == nil, let run = item.runs.last else { return true }
    return try folder(run, at: run.path, below: root) != nil
  }
}
