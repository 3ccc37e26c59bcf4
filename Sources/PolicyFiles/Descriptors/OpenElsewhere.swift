internal import CLinux
internal import Glibc

extension DirectoryDescriptor {
  /// True when another process has a regular file of this directory open or mapped, by asking for a write lease and
  /// giving it back. False where that cannot be told: a file of somebody else, a file system without leases, no regular
  /// file, or gone. Throws where this process or the disk is in such trouble that nothing can be told of any file.
  package func isOpenElsewhere(_ listing: DirectoryListing, _ index: Int) throws(SystemError) -> Bool {
    guard listing.typeHint(index) == .regular || listing.typeHint(index) == nil else { return false }
    return try isOpenElsewhere(listing.name(index))
  }

  package func isOpenElsewhere(_ name: Name) throws(SystemError) -> Bool {
    let file: CInt
    do throws(SystemError) {
      // Not blocking, so that a FIFO put in its place does not stop anybody.
      file = try resolution.open(rawValue, [name], flags: O_RDONLY | O_NONBLOCK | O_NOCTTY)
    } catch {
      if [EIO, EMFILE, ENFILE, ENOMEM].contains(error.errno) { throw error }
      return false
    }
    defer { _ = policy_close(file) }
    return policy_is_open_elsewhere(file) == 1
  }
}
