internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// Where this process may read what belongs to its user, without the kernel being asked for each file: on a local file system
/// the owner's bits alone decide for the owner, whatever else is granted or denied. Of a network volume the server decides.
struct OwnRights: Sendable {
  private let user: UInt32
  private let mount: UInt64

  private static let localFileSystems: Set<String> = ["btrfs", "ext2", "ext3", "ext4", "tmpfs", "xfs"]
  /// In a container, whoever has no number of its own there.
  private static let anybody: UInt32 = 65_534

  /// `nil` where the kernel must be asked.
  init?(_ root: Root) {
    guard let mount = root.mountID, let name = root.fileSystem, Self.localFileSystems.contains(name) else { return nil }
    user = geteuid()
    self.mount = mount
    if user == Self.anybody { return nil }
  }

  /// False also where it is not known.
  func surelyRead(_ file: FileStatus, in folder: FileStatus) -> Bool { holds(S_IRUSR, file, folder) }

  /// Whether a directory may be listed and what is in it reached; false also where it is not known.
  func surelySearch(_ directory: FileStatus, in folder: FileStatus) -> Bool {
    holds(S_IRUSR | S_IXUSR, directory, folder)
  }

  private func holds(_ bits: mode_t, _ status: FileStatus, _ folder: FileStatus) -> Bool {
    status.uid == user && mode_t(truncatingIfNeeded: status.mode) & bits == bits && folder.mountID == mount
  }
}
