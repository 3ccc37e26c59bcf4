public import PolicyCore
internal import PolicyFormats

/// The file that the training callback keeps in its run while it trains: `.policy-lock`, lines of `key: value` with
/// `pid`, `start` (field 22 of `/proc/<pid>/stat`, clock ticks after boot), `boot` (the kernel's boot id) and `host`, and
/// where the kernel tells it `pidns` (the number of the namespace that counts the pid); or a JSON object with these keys.
public struct TrainingLock: Equatable, Sendable {
  public static let fileName = ".policy-lock"
  /// Longer files are no locks.
  public static let limit = 4096

  public enum Verdict: Equatable, Sendable {
    /// The process that took it is alive on this host.
    case held
    /// Its process is gone, or was of an earlier boot.
    case dead
    /// Of another host, or not readable: nobody here can tell.
    case untestable
  }

  public let process: Int32
  let start: UInt64
  let boot: String
  public let host: ByteString
  /// `nil` where the writer did not say it.
  let namespace: UInt64?

  /// The lock of a process of this host that runs now; `nil` where the system does not tell enough.
  public init?(of process: Int32, host: ByteString) {
    let machine = Machine(host: host)
    guard let start = Machine.startTime(of: process), let boot = machine.bootID, !host.isEmpty else { return nil }
    self.process = process
    self.start = start
    self.boot = boot
    self.host = host
    namespace = Machine.namespace(of: process)
  }

  /// As it stands in the file.
  public var text: String {
    "pid: \(process)\nstart: \(start)\nboot: \(boot)\nhost: \(host.displayText)\n"
      + (namespace.map { "pidns: \($0)\n" } ?? "")
  }

  /// What the bytes of a lock file mean on this host.
  public static func verdict(_ bytes: [UInt8], host: ByteString) -> Verdict {
    TrainingLock(parsing: bytes)?.verdict(Machine(host: host)) ?? .untestable
  }

  /// `nil` where a field is missing or no number.
  public init?(parsing bytes: [UInt8]) {
    let fields = bytes.first == UInt8(ascii: "{") ? Self.object(bytes) : ArgumentFile(parsing: bytes)
    guard let fields, let process = fields.text("pid").flatMap({ Int32($0) }), process > 0,
      let start = fields.text("start").flatMap({ UInt64($0) }), let boot = fields.text("boot"),
      let host = fields["host"]
    else { return nil }
    self.process = process
    self.start = start
    self.boot = boot
    self.host = host
    namespace = fields.text("pidns").flatMap { UInt64($0) }
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
    // In a container with the host's name the number means another process here, or none.
    if let namespace, let here = machine.namespace, namespace != here { return .untestable }
    if let now = Machine.startTime(of: process) { return now == start ? .held : .dead }
    return Machine.isHidden(process) ? .untestable : .dead
  }
}
