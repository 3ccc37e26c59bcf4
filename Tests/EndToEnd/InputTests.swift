internal import Foundation
internal import Glibc
internal import Testing

/// What commands take for a policy, and from where.
struct InputTests {
  /// A pipe can be read only once, and these commands look more than once.
  @Test(arguments: [
    "policy check <(cat box.yaml)", "policy check /dev/stdin < <(cat box.yaml)", "cat box.yaml | policy check -",
    "policy show --resolved <(cat box.yaml)", "policy diff --semantic <(cat box.yaml) <(cat box.yaml)",
    "policy snapshot -p box.yaml -o s.jsonl && policy diff --on s.jsonl <(cat box.yaml) <(cat box.yaml)",
  ])
  func `a policy may come through a pipe`(_ command: String) throws {
    let outcome = try #require(try Lab().run([command]).last)
    #expect(outcome.status == 0, "\(outcome.output)")
  }

  @Test func `a file of cases is sent to its own command`() throws {
    let cases = "version: 1\\npolicy: box.yaml\\ncases: []\\n"
    let outcome = try #require(try Lab().run(["printf '\(cases)' > cases.yaml; policy check cases.yaml"]).last)
    #expect(outcome.status == 64)
    #expect(outcome.output.contains("`policy test cases.yaml`"), "\(outcome.output)")
  }

  @Test func `a directory for witnesses is made`() throws {
    let never = "never: [{ id: n, destroy: runs, where: state == failed }]"
    let lines = ["echo '\(never)' >> box.yaml", "policy check box.yaml --save-witness new/witnesses; ls new/witnesses"]
    let outcome = try #require(try Lab().run(lines).last)
    #expect(outcome.output.hasSuffix("n.jsonl\nn.yaml\n"), "\(outcome.output)")
  }

  @Test func `proofs go where they are asked for`() throws {
    let outcomes = try Lab().run([
      "policy check box.yaml --proofs --format json 2> /dev/null", "policy check box.yaml --proofs --format compact",
    ])
    let proof = "\"proved\":[{\"file\":\"box.yaml\",\"text\":\"`stale` has a floor"
    #expect(outcomes[0].output.contains(proof), "\(outcomes[0].output)")
    #expect(outcomes[1].output.contains("proved: `stale` has a floor"), "\(outcomes[1].output)")
  }

  /// The snapshot of `--since` makes a search faster, never wrong, and never fails it.
  @Test func `a snapshot that cannot serve costs time alone`() throws {
    let isRoot = geteuid() == 0
    if !isRoot { print("NOT RUN: that root passes over a snapshot that others could change needs root") }
    let outcomes = try Lab().run([
      "policy snapshot -p box.yaml --root . --packed -o s.packed > /dev/null; head -c 900 s.packed > cut.packed",
      "policy snapshot -p box.yaml --root . --since cut.packed | head -c 1",
      "policy snapshot -p box.yaml --root . --since none.packed | head -c 1",
      "policy plan -p box.yaml --root . --since box.yaml",
      "chmod 666 s.packed; policy snapshot --root . --since s.packed | head -c 1",
      "policy plan -p box.yaml --since s.packed --snapshot s.packed",
    ])
    #expect(outcomes[1].output.contains("nothing is taken over from cut.packed: it is damaged"))
    #expect(outcomes[2].output.contains("nothing is taken over from none.packed: there is no such file"))
    #expect(outcomes[1].output.hasSuffix("{") && outcomes[2].output.hasSuffix("{"))
    #expect(outcomes[3].status == 64 && outcomes[3].output.contains("`box.yaml` is a policy, not a snapshot"))
    if isRoot { #expect(outcomes[4].output.contains("others could change it"), "\(outcomes[4].output)") }
    #expect(outcomes[5].status == 64 && outcomes[5].output.contains("give `--since` or `--snapshot`, not both"))
  }
}
