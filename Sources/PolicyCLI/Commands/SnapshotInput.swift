internal import Glibc
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import PolicyReport
internal import PolicyScan
internal import PolicySyntax

/// Brings the snapshot that a command decides on: searched now, or read from files.
struct SnapshotInput: Sendable {
  let snapshot: Snapshot
  private let pending: PendingDigest
  /// Of the snapshot as it was found or read, whatever moment its ages count to.
  var digest: String { pending.value }

  static func take(_ policy: Policy, _ tree: TreeOptions) throws -> SnapshotInput {
    tree.snapshot.isEmpty ? try search(policy, tree) : try read(policy, tree)
  }

  // MARK: Searching

  static func search(_ policy: Policy, _ tree: TreeOptions) throws -> SnapshotInput {
    let named = tree.root.isEmpty ? policy.roots : tree.root.map { ByteString($0) }
    let snapshot = try scan(named, policy.scan, policy.facts, now: tree.moment(), since: tree.since, state: tree.state)
      .snapshot
    return SnapshotInput(snapshot: snapshot, pending: PendingDigest(of: snapshot))
  }

  /// Searches directories and says what cannot be searched; nothing found at all ends the command.
  static func search(
    _ roots: [ByteString], _ settings: ScanSettings, _ facts: [FactDeclaration], now: Timestamp?
  ) throws -> Snapshot {
    try scan(roots, settings, facts, now: now, since: nil, state: nil).snapshot
  }

  /// The same, and what was taken over from an earlier snapshot.
  static func scan(
    _ roots: [ByteString], _ settings: ScanSettings, _ facts: [FactDeclaration], now: Timestamp?, since: String?,
    state: String?, isLinked: Bool = true
  ) throws -> ScanResult {
    let clock = Surroundings.clock
    var request = ScanRequest(
      roots: roots.map(Surroundings.absolute), settings: settings, facts: facts, now: now ?? clock, clock: clock,
      host: Surroundings.host, state: state.map { Surroundings.absolute(ByteString($0)) })
    request.isLinked = isLinked
    if let since { request.earlier = try EarlierInput.read(since, settings, facts, clock: clock) }
    let result = ScanWatch.scan(request)
    for problem in result.problems {
      Console.complain("root \(DisplayText.escape(problem.root)): \(problem.message)")
    }
    // A root that cannot be read must not look like one where everything is gone.
    if let status = result.problems.map(status).max(by: { $0.rawValue < $1.rawValue }) { throw status.code }
    if result.snapshot.entities.isEmpty {
      Console.note("no runs found under \(roots.map(DisplayText.escape).joined(separator: ", "))")
    }
    noteUnreadable(result.snapshot)
    return result
  }

  /// What cannot be read stays as it is, but somebody should know of it.
  private static func noteUnreadable(_ snapshot: Snapshot) {
    // Owners keep their records to themselves; of each plan of an ordinary user that is one line, not one for each.
    let isOthers = { (place: ReportedPlace) in
      geteuid() != 0 && place.path.bytes.starts(with: Array("\(StateLayout.folder)/".utf8))
        && place.reason == errorText(EACCES)
    }
    let others = snapshot.unreadable.count(where: isOthers)
    if others > 0 {
      Console.note(
        "the records of \(Quantities.count(others, "other user")) are theirs alone, so of what is theirs nothing may go"
      )
    }
    let unreadable = snapshot.unreadable.filter { !isOthers($0) }
    for place in unreadable.prefix(5) {
      let path = place.path.isEmpty ? snapshot.roots[place.root].path : place.path
      Console.note("cannot look into \(DisplayText.escape(path)): \(place.reason)")
    }
    if unreadable.count > 5 { Console.note("and \(unreadable.count - 5) more such places") }
  }

  private static func status(_ problem: RootProblem) -> ExitStatus {
    switch problem.reason {
    case .missing, .notDirectory, .unreadable: .nothingChecked
    case .symlink, .unsafe, .overlapping, .relative: .refused
    }
  }

  // MARK: Reading

  static func read(_ policy: Policy, _ tree: TreeOptions) throws -> SnapshotInput {
    var snapshots: [(Snapshot, digest: PendingDigest)] = []
    for path in tree.snapshot {
      let (snapshot, digest) = try decode(path, policy.schema, isDigested: true)
      try refuseOtherSettings(path, snapshot, policy)
      snapshots.append((snapshot, digest.map { PendingDigest($0) } ?? PendingDigest(of: snapshot)))
    }
    var input: SnapshotInput
    if snapshots.count == 1, let (snapshot, digest) = snapshots.first {
      input = SnapshotInput(snapshot: snapshot, pending: digest)
    } else {
      let moments = Set(snapshots.map(\.0.now))
      guard let now = try tree.moment() ?? (moments.count == 1 ? moments.first : nil) else {
        Console.complain(
          "the snapshots count ages to different moments",
          help: "name one for all, not before any of them was taken: `--now \(Surroundings.nextSecond.rfc3339)`")
        throw ExitStatus.usage.code
      }
      switch SnapshotMerger.merge(snapshots.map { ($0.0, digest: $0.digest.value) }, now: now) {
      case .success(let (merged, digest)): input = SnapshotInput(snapshot: merged, pending: PendingDigest(digest))
      case .failure(let problem):
        Console.complain("the snapshots cannot be merged: \(problem.message)")
        throw ExitStatus.findings.code
      }
    }
    var snapshot = input.snapshot
    if let now = try tree.moment() { snapshot.now = now }
    snapshot = onlyRoots(of: policy, snapshot)
    return SnapshotInput(snapshot: snapshot, pending: input.pending)
  }

  static func decode(_ path: String, _ schema: FactSchema) throws -> Snapshot {
    try decode(path, schema, isDigested: false).snapshot
  }

  /// - Returns: its digest where the file says it or, if it is asked for, where that of its bytes is the one.
  private static func decode(
    _ path: String, _ schema: FactSchema, isDigested: Bool
  ) throws -> (snapshot: Snapshot, digest: String?) {
    if let file = PackedFile(path) {
      return try packed(path) { () throws(PackedSnapshot.Fault) in try file.decode(schema: schema) }
    }
    switch Files.read(path) {
    case .failure(let failure):
      Console.complain(
        "cannot read the snapshot `\(DisplayText.escape(path))`: \(failure.reason)",
        help: failure.isMissing ? "take one with `policy snapshot -p FILE -o now.jsonl`" : nil)
      throw ExitStatus.nothingChecked.code
    case .success(let bytes):
      try InputKind.expect(.snapshot, bytes, path)
      // From a pipe.
      if PackedSnapshot.isOne(bytes) {
        return try packed(path) { () throws(PackedSnapshot.Fault) in try PackedSnapshot.decode(bytes, schema: schema) }
      }
      let (snapshot, digest, diagnostics) = SnapshotCodec.decode(bytes, schema: schema, isDigested: isDigested)
      if !diagnostics.isEmpty { Console.report(diagnostics, SourceText(path: path, bytes: bytes)) }
      guard let snapshot else { throw ExitStatus.findings.code }
      return (snapshot, digest)
    }
  }

  private static func packed(
    _ path: String, _ decode: () throws(PackedSnapshot.Fault) -> (Snapshot, digest: String?)
  ) throws -> (snapshot: Snapshot, digest: String?) {
    do throws(PackedSnapshot.Fault) {
      return try decode()
    } catch {
      Console.complain(
        "cannot read the snapshot `\(DisplayText.escape(path))`: \(error.message)",
        help: "take a new one, or keep snapshots for long as JSON Lines, without `--packed`")
      throw ExitStatus.findings.code
    }
  }

  /// A snapshot depends on the policy's `scan` and `facts`: under other settings it would show other things.
  private static func refuseOtherSettings(_ path: String, _ snapshot: Snapshot, _ policy: Policy) throws {
    let diagnostics = SnapshotSettings.check(snapshot, against: policy)
    guard !diagnostics.isEmpty else { return }
    Console.report(diagnostics, SourceText(path: path, bytes: []))
    throw ExitStatus.findings.code
  }

  /// Absolute roots of the policy filter a snapshot's, relative ones do not.
  private static func onlyRoots(of policy: Policy, _ snapshot: Snapshot) -> Snapshot {
    let absolute = policy.roots.filter { $0.bytes.first == UInt8(ascii: "/") }
    guard !absolute.isEmpty, absolute.count == policy.roots.count else { return snapshot }
    let stays = snapshot.roots.indices.filter { absolute.contains(Surroundings.absolute(snapshot.roots[$0].path)) }
    guard stays.count < snapshot.roots.count else { return snapshot }
    var place = [Int: Int]()
    for (new, old) in stays.enumerated() { place[old] = new }
    var filtered = snapshot
    filtered.roots = stays.map { snapshot.roots[$0] }
    filtered.entities = snapshot.entities.compactMap { entity in
      var entity = entity
      guard let root = place[entity.root] else { return nil }
      entity.root = root
      return entity
    }
    filtered.trash = snapshot.trash.compactMap { record in
      var record = record
      guard let root = place[record.root] else { return nil }
      record.root = root
      return record
    }
    func filter(_ places: [ReportedPlace]) -> [ReportedPlace] {
      places.compactMap { reported in
        place[reported.root].map { ReportedPlace(root: $0, path: reported.path, reason: reported.reason) }
      }
    }
    filtered.unmatchedPins = filter(snapshot.unmatchedPins)
    filtered.unreadable = filter(snapshot.unreadable)
    filtered.unrecognised = filter(snapshot.unrecognised)
    filtered.normalise()
    return filtered
  }
}
