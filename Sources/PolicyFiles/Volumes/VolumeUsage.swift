internal import CLinux
internal import Glibc

/// How full the file system of a directory is.
public struct VolumeUsage: Hashable, Sendable {
  /// Bytes that anybody may write: what is used and what is available, as `df` reckons its share. Blocks reserved for root
  /// are none of them: where they alone are left, every training ends with `No space left on device`.
  public let size: Int64
  /// Bytes of the blocks that are not free, those reserved for root among the free ones.
  public let used: Int64
  /// Bytes that the caller may still write.
  public let available: Int64
}

extension DirectoryDescriptor {
  public func volumeUsage() throws(SystemError) -> VolumeUsage {
    var raw = statvfs()
    guard unsafe fstatvfs(rawValue, &raw) == 0 else { throw SystemError(errno: Glibc.errno, call: "fstatvfs") }
    let unit = UInt64(raw.f_frsize)
    func bytes(_ blocks: UInt64) -> Int64 {
      let (product, overflow) = blocks.multipliedReportingOverflow(by: unit)
      return overflow ? .max : Int64(clamping: product)
    }
    let (all, free) = (bytes(UInt64(raw.f_blocks)), bytes(UInt64(raw.f_bfree)))
    let (used, available) = (max(0, all - free), bytes(UInt64(raw.f_bavail)))
    let (size, overflow) = used.addingReportingOverflow(available)
    return VolumeUsage(size: overflow ? .max : size, used: used, available: available)
  }

  /// The file system's name where the mount is known, else its magic number.
  public func fileSystemName(_ mounts: MountTable) throws(SystemError) -> String {
    if let id = try status().mountID, let mount = mounts.mount(id: id) { return mount.fileSystem }
    let magic = try checked(policy_file_system_magic(rawValue), "fstatfs")
    return "0x" + String(magic, radix: 16)
  }
}
