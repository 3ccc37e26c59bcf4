public import PolicyCore

/// What fills a disk, and what of it a policy would let go today.
public struct DiskUse: Sendable {
  /// Something that a rule would free: once for each rule, and for what already lies in the trash.
  public struct Relief: Sendable {
    public var rule: String
    public var bytes: Int64
    public var kinds: [EntityKind]
  }

  public let survey: TreeSurvey
  /// Volumes that hold the roots.
  public let volumes: [Volume]
  /// By rule, largest first.
  public let reliefs: [Relief]
  /// Of what the policy would free, how much is whose.
  public let freedByUser: [ByteString: Int64]
  public let freed: Int64

  public init(_ snapshot: Snapshot, _ plan: Plan) {
    survey = TreeSurvey(snapshot)
    let places = Set(snapshot.roots.compactMap { snapshot.volume(host: $0.host, path: $0.path) })
    volumes = snapshot.volumes.indices.filter(places.contains).map { snapshot.volumes[$0] }
    let going = plan.actions.filter { $0.verb == .trash || $0.verb == .archive }
    reliefs = RuleSums.of(going).map { Relief(rule: $0.rule, bytes: $0.sum.bytes, kinds: $0.sum.kinds) }
    freed = going.map(\.bytes).sum
    freedByUser = Self.users(going, snapshot)
  }

  private static func users(_ going: [Action], _ snapshot: Snapshot) -> [ByteString: Int64] {
    struct Place: Hashable {
      let kind: EntityKind
      let root: Int
      let path: ByteString
    }
    var bytes: [Place: Int64] = [:]
    for action in going {
      guard let root = snapshot.roots.firstIndex(where: { $0.host == action.host && $0.path == action.root })
      else { continue }
      bytes[Place(kind: action.kind, root: root, path: action.path)] = action.bytes
    }
    var sums: [ByteString: Int64] = [:]
    for entity in snapshot.entities where entity.tier == .live {
      guard let freed = bytes[Place(kind: entity.kind, root: entity.root, path: entity.path)] else { continue }
      let run = entity.kind == .run ? entity : entity.parent.map { snapshot.entities[$0] } ?? entity
      guard case .value(.text(let user)) = run.facts.fact("user") else { continue }
      sums[user, default: 0] &+= freed
    }
    return sums
  }
}
