internal import PolicyCore

/// What becomes of a run. In the order in which legends show them.
enum Fate: String, CaseIterable {
  case purge, trash, archive, thin, backup, held, undecided, kept, trashed
}

/// A rule with what it read, as parts of a sentence: `stale: failed, 30d old`. Without a rule, only the parts.
struct ReportClause: Hashable {
  var rule: String?
  var parts: [Bilingual]

  init(_ rule: String?, _ parts: [Bilingual] = []) {
    self.rule = rule
    self.parts = parts
  }
}

/// One run of the page; or what lies in the trash, or what an action speaks of and the tree no longer has.
struct ReportRow {
  var key: PlanReport.RunKey
  var user: ByteString?
  var project: ByteString?
  var layout = ""
  var state = ""
  /// Allocated bytes of its own files, nested runs not counted.
  var bytes: Int64 = 0
  /// What becomes free with it, or with its checkpoints, at once and once the trash is purged.
  var freesNow: Int64 = 0
  var freesLater: Int64 = 0
  var fate = Fate.kept
  /// Why it goes; or who holds it; or what is not known.
  var why: [ReportClause] = []
  /// What nearly kept it; or who wanted it.
  var near: [ReportClause] = []
  /// Since it ended or last changed, by the stamp that the policy's `age` counts from.
  var age: TimeSpan?
  /// The first metric that it has a figure of.
  var score: (metric: String, text: String)?
  var items: [ReportItem] = []
}

/// A checkpoint that something happens to.
struct ReportItem {
  /// Relative to its run.
  var name: ByteString
  var verb: ActionVerb
  var bytes: Int64
  var why: [ReportClause]
}
