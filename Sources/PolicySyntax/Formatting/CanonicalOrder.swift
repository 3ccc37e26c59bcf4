/// In which order a formatted file says things: what holds back comes before what takes away, so that every prefix of
/// the list of rules is at most as destructive as the whole.
enum CanonicalOrder {
  static let top = [
    "version", "name", "description", "roots", "imports", "scan", "facts", "params", "defaults", "trash", "archive",
    "backup", "limits", "never", "rules", "quotas", "pressure", "override",
  ]

  private static let rule = [
    "id", "protect", "keep", "backup", "archive", "thin", "trash", "where", "per", "latest", "oldest", "best", "every",
    "after", "yields_to", "requires", "in", "to", "because", "allow",
  ]
  private static let quota = ["id", "of", "per", "limit", "down_to", "evict", "because"]
  private static let pressure = ["id", "volume", "high", "low", "relieve"]
  private static let property = ["id", "destroy", "archive", "where", "because"]
  private static let strength = ["protect", "keep", "backup", "archive", "thin", "trash"]

  /// Keys of an entry of a top-level list; `nil` where their order is left alone.
  static func keys(ofEntriesIn list: String) -> [String]? {
    switch list {
    case "rules": rule
    case "quotas": quota
    case "pressure": pressure
    case "never": property
    default: nil
    }
  }

  /// The keys of a rule; `keep` beside `thin` is the list of what thinning leaves, and comes last.
  static func place(of key: String, in order: [String], _ keys: [String]) -> Int {
    if key == "keep", keys.contains("thin") { return order.firstIndex(of: "after") ?? order.count }
    return order.firstIndex(of: key) ?? order.count
  }

  /// How much a rule takes away, by its keys.
  static func weight(ofRule keys: [String]) -> Int {
    if keys.contains("thin") { return strength.firstIndex(of: "thin") ?? 0 }
    return strength.firstIndex { keys.contains($0) } ?? strength.count
  }
}
