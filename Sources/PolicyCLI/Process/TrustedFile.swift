internal import ArgumentParser
internal import Glibc
internal import PolicyCore
internal import PolicyReport

/// Root obeys only files that nobody else can change: the file itself and every directory above it.
enum TrustedFile {
  /// Ends the command (4) where root would do what somebody else can write. For anybody else: nothing.
  static func require(_ path: String) throws {
    guard let fault = objection(to: path) else { return }
    let name = DisplayText.escape(path)
    Console.complain(
      "root does not act on `\(name)`, because others could change it: \(fault)",
      help: "run this as the owner of the runs; or keep the file where only root writes: "
        + "`install -D -m 644 \(name) /etc/policy/\(DisplayText.escape(last(path)))`")
    throw ExitStatus.refused.code
  }

  /// Who else than root could change it, in words; `nil` where that is nobody, and for anybody but root.
  static func objection(to path: String) -> String? { geteuid() == 0 ? fault(path) : nil }

  private static func last(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// Who else may write, in words; `nil` for nobody, and for what is no file, such as a pipe from the calling shell.
  private static func fault(_ path: String) -> String? {
    guard let pointer = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(pointer) }
    // Bytes: a name that is no text must not become another one.
    let length = unsafe strlen(pointer)
    var here = unsafe Array(UnsafeBufferPointer(start: pointer, count: length))
    var isFile = true
    while true {
      var status = stat()
      guard unsafe lstat(here + [0], &status) == 0 else { return "it cannot be looked at" }
      let kind = status.st_mode & S_IFMT
      if isFile, kind != S_IFREG { return nil }
      let shown = DisplayText.escape(ByteString(here.map { UInt8(bitPattern: $0) }))
      if status.st_uid != 0 { return "\(shown) belongs to uid \(status.st_uid)" }
      // In a sticky directory such as /tmp nobody replaces what root has there.
      let isSticky = !isFile && status.st_mode & S_ISVTX != 0
      if !isSticky, status.st_mode & S_IWOTH != 0 { return "everybody can write \(shown)" }
      if !isSticky, status.st_mode & S_IWGRP != 0, status.st_gid != 0 {
        return "group \(status.st_gid) can write \(shown)"
      }
      guard here.count > 1, let slash = here.lastIndex(of: 47) else { return nil }
      here = slash == 0 ? [47] : Array(here[..<slash])
      isFile = false
    }
  }
}
