internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// A root that may be scanned.
struct CheckedRoot: Sendable {
  /// As recorded: absolute, without empty and `.` components; where it held `..`, what the kernel calls it.
  let path: ByteString
  let status: FileStatus
}

/// Refuses roots that no training run lives in, by identity: another spelling, a bind mount or a link in the parents
/// does not get past it.
struct RootCheck {
  /// Directories whose very selves are no roots.
  private static let systemDirectories = [
    "/", "/etc", "/proc", "/sys", "/dev", "/run", "/boot", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/var", "/root",
  ]
  /// File systems that hold no files of anybody.
  private static let systemFileSystems: Set<String> = [
    "proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "securityfs", "debugfs", "tracefs", "efivarfs",
    "configfs", "bpf",
  ]

  private let forbidden: [(status: FileStatus, name: String)]
  private let mounts: MountTable
  private(set) var accepted: [CheckedRoot] = []
  /// Identity of each accepted root and of the directories above it.
  private var ancestries: [[FileStatus]] = []

  init(homes: [ByteString], mounts: MountTable) {
    self.mounts = mounts
    var forbidden: [(FileStatus, String)] = []
    for path in Self.systemDirectories {
      guard let status = try? DirectoryDescriptor.openRoot(Array(path.utf8)).status() else { continue }
      forbidden.append((status, path))
    }
    for home in homes {
      guard let status = try? DirectoryDescriptor.openRoot(home.bytes).status() else { continue }
      forbidden.append((status, "a home directory"))
    }
    self.forbidden = forbidden
  }

  /// Takes a root in, or says why not.
  mutating func check(_ path: ByteString) -> RootProblem? {
    func problem(_ reason: RootProblem.Reason) -> RootProblem { RootProblem(root: path, reason: reason) }
    guard path.bytes.first == UInt8(ascii: "/"), !path.bytes.contains(0) else { return problem(.relative) }
    let recorded = Self.normalised(path)
    do throws(SystemError) {
      let directory = try DirectoryDescriptor.openRoot(recorded.bytes)
      let status = try directory.status()
      if let name = try unsafeName(directory, status) { return problem(.unsafe(name)) }
      let ancestry = try Self.ancestry(of: recorded)
      for (other, above) in zip(accepted, ancestries) {
        let isBelow = ancestry.contains { $0.isSameObject(as: other.status) }
        let isAbove = above.contains { $0.isSameObject(as: status) }
        if isBelow || isAbove { return problem(.overlapping(other.path)) }
      }
      let isIndirect = recorded.components.contains("..")
      accepted.append(
        CheckedRoot(path: isIndirect ? try Self.kernelPath(directory) : recorded, status: status))
      ancestries.append(ancestry)
      return nil
    } catch {
      return problem(Self.reason(recorded, error))
    }
  }

  private func unsafeName(
    _ directory: borrowing DirectoryDescriptor, _ status: FileStatus
  ) throws(SystemError) -> String? {
    if let match = forbidden.first(where: { $0.status.isSameObject(as: status) }) { return match.name }
    let fileSystem = try directory.fileSystemName(mounts)
    return Self.systemFileSystems.contains(fileSystem) ? "a file system of the kernel (\(fileSystem))" : nil
  }

  private static func reason(_ path: ByteString, _ error: SystemError) -> RootProblem.Reason {
    switch error.errno {
    case ENOENT: return .missing
    case ELOOP, ENOTDIR:
      // The last component may be a link; then say where it leads.
      let parent = ByteString(path.bytes.prefix(upTo: path.bytes.lastIndex(of: UInt8(ascii: "/")) ?? 0))
      if let name = Name(path.lastComponent.bytes),
        let folder = try? DirectoryDescriptor.openRoot(parent.isEmpty ? [UInt8(ascii: "/")] : parent.bytes),
        let target = try? folder.linkTarget(name)
      {
        let isAbsolute = target.first == UInt8(ascii: "/")
        return .symlink(target: isAbsolute ? ByteString(target) : ByteString(parent.bytes + [47] + target))
      }
      return .notDirectory
    default: return .unreadable(error.text)
    }
  }

  /// Without empty and `.` components; `/` stays.
  static func normalised(_ path: ByteString) -> ByteString {
    let parts = path.components.filter { $0 != "." }
    return ByteString([47] + Array(parts.map(\.bytes).joined(separator: [47])))
  }

  /// The identities of a directory and of everything above it.
  private static func ancestry(of path: ByteString) throws(SystemError) -> [FileStatus] {
    var current = try DirectoryDescriptor.openRoot(path.bytes)
    var result = [try current.status()]
    // PATH_MAX names at most: a file system that never ends upwards is not followed.
    for _ in 0..<4096 {
      let parent = try current.openParent()
      let status = try parent.status()
      if let last = result.last, status.isSameObject(as: last), status.mountID == last.mountID { break }
      result.append(status)
      current = parent
    }
    return result
  }

  private static func kernelPath(_ directory: borrowing DirectoryDescriptor) throws(SystemError) -> ByteString {
    try ByteString(directory.kernelPath())
  }
}
