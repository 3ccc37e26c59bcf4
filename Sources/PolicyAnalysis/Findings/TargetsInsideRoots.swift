internal import PolicyCore
internal import PolicyDiagnostics

/// P0370: archives or backups that land where runs are looked for, and would be policed again.
enum TargetsInsideRoots {
  @Sendable static func findings(_ it: PolicyPlace) -> [Finding] {
    var findings: [Finding] = []
    func check(_ target: String?, _ what: String, _ span: SourceSpan?, _ rule: String?) {
      guard let target, let root = it.policy.roots.first(where: { Self.isInside(ByteString(target), $0) }) else {
        return
      }
      findings.append(
        it.finding(
          rule,
          Diagnostic(
            "P0370", .error, "\(what) go to a place that this policy itself cleans", at: span,
            caption: "inside the root `\(root.displayText)`",
            labels: it.map.clauses["roots"].map { [.init($0, "runs are looked for here")] } ?? [],
            notes: ["what is saved there would be found, judged and moved like any run"],
            help: "name a folder outside of every root")))
    }
    let clauses = it.map.clauses
    check(it.policy.archive?.to, "archives", clauses["archive.to"], nil)
    check(it.policy.backup?.to, "backups", clauses["backup.to"], nil)
    for rule in it.ownRules {
      check(rule.target, rule.verb == .backup ? "backups" : "archives", it.clause(rule.id, "to"), rule.id)
    }
    return findings
  }

  private static func isInside(_ target: ByteString, _ root: ByteString) -> Bool {
    func trimmed(_ path: ByteString) -> ByteString {
      var bytes = path.bytes[...]
      while bytes.count > 1, bytes.last == UInt8(ascii: "/") { bytes.removeLast() }
      return ByteString(bytes)
    }
    return trimmed(target).isAtOrBelow(trimmed(root))
  }
}
