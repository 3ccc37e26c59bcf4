internal import Foundation
internal import Testing

/// Every exit status that a command can give, given. Missing: 70 (internal error), which nobody knows how to cause, and
/// 128+n, which is the shell's word for a signal.
struct ExitStatusTests {
  struct Row: Sendable, CustomTestStringConvertible {
    let command: String
    let status: Int32
    let why: String
    /// What happens before, and the command itself in the last place.
    let lines: [String]
    var testDescription: String { "\(command): \(status), \(why)" }

    init(_ command: String, _ status: Int32, _ why: String, _ lines: String...) {
      (self.command, self.status, self.why, self.lines) = (command, status, why, lines)
    }
  }

  static let planned = "plan -o plan.json"
  static let applied = "plan -o plan.json && policy apply plan.json"
  /// Somebody at work: the lock held by a process that the shell ends with.
  static let locked = "policy pin runs/bob/exp2 --because x --root runs; exec 9< runs/.policy/*/lock && flock 9"
  /// A journal of which nobody can say what it means.
  static let damaged = "\(applied); for j in runs/.policy/*/journal; do sed -i '2s/trash/trasj/' $j; done"
  /// A lock that cannot be opened: what an input/output error would look like.
  static let broken = "\(applied); for l in runs/.policy/*/lock; do rm $l && mkdir $l; done"
  static let faulty = "echo 'version: 9' > box.yaml"
  static let snapshot = "policy snapshot -p box.yaml --now $NOW -o now.jsonl"

  static let reading: [Row] = [
    Row("init", 0, "done", "policy init -o first.yaml"),
    Row("init", 3, "a missing root", "policy init --root nowhere"),
    Row("init", 4, "the file is there", "policy init -o box.yaml"),
    Row("init", 9, "no such folder", "policy init -o no/such.yaml"),
    Row("init", 64, "a wrong time", "policy init --now noon"),
    Row("why-full", 0, "done", "policy why-full"),
    Row("why-full", 1, "a policy with an error", faulty, "policy why-full -p box.yaml"),
    Row("why-full", 3, "a missing root", "policy why-full nowhere"),
    Row("why-full", 4, "an unsafe root", "policy why-full /"),
    Row("why-full", 9, "standard output is full", "policy why-full > /dev/full"),
    Row("why-full", 64, "an unknown format", "policy why-full --format xml"),
    Row("check", 0, "no findings", "policy check box.yaml"),
    Row("check", 1, "an error", faulty, "policy check box.yaml"),
    Row("check", 3, "no file", "policy check"),
    Row("check", 3, "a missing file", "policy check nowhere.yaml"),
    Row("check", 9, "standard output is full", "policy check box.yaml --format json > /dev/full"),
    Row("check", 64, "an unknown option", "policy check box.yaml --fix-all"),
    Row("snapshot", 0, "done", "policy snapshot --root runs"),
    Row("snapshot", 1, "a policy with an error", faulty, "policy snapshot -p box.yaml"),
    Row("snapshot", 3, "a missing root", "policy snapshot --root nowhere"),
    Row("snapshot", 4, "an unsafe root", "policy snapshot --root /"),
    Row("snapshot", 9, "no space", "policy snapshot --root runs -o /dev/full"),
    Row("snapshot", 64, "a wrong time", "policy snapshot --root runs --now noon"),
    Row("plan", 0, "done, though there is something to do", "plan"),
    Row("plan", 0, "nothing to do", "plan --now 2024-01-01 --detailed-exitcode"),
    Row("plan", 1, "a policy with an error", faulty, "plan"),
    Row("plan", 1, "a damaged snapshot", snapshot, "head -c 999 now.jsonl > cut && plan --snapshot cut"),
    Row("plan", 2, "changes pending", "plan --detailed-exitcode"),
    Row("plan", 3, "a missing policy", "policy plan -p nowhere.yaml"),
    Row("plan", 3, "a missing root", "plan --root nowhere"),
    Row("plan", 3, "a missing snapshot", "plan --snapshot nowhere.jsonl"),
    Row("plan", 4, "a limit", "sed -i 's/max_trash: 50/max_trash: 2/' box.yaml", "plan --detailed-exitcode"),
    Row("plan", 4, "an unsafe root", "HOME=$PWD/runs plan"),
    Row("plan", 4, "a root that is a link", "ln -s runs link", "plan --root link"),
    Row("plan", 9, "no space", "plan -o /dev/full"),
    Row("plan", 64, "no policy", "policy plan"),
    Row("show", 0, "done", planned, "policy show plan.json"),
    Row("show", 1, "a damaged plan", planned, "head -c 999 plan.json > cut.json; policy show cut.json"),
    Row("show", 1, "a policy with an error", faulty, "policy show --resolved box.yaml"),
    Row("show", 3, "a missing plan", "policy show plan.json"),
    Row("show", 9, "standard output is full", planned, "policy show plan.json > /dev/full"),
    Row("show", 64, "a policy", "policy show box.yaml"),
    Row("diff", 0, "differences that nobody asked for", snapshot, planned, "policy diff plan.json plan.json"),
    Row("diff", 0, "no differences", planned, "policy diff plan.json plan.json --exit-code"),
    Row(
      "diff", 1, "differences", planned, "plan --set recent=9 -o other.json",
      "policy diff plan.json other.json --exit-code"),
    Row("diff", 1, "a policy with an error", snapshot, faulty, "policy diff box.yaml box.yaml --on now.jsonl"),
    Row("diff", 3, "a missing file", planned, "policy diff plan.json other.json"),
    Row("diff", 64, "two kinds", planned, "policy diff plan.json box.yaml"),
    Row("explain", 0, "done", "policy explain alice/exp1 -p box.yaml"),
    Row("explain", 1, "a policy with an error", faulty, "policy explain alice/exp1 -p box.yaml"),
    Row("explain", 3, "no such run", "policy explain alice/exp9 -p box.yaml"),
    Row("explain", 4, "an unsafe root", "policy explain alice/exp1 -p box.yaml --root /"),
    Row("explain", 64, "no policy", "policy explain alice/exp1"),
    Row("log", 0, "done", applied, "policy log --root runs"),
    Row("log", 3, "a missing root", "policy log --root nowhere"),
    Row("log", 4, "a root that is a link", "ln -s runs link", "policy log --root link"),
    Row("log", 8, "a damaged journal", damaged, "policy log --root runs"),
    Row("log", 64, "an unknown format", "policy log --format xml"),
    Row("schedule", 0, "done", "policy schedule systemd -p box.yaml --root runs"),
    Row("schedule", 1, "a policy with an error", faulty, "policy schedule cron -p box.yaml --root runs"),
    Row("schedule", 3, "a missing policy", "policy schedule cron -p nowhere.yaml"),
    Row(
      "schedule", 4, "another's file", "mkdir u; touch u/policy-box; policy schedule cron -p box.yaml --root runs -o u"),
    Row("schedule", 9, "no folder", "policy schedule cron -p box.yaml --root runs -o box.yaml/x"),
    Row("schedule", 64, "a relative root", "policy schedule cron -p box.yaml"),
    Row("policy", 0, "help", "policy --help"),
    Row("policy", 0, "version", "policy --version"),
    Row("policy", 64, "an unknown command", "policy plam"),
  ]

  static let changing: [Row] = [
    Row("guard", 0, "the training's", "policy guard --root runs -- echo done"),
    Row("guard", 3, "the training's", "policy guard --root runs -- sh -c 'echo no; exit 3'"),
    Row("guard", 4, "no room", "policy guard --root runs --need 100PiB -- true"),
    Row("guard", 64, "no training", "policy guard --root runs"),
    Row("guard", 64, "nothing says where runs appear", "policy guard -- true"),
    Row("guard", 64, "no size", "policy guard --root runs --low much -- true"),
    Row("guard", 126, "not to be started", "policy guard --root runs -- ./box.yaml"),
    Row("guard", 127, "no such program", "policy guard --root runs -- no-such-program"),
    Row(
      "guard", 137, "the training's, ended by a signal",
      "policy guard --root runs -- sh -c 'echo on; kill -KILL $$'"),
    Row("apply", 0, "done", planned, "policy apply plan.json"),
    Row("apply", 0, "nothing to do", "policy apply -p box.yaml --now 2024-01-01 --root runs --yes"),
    Row("apply", 1, "a plan changed by hand", planned, "sed -i s/exp1/exp3/ plan.json; policy apply plan.json"),
    Row("apply", 1, "a policy with an error", faulty, "policy apply -p box.yaml --yes --root runs"),
    Row("apply", 3, "a missing plan", "policy apply plan.json"),
    Row("apply", 3, "a missing root", planned, "mv runs away; policy apply plan.json; s=$?; mv away runs; (exit $s)"),
    Row("apply", 4, "a limit", "sed -i 's/max_trash: 50/max_trash: 2/' box.yaml", planned, "policy apply plan.json"),
    Row("apply", 4, "a plan of the future", "plan --now 2124-01-01 -o plan.json", "policy apply plan.json"),
    Row("apply", 5, "a used plan", applied, "policy apply plan.json"),
    Row("apply", 5, "another root of that name", planned, "mv runs old; cp -a old runs; policy apply plan.json"),
    Row("apply", 5, "a pin", planned, "policy pin alice/exp1 --because x --root runs", "policy apply plan.json"),
    Row("apply", 6, "a run that changed", planned, "touch runs/alice/exp1/new; policy apply plan.json"),
    Row("apply", 7, "another apply", planned, locked, "policy apply plan.json"),
    Row("apply", 8, "a damaged journal", "plan --set recent=2 -o two.json", damaged, "policy apply two.json"),
    Row("apply", 9, "the lock cannot be opened", "plan --set recent=2 -o two.json", broken, "policy apply two.json"),
    Row("apply", 64, "no plan", "policy apply"),
    Row("apply", 64, "nobody to ask", "policy apply -p box.yaml --now $NOW"),
    Row("trash list", 0, "done", applied, "policy trash list --root runs"),
    Row("trash list", 3, "a missing root", "policy trash list --root nowhere"),
    Row("trash list", 3, "no root", "policy trash list"),
    Row("trash list", 4, "a root that is a link", "ln -s runs link", "policy trash list --root link"),
    Row("trash list", 8, "a damaged journal", damaged, "policy trash list --root runs"),
    Row("trash list", 64, "an unknown format", "policy trash list --format xml"),
    Row("trash restore", 0, "done", applied, "policy trash restore runs/alice/exp1"),
    Row("trash restore", 3, "nothing like it", applied, "policy trash restore runs/alice/exp3"),
    Row(
      "trash restore", 6, "taken back before", applied, "policy trash restore alice/exp1 --root runs",
      "policy trash restore alice/exp1 --root runs"),
    Row("trash restore", 7, "another apply", applied, locked, "policy trash restore runs/alice/exp1"),
    Row("trash restore", 8, "a damaged journal", damaged, "policy trash restore runs/alice/exp1"),
    Row("trash restore", 9, "the lock cannot be opened", broken, "policy trash restore runs/alice/exp1"),
    Row("trash restore", 64, "nothing named", "policy trash restore"),
    Row("trash purge", 0, "nothing is due", applied, "policy trash purge --root runs"),
    Row("trash purge", 3, "an unknown plan", applied, "policy trash purge --root runs --plan 0123456789abcdef"),
    Row(
      "trash purge", 4, "not confirmed", applied,
      "policy trash purge --root runs --plan $(digest plan.json) --now-free"),
    Row("trash purge", 6, "not due", applied, "policy trash purge --root runs --plan $(digest plan.json)"),
    Row("trash purge", 7, "another apply", applied, locked, "policy trash purge --root runs"),
    Row("trash purge", 8, "a damaged journal", damaged, "policy trash purge --root runs"),
    Row("trash purge", 9, "the lock cannot be opened", broken, "policy trash purge --root runs"),
    Row("trash purge", 64, "now, but what", "policy trash purge --now-free"),
    Row("pin", 0, "done", "policy pin runs/alice/exp1 --because x --root runs"),
    Row("pin", 3, "no such run", "policy pin runs/alice/exp9 --because x --root runs"),
    Row("pin", 7, "another apply", locked, "policy pin runs/alice/exp1 --because x --root runs"),
    Row(
      "pin", 8, "pins that cannot be read", "policy pin runs/bob/exp1 --because x --root runs",
      "for p in runs/.policy/*/pins; do echo '{' > $p; done; policy pin runs/alice/exp1 --because x --root runs"),
    Row("pin", 9, "the lock cannot be opened", broken, "policy pin runs/alice/exp3 --because x --root runs"),
    Row("pin", 64, "no reason", "policy pin runs/alice/exp1"),
    Row("unpin", 0, "done", "policy pin runs/alice/exp1 --because x --root runs", "policy unpin runs/alice/exp1"),
    Row("unpin", 3, "not pinned", "policy unpin runs/alice/exp1 --root runs"),
    Row("unpin", 7, "another apply", locked, "policy unpin runs/bob/exp2"),
    Row("unpin", 9, "the lock cannot be opened", broken, "policy unpin runs/alice/exp3"),
    Row("unpin", 64, "no path", "policy unpin"),
    Row("recover", 0, "nothing was interrupted", applied, "policy recover --root runs"),
    Row("recover", 3, "a missing root", "policy recover --root nowhere"),
    Row("recover", 7, "another apply", applied, locked, "policy recover --root runs"),
    Row("recover", 8, "a damaged journal", damaged, "policy recover --root runs"),
    Row("recover", 9, "the lock cannot be opened", broken, "policy recover --root runs"),
    Row("recover", 64, "an unknown option", "policy recover --hard"),
  ]

  @Test(arguments: reading) func `commands that only look`(_ row: Row) throws { try check(row) }

  @Test(arguments: changing) func `commands that change something`(_ row: Row) throws { try check(row) }

  private func check(_ row: Row) throws {
    let outcomes = try Lab().run(row.lines)
    let last = try #require(outcomes.last)
    #expect(last.status == row.status, "\(row): \(last.output)")
    // Nobody is left without a word.
    #expect(row.status == 2 || !last.output.isEmpty)
    for (line, outcome) in zip(row.lines, outcomes).dropLast() {
      #expect(outcome.status == 0 || outcome.status == 4, "\(row): before it, `\(line)`: \(outcome.output)")
    }
  }

  /// Every command's help has the whole list.
  @Test(arguments: [
    "init", "why-full", "schedule", "check", "snapshot", "plan", "show", "diff", "explain", "apply", "trash",
    "trash list",
    "trash restore",
    "trash purge", "pin", "unpin", "recover", "log",
  ])
  func `help names every status`(_ command: String) throws {
    let help = try #require(try Lab().run(["policy \(command) --help"]).first)
    for status in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 64, 70] {
      let line = "  \(status) "
      #expect(help.output.components(separatedBy: "\n").contains { $0.hasPrefix(line) }, "\(command): \(status)")
    }
    for line in help.output.components(separatedBy: "\n") where !line.hasPrefix("USAGE") {
      #expect(line.count <= 80, "\(command): \(line)")
    }
  }
}
