internal import Glibc
internal import PolicyCore
internal import PolicyFiles

/// This machine, as locks are tested against it.
struct Machine: Sendable {
  let host: ByteString
  /// `nil` where the kernel does not tell.
  let bootID: String?
  /// Which namespace numbers the processes here; likewise.
  let namespace: UInt64?

  init(host: ByteString) {
    self.host = host
    namespace = Self.namespace(of: getpid())
    bootID = Self.systemFile("/proc/sys/kernel/random", "boot_id")
      .map { String(decoding: CSVTable.trimmed($0.filter { $0 != 10 }[...]), as: UTF8.self) }
  }

  /// When a process started, in clock ticks after boot; `nil` where there is none.
  static func startTime(of process: Int32) -> UInt64? {
    // The name of the program, in parentheses, may hold anything: fields are counted after the last one.
    guard let stat = systemFile("/proc/\(process)", "stat"), let end = stat.lastIndex(of: UInt8(ascii: ")")) else {
      return nil
    }
    let fields = stat[(end + 1)...].split(separator: 32)
    return fields.count > 19 ? UInt64(String(decoding: fields[19], as: UTF8.self)) : nil
  }

  /// The number in `pid:[4026531836]`, what the kernel shows as the target of the link.
  static func namespace(of process: Int32) -> UInt64? {
    guard let name = Name("pid"), let folder = try? DirectoryDescriptor.openRoot(Array("/proc/\(process)/ns".utf8)),
      let target = try? folder.linkTarget(name)
    else { return nil }
    return UInt64(String(decoding: target.filter { (48...57).contains($0) }, as: UTF8.self))
  }

  /// There is such a process, though `/proc` does not show it to us (mounted with `hidepid`).
  static func isHidden(_ process: Int32) -> Bool { kill(process, 0) == 0 || errno == EPERM }

  static func systemFile(_ folder: String, _ file: String) -> [UInt8]? {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(folder.utf8)), let name = Name(file) else {
      return nil
    }
    return try? directory.readFile(name, limit: 65_536).bytes
  }
}
