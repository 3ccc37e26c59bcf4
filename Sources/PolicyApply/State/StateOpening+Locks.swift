internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Keeps out whoever else works on the same things of the same owner.
extension StateOpening {
  func lock(_ home: Folder) throws(ApplyFailure) -> HeldLock {
    do {
      let file = try changes.openFile(home.directory, try name(StateLayout.lock), exclusive: false)
      guard try tryLock(file.rawValue) else {
        throw ApplyFailure(.locked, "another policy process is at work in \(shown); try again when it is done")
      }
      return HeldLock(file)
    } catch let failure as ApplyFailure {
      throw failure
    } catch let error as SystemError {
      throw environment(error, "the lock of \(shown)")
    } catch {
      throw ApplyFailure(.environment, "the lock of \(shown)")
    }
  }

  /// With `--state`, whoever works without it must be kept out too, and must have left nothing unfinished.
  func lockInRoot(_ root: Folder) throws(ApplyFailure) -> [HeldLock] {
    guard let path = RelativePath(StateLayout.ownerFolder(uid: uid).bytes), let name = Name(StateLayout.lock),
      let home = try? root.folder(path), home.status.uid == uid,
      let status = try? home.directory.status(name), status.type == .regular
    else { return [] }
    let lock = try lock(home)
    let history = try JournalWriter.history(home)
    guard history.open.isEmpty, history.openArchives.isEmpty, history.openBackups.isEmpty else {
      throw ApplyFailure(
        .damaged, "an earlier run without `--state` was interrupted in \(shown): run `policy recover` without it first")
    }
    return [lock]
  }
}
