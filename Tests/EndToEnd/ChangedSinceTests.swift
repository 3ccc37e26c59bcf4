internal import Foundation
internal import Testing

/// `policy check --changed-since`: nothing that a change brings is left out, and the status says what is shown.
struct ChangedSinceTests {
  static let policy = """
    version: 1
    roots: [runs]
    trash: { purge_after: 7d }
    params:
      good: { default: 0.8 }
    never:
      - id: good
        destroy: runs
        where: mAP50 ?? 0 > 0.8
    rules:
      - id: keep-good
        keep: runs
        where: mAP50 ?? 0 > $good
      - id: recent
        keep: runs
        per: user
        latest: 3
      - id: stale
        trash: runs
        where: state == finished
        after: 1d
      - id: dull
        backup: runs
        where: mAP50 > 0.1
    backup: { to: "/backup" }

    """

  private func checked(_ files: [String: String], _ changes: String..., format: String = "text") throws -> Shell.Outcome
  {
    let sandbox = try Sandbox()
    for (name, text) in files { try sandbox.write(name, text) }
    let commit = "git init -q . && git add . && git -c user.name=n -c user.email=n@example.org commit -qm one"
    let before = try sandbox.run(commit)
    #expect(before.status == 0, "\(before.output)")
    let command = changes + ["policy check p.yaml --changed-since HEAD --now 2027-01-15 --format \(format)"]
    return try sandbox.run(command.joined(separator: "; "))
  }

  @Test func `a param that breaks a never is shown where the never stands`() throws {
    let outcome = try checked(["p.yaml": Self.policy], "sed -i 's/default: 0.8/default: 0.9/' p.yaml")
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.contains("error[P0350]"), "\(outcome.output)")
  }

  @Test func `an imported value that breaks a never is shown`() throws {
    let main = Self.policy.replacingOccurrences(
      of: "params:\n  good: { default: 0.8 }\n", with: "imports: [shared.yaml]\n")
    let outcome = try checked(
      ["p.yaml": main, "shared.yaml": "version: 1\nparams:\n  good: { default: 0.8 }\n"],
      "sed -i 's/default: 0.8/default: 0.9/' shared.yaml")
    #expect(outcome.status == 1, "\(outcome.output)")
    #expect(outcome.output.contains("error[P0350]"), "\(outcome.output)")
  }

  @Test func `a floor that goes with another rule is missed`() throws {
    let outcome = try checked(
      ["p.yaml": Self.policy], "sed -i 's/per: user/where: state == failed\\n    per: user/' p.yaml")
    #expect(outcome.output.contains("warning[P0330]"), "\(outcome.output)")
  }

  @Test func `what was there before is counted, not shown`() throws {
    let impossible = "  - id: none\n    keep: runs\n    where: state == failed and state == finished\n"
    let policy = Self.policy.replacingOccurrences(of: "backup: {", with: impossible + "backup: {")
    let outcome = try checked(["p.yaml": policy], "echo '# a remark' >> p.yaml")
    #expect(outcome.status == 0)
    #expect(outcome.output == "p.yaml: nothing new; 2 older findings are left out\n", "\(outcome.output)")
  }

  @Test(arguments: ["text", "json"]) func `what cannot be read is said, old or not`(_ format: String) throws {
    let faulty = Self.policy.replacingOccurrences(of: "latest: 3", with: "latest: many")
    let outcome = try checked(["p.yaml": faulty], "echo '# a remark' >> p.yaml", format: format)
    #expect(outcome.status == 1)
    #expect(outcome.output.contains("P0"), "\(outcome.output)")
  }
}
