internal import Glibc

/// The mounts of this process, as the kernel lists them.
public struct MountTable: Sendable {
  public struct Mount: Hashable, Sendable {
    public let id: UInt64
    /// Where it is mounted, as bytes.
    public let path: [UInt8]
    /// `ext4`, `xfs`, `nfs4`, …
    public let fileSystem: String
  }

  /// In the kernel's order: of two mounts on one place the later is on top.
  public let mounts: [Mount]

  public init(parsing bytes: [UInt8]) {
    mounts = bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      // 36 35 98:0 /inside /mnt/point rw,noatime master:1 - ext3 /dev/root rw
      let fields = line.split(separator: UInt8(ascii: " "))
      guard fields.count > 6, let id = UInt64(String(decoding: fields[0], as: UTF8.self)) else { return nil }
      guard let dash = fields.dropFirst(6).firstIndex(where: { $0.elementsEqual("-".utf8) }),
        fields.indices.contains(dash + 1)
      else { return nil }
      return Mount(
        id: id, path: Self.unescaped(fields[4]), fileSystem: String(decoding: fields[dash + 1], as: UTF8.self))
    }
  }

  /// The table of this process; empty where it cannot be read.
  public static func current() -> MountTable {
    // `/proc/self` is a link; the process's own number is not.
    guard let directory = try? DirectoryDescriptor.openRoot(Array("/proc/\(getpid())".utf8)),
      let name = Name("mountinfo"),
      let content = try? directory.readFile(name, limit: 16 << 20)
    else { return MountTable(parsing: []) }
    return MountTable(parsing: content.bytes)
  }

  public func mount(id: UInt64) -> Mount? { mounts.first { $0.id == id } }

  /// The mount that an absolute path lies on: the longest mount point at or above it.
  public func mount(of path: [UInt8]) -> Mount? {
    var best: Mount?
    for mount in mounts where Self.isAtOrBelow(path, mount.path) && mount.path.count >= (best?.path.count ?? 0) {
      best = mount
    }
    return best
  }

  private static func isAtOrBelow(_ path: [UInt8], _ ancestor: [UInt8]) -> Bool {
    guard path.starts(with: ancestor) else { return false }
    return path.count == ancestor.count || ancestor.last == UInt8(ascii: "/")
      || path[ancestor.count] == UInt8(ascii: "/")
  }

  /// The kernel writes blank, tab, newline and backslash as `\040` and the like.
  private static func unescaped(_ field: ArraySlice<UInt8>) -> [UInt8] {
    var (result, rest): ([UInt8], ArraySlice<UInt8>) = ([], field)
    while let byte = rest.popFirst() {
      let digits = rest.prefix(3)
      if byte == UInt8(ascii: "\\"), digits.count == 3, digits.allSatisfy({ (48...55).contains($0) }) {
        let value = digits.reduce(0) { $0 * 8 + Int($1 - 48) }
        result.append(UInt8(truncatingIfNeeded: value))
        rest = rest.dropFirst(3)
      } else {
        result.append(byte)
      }
    }
    return result
  }
}
