internal import Foundation
internal import Testing

/// The same policy and the same snapshot give the same bytes, wherever, whenever and by whomever they are read.
struct DeterminismTests {
  private static let snapshot = "policy snapshot -p box.yaml --now $NOW -o now.jsonl"
  private static let reference = "policy plan -p box.yaml --snapshot now.jsonl --format json > reference.json"

  @Test(arguments: [
    "policy plan -p box.yaml --snapshot now.jsonl --format json",
    "policy plan -p ./box.yaml --snapshot ./now.jsonl --format json",
    "policy plan -p $PWD/box.yaml --snapshot $PWD/now.jsonl --format json",
    "policy plan -p runs/../box.yaml --snapshot now.jsonl --format json",
    "(cd runs/alice && policy plan -p ../../box.yaml --snapshot ../../now.jsonl --format json)",
    "(cd / && policy plan -p $OLDPWD/box.yaml --snapshot $OLDPWD/now.jsonl --format json)",
    "TZ=Asia/Shanghai policy plan -p box.yaml --snapshot now.jsonl --format json",
    "TZ=:/nowhere policy plan -p box.yaml --snapshot now.jsonl --format json",
    "LC_ALL=C LANG=tr_TR.UTF-8 policy plan -p box.yaml --snapshot now.jsonl --format json",
    "(umask 777; policy plan -p box.yaml --snapshot now.jsonl --format json)",
    "COLUMNS=40 CLICOLOR_FORCE=1 TERM=dumb policy plan -p box.yaml --snapshot now.jsonl --format json",
    "HOME=/nowhere USER=nobody LOGNAME=nobody policy plan -p box.yaml --snapshot now.jsonl --format json",
    "env -i PATH=\"$PATH\" LD_LIBRARY_PATH=\"$LD_LIBRARY_PATH\" policy plan -p box.yaml --snapshot now.jsonl --format json",
    "policy plan -p box.yaml --snapshot now.jsonl --now $NOW --format json",
    "policy plan -p box.yaml --snapshot now.jsonl -o saved.json > /dev/null; cat saved.json",
    "policy plan -p box.yaml --snapshot now.jsonl -o saved.json > /dev/null; policy show saved.json --format json",
    "cat now.jsonl | policy plan -p box.yaml --snapshot /dev/stdin --format json",
    "cat box.yaml | policy plan -p box.yaml --snapshot now.jsonl --format json",
  ])
  func `the same plan`(_ command: String) throws {
    let outcomes = try Lab().run([Self.snapshot, Self.reference, "\(command) | cmp - reference.json"])
    #expect(outcomes.map(\.status) == [0, 0, 0], "\(outcomes)")
  }

  @Test func `comments, spaces and line ends of a policy do not touch the digest`() throws {
    let outcomes = try Lab().run([
      Self.snapshot, Self.reference,
      "sed 's/$/   # remark\\r/; s/^rules:/\\n\\nrules:/' box.yaml > other.yaml && mv other.yaml box.yaml",
      "policy plan -p box.yaml --snapshot now.jsonl --format json > other.json",
      "cmp other.json reference.json", "[ \"$(digest other.json)\" = \"$(digest reference.json)\" ]",
    ])
    #expect(outcomes.map(\.status) == [0, 0, 0, 0, 1, 0], "\(outcomes)")
  }

  @Test func `a plan on a snapshot is the plan on the tree`() throws {
    let lab = try Lab()
    let outcomes = try lab.run([
      Self.snapshot, Self.reference, "plan --format json > direct.json",
      "policy plan -p box.yaml --snapshot now.jsonl -o saved.json > /dev/null", "policy apply saved.json",
    ])
    #expect(outcomes.map(\.status) == [0, 0, 0, 0, 0], "\(outcomes)")
    // The moment of the scan and the use of the disk stand in the snapshot's header, and so in its digest.
    let (direct, saved) = (try Self.plan(lab, "direct.json"), try Self.plan(lab, "reference.json"))
    #expect(direct == saved)
    #expect(saved.contains("alice/exp1"))
  }

  /// A plan's text without its own digest and that of its snapshot.
  private static func plan(_ lab: Lab, _ name: String) throws -> String {
    try String(contentsOfFile: lab.sandbox.path + "/" + name, encoding: .utf8)
      .replacingOccurrences(of: "sha256:[0-9a-f]{64}", with: "", options: .regularExpression)
  }

  @Test func `two snapshots of an unchanged tree differ in the first line alone`() throws {
    let outcomes = try Lab().run([
      Self.snapshot, "policy snapshot -p box.yaml --now $NOW -o again.jsonl", "tail -n +2 now.jsonl > a",
      "tail -n +2 again.jsonl > b", "cmp a b", "[ -s a ]",
    ])
    #expect(outcomes.map(\.status) == [0, 0, 0, 0, 0, 0], "\(outcomes)")
  }

  @Test func `files are made with usual rights, whatever the umask forbids`() throws {
    let outcomes = try Lab().run(["umask 022; plan -o plan.json > /dev/null", "stat -c %a plan.json"])
    #expect(outcomes.last?.output == "644\n")
  }
}
