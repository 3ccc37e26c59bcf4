internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The file that the training callback keeps in its run while it trains: `.policy-lock`, lines of `key: value` with
/// `pid`, `start` (field 22 of `/proc/<pid>/stat`, clock ticks after boot), `boot` (the kernel's boot id) and `host`; or a
/// JSON object with these keys.
struct TrainingLock: Equatable {
  static let fileName = ".policy-lock"
  static let limit = 4096

  enum Verdict: Equatable {
    /// The process that took it is alive on this host.
    case held
    /// Its process is gone, or was of an earlier boot.
    case dead
    /// Of another host, or not readable: nobody here can tell.
    case untestable
  }

  let process: Int32
  let start: UInt64
  let boot: String
  let host: ByteString

  /// `nil` where a field is missing or no number.
  init?(parsing bytes: [UInt8]) {
    let fields = bytes.first == UInt8(ascii: "{") ? Self.object(bytes) : ArgumentFile(parsing: bytes)
    guard let fields, let process = fields.text("pid").flatMap({ Int32($0) }), process > 0,
      let start = fields.text("start").flatMap({ UInt64($0) }), let boot = fields.text("boot"),
      let host = fields["host"]
    else { return nil }
    self.process = process
    self.start = start
    self.boot = boot
    self.host = host
  }

  /// The members of a whole JSON object, numbers as they are written.
  private static func object(_ bytes: [UInt8]) -> ArgumentFile? {
    var cursor = JSONCursor(bytes)
    var fields = ArgumentFile()
    do throws(JSONError) {
      try cursor.members { (cursor, key) throws(JSONError) in
        let name = ByteString(cursor.value(of: key))
        switch cursor.peek() {
        case UInt8(ascii: "{"), UInt8(ascii: "["): try cursor.skipValue()
        case _:
          switch try cursor.scalar() {
          case .number(let range): fields.set(name, ByteString(cursor.bytes[range]))
          case .text(let text): fields.set(name, ByteString(cursor.value(of: text)))
          case .undefined, .bool, .null: break
          }
        }
      }
    } catch {
      return nil
    }
    return cursor.peek() == nil ? fields : nil
  }

  func verdict(_ machine: Machine) -> Verdict {
    guard host == machine.host, let bootNow = machine.bootID else { return .untestable }
    guard boot == bootNow else { return .dead }
    return Machine.startTime(of: process) == start ? .held : .dead
  }
}

/// This machine, as locks are tested against it.
struct Machine: Sendable {
  let host: ByteString
  /// `nil` where the kernel does not tell.
  let bootID: String?

  init(host: ByteString) {
    self.host = host
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

  static func systemFile(_ folder: String, _ file: String) -> [UInt8]? {
    guard let directory = try? DirectoryDescriptor.openRoot(Array(folder.utf8)), let name = Name(file) else {
      return nil
    }
    return try? directory.readFile(name, limit: 65_536).bytes
  }
}
