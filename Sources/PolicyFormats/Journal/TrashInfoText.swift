public import PolicyCore

/// The text of an info file: the layout of the freedesktop.org trash specification, with keys of our own.
///
/// For people and other programs only: restoring and purging take everything from the journal, never from here.
public struct TrashInfoText: Hashable, Sendable {
  /// Absolute path that the item had.
  public var path: ByteString
  /// In UTC; the specification's local time would change its meaning with the zone.
  public var deletedAt: Timestamp
  public var record: String
  public var kind: EntityKind
  /// Digest of the plan, where there was one.
  public var plan: String?
  /// Ids of the rules that wanted it.
  public var rules: [String]

  public init(
    path: ByteString, deletedAt: Timestamp, record: String, kind: EntityKind, plan: String?, rules: [String]
  ) {
    self.path = path
    self.deletedAt = deletedAt
    self.record = record
    self.kind = kind
    self.plan = plan
    self.rules = rules
  }

  public func encode() -> [UInt8] {
    let whole = Timestamp(nanoseconds: deletedAt.nanoseconds - deletedAt.nanoseconds % 1_000_000_000)
    var date = whole.rfc3339
    date.removeLast()
    var lines = [
      "[Trash Info]",
      "Path=" + PercentEncoding.encode(path.bytes, keeping: [UInt8(ascii: "/")]),
      "DeletionDate=" + date,
      "X-Policy-Record=" + record,
      "X-Policy-Kind=" + kind.rawValue,
    ]
    if let plan { lines.append("X-Policy-Plan=" + plan) }
    if !rules.isEmpty {
      lines.append(
        "X-Policy-Rules=" + rules.map { PercentEncoding.encode(Array($0.utf8), keeping: []) }.joined(separator: " "))
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  /// Strict: `nil` for anything that `encode` would not have written, unknown keys apart.
  public static func decode(_ bytes: [UInt8]) -> TrashInfoText? {
    guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
    let lines = text.utf8.split(separator: UInt8(ascii: "\n")).map { Array($0) }
    guard lines.first.map({ $0 == Array("[Trash Info]".utf8) }) == true else { return nil }
    var values: [String: [UInt8]] = [:]
    for line in lines.dropFirst() {
      guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { return nil }
      let key = String(decoding: line[..<equals], as: UTF8.self)
      guard values.updateValue(Array(line[(equals + 1)...]), forKey: key) == nil else { return nil }
    }
    func value(_ key: String) -> String? { values[key].map { String(decoding: $0, as: UTF8.self) } }
    guard let path = values["Path"].flatMap({ PercentEncoding.decode($0) }), path.first == UInt8(ascii: "/"),
      !path.contains(0), !ByteString(path).components.contains(where: { $0 == ".." || $0 == "." }),
      let date = value("DeletionDate").flatMap({ Timestamp($0 + "Z") }), let record = value("X-Policy-Record"),
      let kind = value("X-Policy-Kind").flatMap(EntityKind.init)
    else { return nil }
    var rules: [String] = []
    for word in (values["X-Policy-Rules"] ?? []).split(separator: UInt8(ascii: " ")) {
      guard let decoded = PercentEncoding.decode(word), let rule = String(validating: decoded, as: UTF8.self) else {
        return nil
      }
      rules.append(rule)
    }
    return TrashInfoText(
      path: ByteString(path), deletedAt: date, record: record, kind: kind, plan: value("X-Policy-Plan"), rules: rules)
  }
}
