/// A reference bound to a schema: its type, where its value comes from, and what was last met of both.
final class BoundFact {
  enum Source { case name, path, host, root, layout, stored }
  let reference: FactReference
  /// `nil` for a name that the schema does not know: reads as unreadable, which keeps.
  let type: FactType?
  let source: Source
  /// The bytes of the name.
  private let name: [UInt8]
  /// What it reads as where nothing is stored.
  let absent: Reading
  private var seen: (shape: FactShape, column: Int?)?
  /// Texts that were met lately, with what they read as: most are the same few words.
  private var texts: [(bytes: [UInt8], reading: Reading)] = []
  private static let mostTexts = 8

  init(reference: FactReference, type: FactType?, source: Source) {
    self.reference = reference
    self.type = type
    self.source = source
    name = Array(reference.name.utf8)
    absent = type.map { Self.defaultReading(reference.name, $0) } ?? .unreadable
  }

  /// The stored value of an entity, checked against the type.
  func reading(of entity: borrowing Entity, now: Timestamp) -> Reading {
    let column = column(of: entity)
    return entity.withFacts { bytes, start in
      var position = start
      guard !isUnreadable(bytes, &position) else { return .unreadable }
      guard let column else { return absent }
      for _ in 0..<column { PackedSpan.skipValue(bytes, &position) }
      return reading(bytes, at: position, now)
    }
  }

  /// The value as it is stored, whatever the type says; `nil` where there is none or it is unreadable.
  func stored(in entity: borrowing Entity) -> FactValue? {
    guard let column = column(of: entity) else { return nil }
    let row = entity.facts
    return row.isUnreadable(reference.name) ? nil : row.value(at: column)
  }

  private func column(of entity: borrowing Entity) -> Int? {
    if let seen, seen.shape === entity.shape { return seen.column }
    let column = entity.shape.column(reference.name)
    seen = (entity.shape, column)
    return column
  }

  /// Passes over the names of what is unreadable. Whether this one is among them.
  @inline(__always)
  func isUnreadable(_ bytes: borrowing Span<UInt8>, _ position: inout Int) -> Bool {
    var isFound = false
    for _ in 0..<Int(PackedSpan.unsigned(bytes, &position)) {
      let length = Int(PackedSpan.unsigned(bytes, &position))
      if PackedSpan.holds(name, bytes, at: position, count: length) { isFound = true }
      position += length
    }
    return isFound
  }

  /// What a packed value reads as; see `PackedCell`.
  @inline(__always)
  func reading(_ bytes: borrowing Span<UInt8>, at place: Int, _ now: Timestamp) -> Reading {
    guard let type else { return .unreadable }
    var position = place + 1
    let head = bytes[place]
    switch head {
    case PackedCell.none: return absent
    case PackedCell.no, PackedCell.yes: return type == .bool ? .known(.bool(head == PackedCell.yes)) : .unreadable
    case PackedCell.integer: return Self.check(PackedSpan.signed(bytes, &position), type, now)
    case PackedCell.number:
      let count = Int(PackedSpan.unsigned(bytes, &position))
      return Self.check(ExactDecimal(ascii: bytes.extracting(position..<position + count)), type)
    case PackedCell.text:
      let count = Int(PackedSpan.unsigned(bytes, &position))
      return text(bytes, position, count, type)
    case PackedCell.set:
      guard type == .stringSet else { return .unreadable }
      return .set(
        (0..<Int(PackedSpan.unsigned(bytes, &position))).map { _ in
          let count = Int(PackedSpan.unsigned(bytes, &position))
          position += count
          return ByteString(Self.copy(bytes, position - count, count))
        })
    default:
      return Self.check(PackedSpan.decimal(bytes, at: position, count: Int(head & 0x7F)), type)
    }
  }

  private func text(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int, _ type: FactType) -> Reading {
    for place in texts.indices where PackedSpan.holds(texts[place].bytes, bytes, at: start, count: count) {
      return texts[place].reading
    }
    let copy = Self.copy(bytes, start, count)
    let reading = Self.check(ByteString(copy), type)
    if texts.count == Self.mostTexts { texts.removeLast() }
    texts.insert((copy, reading), at: 0)
    return reading
  }

  private static func copy(_ bytes: borrowing Span<UInt8>, _ start: Int, _ count: Int) -> [UInt8] {
    var copy: [UInt8] = []
    copy.reserveCapacity(count)
    for index in start..<start + count { copy.append(bytes[index]) }
    return copy
  }
}

/// INVARIANT: a value that its type does not allow (a ratio of 1.2, an unknown state, a stamp after `now`) is unreadable,
/// and an absent one is missing or its documented default. Nothing else decides what a condition gets to see.
extension BoundFact {
  /// Facts that are always there have defaults; the others are missing.
  private static func defaultReading(_ name: String, _ type: FactType) -> Reading {
    switch (name, type) {
    case ("pinned", .bool), ("referenced", .bool), ("in_use", .bool), ("resumable", .bool): .known(.bool(false))
    case ("tags", .stringSet): .set([])
    case ("state", .enumeration): .known(.text("unknown"))
    case ("role", .enumeration): .known(.text("other"))
    case ("user", .string): .known(.text(""))
    case ("bytes", .bytes): .known(.bytes(0))
    case ("files", .int): .known(.number(.zero))
    default: .missing
    }
  }

  private static func check(_ count: Int64, _ type: FactType, _ now: Timestamp) -> Reading {
    switch type {
    case .int: count < 0 ? .unreadable : .known(.number(ExactDecimal(count)))
    case .number: .known(.number(ExactDecimal(count)))
    case .ratio: (0...1).contains(count) ? .known(.number(ExactDecimal(count))) : .unreadable
    case .bytes: count < 0 ? .unreadable : .known(.bytes(count))
    case .duration: .known(.duration(TimeSpan(nanoseconds: count)))
    case .time: count > now.nanoseconds ? .unreadable : .known(.time(Timestamp(nanoseconds: count)))
    case .bool, .string, .enumeration, .stringSet: .unreadable
    }
  }

  private static func check(_ number: ExactDecimal?, _ type: FactType) -> Reading {
    guard let number else { return .unreadable }
    switch type {
    case .int: return number.isNegative || number.exponent < 0 ? .unreadable : .known(.number(number))
    case .number: return .known(.number(number))
    case .ratio: return number.isNegative || number > ExactDecimal(1) ? .unreadable : .known(.number(number))
    case .bytes, .duration, .time, .bool, .string, .enumeration, .stringSet: return .unreadable
    }
  }

  private static func check(_ text: ByteString, _ type: FactType) -> Reading {
    switch type {
    case .string: .known(.text(text))
    case .enumeration(let members):
      members.contains { $0.utf8.elementsEqual(text.bytes) } ? .known(.text(text)) : .unreadable
    case .int, .number, .ratio, .bytes, .duration, .time, .bool, .stringSet: .unreadable
    }
  }
}
