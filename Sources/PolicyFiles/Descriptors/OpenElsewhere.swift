internal import CLinux
internal import Glibc

extension DirectoryDescriptor {
  /// True when another process has a regular file of this directory open or mapped, by asking for a write lease and
  /// giving it back. False where that cannot be told: a file of somebody else, a file system without leases, no regular
  /// file, or gone.
  package func isOpenElsewhere(_ listing: DirectoryListing, _ index: Int) -> Bool {
    guard listing.typeHint(index) == .regular || listing.typeHint(index) == nil else { return false }
    return isOpenElsewhere(listing.name(index))
  }

  package func isOpenElsewhere(_ name: Name) -> Bool {
    // Not blocking, so that a FIFO put in its place does not stop anybody.
    guard let file = try? resolution.open(rawValue, [name], flags: O_RDONLY | O_NONBLOCK | O_NOCTTY) else {
      return false
    }
    defer { _ = policy_close(file) }
    return policy_is_open_elsewhere(file) == 1
  }
}
