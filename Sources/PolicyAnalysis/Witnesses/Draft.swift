internal import PolicyCore

/// A run or checkpoint in the making.
struct Draft {
  var subject: Subject
  var path: ByteString
  var tier = Tier.live
  var facts: [String: FactValue] = [:]
  var unreadable: Set<String> = []
  var backups: [BackupRecord] = []
  var layout = ""
  /// Where it is not on the host of the scene.
  var host: ByteString?

  func entity(root: Int) -> Entity {
    Entity(
      kind: subject.kind, root: root, path: path, tier: tier, layout: layout,
      facts: FactRow(facts.filter { !unreadable.contains($0.key) }, unreadable: unreadable.sorted()), backups: backups)
  }

  /// Puts a value in the place of whatever was known.
  mutating func set(_ name: String, _ value: FactValue?) {
    if name == "host" {
      // Not a fact of its own: it is read from the root.
      if case .text(let other)? = value { host = other } else { host = nil }
      return
    }
    facts[name] = value
    unreadable.remove(name)
  }
}

/// A small world that a question was answered with.
struct Scene {
  var now: Timestamp
  var drafts: [Draft]
  var volumes: [Volume] = []
  var trash: [TrashRecord] = []
  var root: ByteString = "/runs"
  var host: ByteString = ""

  /// The first root of a policy, where it says which.
  static func root(of policy: Policy) -> ByteString {
    policy.roots.first { $0.bytes.first == UInt8(ascii: "/") } ?? "/runs"
  }

  /// Around the year of this language; any moment would do.
  static let noon = Timestamp("2027-01-15T08:00:00Z") ?? Timestamp(nanoseconds: 0)

  var snapshot: Snapshot {
    // What lies in the trash is on the first host.
    var hosts = [host]
    for case let other? in drafts.map(\.host) where !hosts.contains(other) { hosts.append(other) }
    let entities = drafts.map { $0.entity(root: hosts.firstIndex(of: $0.host ?? host) ?? 0) }
    var snapshot = Snapshot(
      now: now, roots: hosts.map { Root(host: $0, path: root) }, volumes: volumes, entities: entities, trash: trash)
    snapshot.normalise()
    return snapshot
  }

  /// Without entities that share a path, which no disk has.
  var isSound: Bool { Set(drafts.map(\.path)).count == drafts.count && drafts.allSatisfy { !$0.path.isEmpty } }
}

extension FactValue {
  /// How a snapshot holds a constant.
  init(_ constant: Constant) {
    switch constant {
    case .bool(let flag): self = .bool(flag)
    case .number(let number): self = number.wholeNumber.map { .integer($0) } ?? .number(number.description)
    case .bytes(let count): self = .integer(count)
    case .duration(let span): self = .integer(span.nanoseconds)
    case .time(let stamp): self = .integer(stamp.nanoseconds)
    case .text(let text): self = .text(text)
    }
  }
}
