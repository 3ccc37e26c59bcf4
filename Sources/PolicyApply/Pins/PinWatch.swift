internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The pins that count for one owner's things: the owner's own and root's, read anew each time.
struct PinWatch {
  let root: Folder
  let uid: UInt32
  /// Where the owner's pins are, which under `--state` is not in the root.
  let home: Folder

  /// Why something stays: it, something in it, or what holds it is pinned; or pins cannot be read, which keeps as well.
  func holds(_ path: ByteString, _ status: FileStatus) throws(SystemError) -> String? {
    for list in [try read(home, owner: uid), try inRoot(uid), uid == 0 ? PinList() : try inRoot(0)] {
      guard let list else { return "the pins cannot be read" }
      let born = status.born.map { Timestamp(nanoseconds: $0) }
      if let pin = list.pin(device: status.device, inode: status.inode, born: born) {
        return "it is pinned: \(pin.because)"
      }
      if let pin = list.pins.first(where: { $0.path != path && $0.path.isAtOrBelow(path) }), try isThere(pin) {
        return "something in it is pinned: \(pin.because)"
      }
    }
    return nil
  }

  /// Whether a pin still means what lies under its name.
  private func isThere(_ pin: Pin) throws(SystemError) -> Bool {
    guard let path = RelativePath(pin.path.bytes), let (parent, name) = path.split else { return true }
    do {
      let status = try root.folder(parent).directory.status(name)
      return pin.binds(
        device: status.device, inode: status.inode, born: status.born.map { Timestamp(nanoseconds: $0) })
    } catch {
      if error.isAbsence { return false }
      throw error
    }
  }

  private func inRoot(_ owner: UInt32) throws(SystemError) -> PinList? {
    guard let path = RelativePath(StateLayout.ownerFolder(uid: owner).bytes) else { return nil }
    do {
      let folder = try root.folder(path)
      // Without `--state` it is the one that has been read.
      return folder.status.isSameObject(as: home.status) ? PinList() : try read(folder, owner: owner)
    } catch {
      if error.isAbsence { return PinList() }
      if error.errno == EACCES { return nil }
      throw error
    }
  }

  /// `nil` where they are there and cannot be believed.
  private func read(_ home: Folder, owner: UInt32) throws(SystemError) -> PinList? {
    guard let name = Name(StateLayout.pins) else { return nil }
    guard let status = try home.statusIfThere(name) else { return PinList() }
    guard status.type == .regular, status.uid == owner, status.mode & 0o022 == 0 else { return nil }
    do {
      let content = try home.directory.readFile(name, limit: 64 << 20)
      guard !content.isCut else { return nil }
      return try PinsCodec.decode(content.bytes)
    } catch {
      return nil
    }
  }
}
