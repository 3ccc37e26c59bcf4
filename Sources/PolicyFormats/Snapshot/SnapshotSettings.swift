public import PolicyCore
public import PolicyDiagnostics

/// A snapshot depends on the policy's `scan` and `facts`: deciding about it under others would be a quiet mistake.
public enum SnapshotSettings {
  /// One error for each key in which the snapshot's header and the policy differ; none where the header records none,
  /// because such a snapshot takes the policy's.
  public static func check(_ snapshot: Snapshot, against policy: Policy) -> [Diagnostic] {
    var keys: [String] = []
    if let scan = snapshot.scan { keys += differences(scan, policy.scan) }
    if let declared = snapshot.declaredFacts { keys += differences(declared, policy.facts) }
    return keys.map { key in
      Diagnostic(
        "P0408", .error, "the snapshot was taken under another `\(key)` than the policy's", at: nil,
        help: "take it again with `policy snapshot -p FILE`")
    }
  }

  /// The first key in which a snapshot differs from settings; a header that records none differs in all.
  public static func difference(
    _ snapshot: Snapshot, _ settings: ScanSettings, _ facts: [FactDeclaration]
  ) -> String? {
    guard let scan = snapshot.scan, let declared = snapshot.declaredFacts else { return "scan" }
    return difference(scan, settings) ?? difference(declared, facts)
  }

  static func difference(_ left: ScanSettings, _ right: ScanSettings) -> String? { differences(left, right).first }
  static func difference(_ left: [FactDeclaration], _ right: [FactDeclaration]) -> String? {
    differences(left, right).first
  }

  private static func differences(_ left: ScanSettings, _ right: ScanSettings) -> [String] {
    var keys: [String] = []
    if left.exclude != right.exclude { keys.append("scan.exclude") }
    if left.grace != right.grace { keys.append("scan.grace") }
    if left.layout != right.layout { keys.append("scan.layout") }
    if left.layouts != right.layouts { keys.append("scan.layouts") }
    if left.project != right.project { keys.append("scan.project") }
    if left.user != right.user { keys.append("scan.user") }
    return keys
  }

  /// By name, in order of names; the order of declarations means nothing.
  private static func differences(_ left: [FactDeclaration], _ right: [FactDeclaration]) -> [String] {
    let names = Set((left + right).map(\.name)).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    return names.filter { name in
      left.filter { $0.name == name } != right.filter { $0.name == name }
    }.map { "facts." + $0 }
  }
}
