public import PolicyCore

/// A person's word that something stays, bound to the inode and not to its name.
public struct Pin: Hashable, Sendable {
  public var kind: EntityKind
  /// Where it was when it was pinned, relative to the root: for people.
  public var path: ByteString
  public var device: UInt64
  public var inode: UInt64
  /// Birth time, where the file system has one: an inode number alone is used again.
  public var born: Timestamp?
  public var at: Timestamp
  public var because: String

  public init(
    kind: EntityKind, path: ByteString, device: UInt64, inode: UInt64, born: Timestamp?, at: Timestamp, because: String
  ) {
    self.kind = kind
    self.path = path
    self.device = device
    self.inode = inode
    self.born = born
    self.at = at
    self.because = because
  }

  /// Whether it speaks of the object with this identity. A birth time that one side lacks is not held against it.
  public func binds(device: UInt64, inode: UInt64, born: Timestamp?) -> Bool {
    guard device == self.device, inode == self.inode else { return false }
    guard let mine = self.born, let other = born else { return true }
    return mine == other
  }
}

/// The pins of one owner in one root: `.policy/<uid>/pins`. They count for that owner's things; root's for everything.
public struct PinList: Hashable, Sendable {
  /// Sorted by path bytes.
  public private(set) var pins: [Pin]

  public init(_ pins: [Pin] = []) { self.pins = pins.sorted { ($0.path, $0.inode) < ($1.path, $1.inode) } }

  public func pin(device: UInt64, inode: UInt64, born: Timestamp?) -> Pin? {
    pins.first { $0.binds(device: device, inode: inode, born: born) }
  }

  /// Adds a pin, in the place of one that speaks of the same object.
  public mutating func add(_ pin: Pin) {
    self = PinList(pins.filter { !$0.binds(device: pin.device, inode: pin.inode, born: pin.born) } + [pin])
  }

  /// Takes back the pins on what once was at a path. False where nothing was pinned.
  public mutating func remove(path: ByteString) -> Bool {
    let rest = pins.filter { $0.path != path }
    defer { self = PinList(rest) }
    return rest.count < pins.count
  }

  /// False where nothing was pinned.
  public mutating func remove(device: UInt64, inode: UInt64, born: Timestamp?) -> Bool {
    let rest = pins.filter { !$0.binds(device: device, inode: inode, born: born) }
    defer { self = PinList(rest) }
    return rest.count < pins.count
  }
}

/// Pins as a file: a first line that names the format, then one pin a line, canonical JSON.
public enum PinsCodec {
  public static let format = "policy-pins/1.0"

  /// Why a pins file cannot be read; whatever it may have pinned must then be treated as pinned.
  public struct Unreadable: Error, Equatable, Sendable {
    public let line: Int
  }

  public static func encode(_ list: PinList) -> [UInt8] {
    var header = JournalMembers()
    header.add("format", format)
    var bytes = CanonicalJSON.encode(header.value) + [UInt8(ascii: "\n")]
    for pin in list.pins {
      var members = JournalMembers()
      members.add("kind", pin.kind.rawValue)
      members.add("path", pin.path)
      members.add("device", unsigned: pin.device)
      members.add("inode", unsigned: pin.inode)
      members.add("btime_ns", pin.born?.nanoseconds)
      members.add("at", pin.at.rfc3339)
      members.add("because", pin.because)
      bytes += CanonicalJSON.encode(members.value) + [UInt8(ascii: "\n")]
    }
    return bytes
  }

  /// An empty file holds no pins; it is what a crash between making and writing leaves.
  public static func decode(_ bytes: [UInt8]) throws(Unreadable) -> PinList {
    var pins: [Pin] = []
    var number = 0
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      number += 1
      do {
        let fields = try JournalFields(try JSONReader.parse(Array(line)))
        if number == 1 {
          guard try fields.text("format").utf8.starts(with: "policy-pins/1.".utf8) else {
            throw JournalFields.Unfit(key: "format")
          }
          continue
        }
        pins.append(
          Pin(
            kind: try fields.word("kind"), path: try fields.bytes("path"), device: try fields.unsigned("device"),
            inode: try fields.unsigned("inode"),
            born: try fields.optionalInteger("btime_ns").map { Timestamp(nanoseconds: $0) },
            at: try fields.time("at"), because: try fields.text("because")))
      } catch {
        throw Unreadable(line: number)
      }
    }
    return PinList(pins)
  }
}
