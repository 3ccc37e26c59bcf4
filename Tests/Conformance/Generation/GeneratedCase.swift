internal import PolicyCore
internal import PolicyFormats

/// A policy and a snapshot to try it on.
struct GeneratedCase {
  var policy: Policy
  var snapshot: Snapshot
  var seed: UInt64

  /// What a generator is asked for.
  struct Scope {
    var quotas = true
    var pressure = true
    var safeguards = true

    /// A rule wants everything of a kind gone, and a ranked one stands against it: what cleaning up looks like.
    var cleans = false

    static let everything = Scope()
    static let cleaning = Scope(quotas: false, pressure: false, safeguards: false, cleans: true)
    static let rulesOnly = Scope(quotas: false, pressure: false)
  }

  static func generate(_ seed: UInt64, _ scope: Scope = .everything) -> GeneratedCase {
    var dice = Dice(seed)
    var writer = SnapshotWriter(dice: dice)
    let snapshot = writer.write()
    dice = writer.dice
    var author = PolicyAuthor(dice: dice)
    let policy = author.write(scope)
    return GeneratedCase(policy: policy, snapshot: snapshot, seed: seed)
  }

  /// The case in the formats that the tools read.
  var description: String {
    let rules = policy.rules.filter { !$0.isBuiltIn }
    var shown = policy
    shown.rules = rules
    let text = String(decoding: CanonicalJSON.encode(PolicyCodec.encode(shown)), as: UTF8.self)
    return "seed \(seed)\n\(text)\n" + String(decoding: SnapshotCodec.encode(snapshot), as: UTF8.self)
  }
}
