internal import Foundation
internal import Testing

/// Files are changed by workers: the same program, confined and as the owner. What a user and an administrator see of it.
struct WorkerTests {
  /// `runs COUNT`: old runs `runs/exp1` …, and a plan that trashes them all.
  private static let prelude = """
    set -u
    cat > p.yaml <<'END'
    version: 1
    roots: [runs]
    trash: { purge_after: 24h }
    limits: { max_trash: 9999 }
    rules:
      - { id: old, trash: runs, after: 1h, where: name matches "exp*" }
    END
    run() { mkdir -p $1; echo 'task: detect' > $1/args.yaml; echo 'epochs: 1' >> $1/args.yaml; echo 'mode: train' >> $1/args.yaml; }
    runs() { for i in $(seq $1); do run runs/exp$i; done; }
    age() { find runs -name args.yaml -exec touch -d '3 days ago' {} +; policy plan -p p.yaml -o plan.json > /dev/null; }
    left() { find runs -mindepth 1 -maxdepth 1 -name 'exp*' | wc -l; }
    begun() { until grep -qs '"event":"intent"' runs/.policy/*/journal || ! kill -0 $pid 2> /dev/null; do :; done; }
    working() { until pgrep -P $pid > /dev/null || ! kill -0 $pid 2> /dev/null; do :; done; }

    """

  private func run(_ script: String) throws -> Shell.Outcome {
    let sandbox = try Sandbox(under: "/tmp/worker-")
    _ = try sandbox.run("chmod 755 .")
    return try sandbox.run(Self.prelude + script)
  }

  private func isRoot(_ what: String) -> Bool {
    if geteuid() == 0 { return true }
    print("NOT SHOWN HERE (1): \(what) needs root")
    return false
  }

  @Test func theJournalSaysWhatConfinedIt() throws {
    let outcome = try run("runs 1; age; policy apply plan.json > /dev/null; cat runs/.policy/*/journal | head -n 1")
    #expect(outcome.output.contains("\"landlock ") || outcome.output.contains("\"no landlock\""))
  }

  @Test func rootWorksAsEveryOwnerInTurn() throws {
    guard isRoot("work as other owners") else { return }
    let outcome = try run(
      """
      for u in 4711 4712; do run runs/$u/exp1; run runs/$u/exp2; chown -R $u:$u runs/$u; done
      run runs/exp9; age
      policy apply plan.json > out; echo "status $?"
      stat -c '%n %u %a' runs/.policy/4711 runs/.policy/4712 runs/.policy/0
      stat -c '%u' runs/.policy/4711/journal runs/.policy/4711/trash/files/*
      grep -c delegated runs/.policy/0/journal
      policy log --root runs | grep -c 'root as uid'
      policy trash restore runs/4711/exp1 runs/4712/exp2 --root runs | grep -c restored
      policy log --root runs | grep -c 'own journal does not say'
      ls -d runs/4711/* runs/4712/*
      """)
    #expect(
      outcome.output == """
        status 0
        runs/.policy/4711 4711 700
        runs/.policy/4712 4712 700
        runs/.policy/0 0 755
        4711
        4711
        4711
        4
        2
        2
        0
        runs/4711/exp1
        runs/4712/exp2

        """)
  }

  @Test func whatAnOwnerMayNotMoveIsLeftAlone() throws {
    guard isRoot("work as other owners") else { return }
    // The folder is root's, so the owner of the run in it cannot move the run, and root does not do it either.
    let outcome = try run(
      """
      run runs/exp1; chown -R 4711:4711 runs/exp1; run runs/4712/exp2; chown -R 4712:4712 runs/4712; age
      policy apply plan.json; echo "status $?"; left
      """)
    #expect(outcome.output.contains("permission denied") && outcome.output.contains("status 6"))
    #expect(outcome.output.contains("trashed") && outcome.output.hasSuffix("1\n"))
  }

  @Test func aLockedOwnerIsPassedOver() throws {
    guard isRoot("work as other owners") else { return }
    let outcome = try run(
      """
      for u in 4711 4712; do run runs/$u/exp1; chown -R $u:$u runs/$u; done; age
      mkdir -p -m 1777 runs/.policy; mkdir -m 700 runs/.policy/4711; touch runs/.policy/4711/lock
      chown -R 4711:4711 runs/.policy/4711; exec 9< runs/.policy/4711/lock; flock 9
      policy apply plan.json; echo "status $?"; ls -d runs/*/exp1
      """)
    #expect(outcome.output.contains("another policy process is at work") && outcome.output.contains("status 6"))
    #expect(outcome.output.hasSuffix("runs/4711/exp1\n"))
  }

  @Test func aTrashFolderOfSomebodyElseIsNotUsed() throws {
    guard isRoot("work as other owners") else { return }
    let outcome = try run(
      """
      run runs/4711/exp1; chown -R 4711:4711 runs/4711; age
      mkdir -p -m 1777 runs/.policy; mkdir runs/.policy/0; chown 4711:4711 runs/.policy/0
      policy apply plan.json; echo "status $?"; ls -d runs/*/exp1
      """)
    #expect(outcome.output.contains("belongs to uid 4711") && outcome.output.contains("status 4"))
    #expect(outcome.output.hasSuffix("runs/4711/exp1\n"))
  }

  @Test func aSignalStopsTheWork() throws {
    let outcome = try run(
      """
      runs 1500; age
      env --default-signal=TERM policy apply plan.json > out & pid=$!; working; kill -TERM $pid
      wait $pid; echo "status $?"; [ $(left) -gt 0 ] && echo some left
      policy recover --root runs > /dev/null; echo "status $?"
      policy plan -p p.yaml -o plan.json > /dev/null; policy apply plan.json > /dev/null; echo "status $?"; left
      """)
    #expect(outcome.output.hasPrefix("status 143\nsome left\n"))
    #expect(outcome.output.hasSuffix("\nstatus 0\nstatus 0\n0\n"))
  }

  @Test(arguments: ["KILL", "ILL"])
  func aWorkerThatDiesIsSaid(signal: String) throws {
    let outcome = try run(
      """
      runs 1500; age
      policy apply plan.json > out & pid=$!; begun; kill -\(signal) $(pgrep -P $pid); wait $pid; echo "status $?"
      grep -c 'was ended by signal' out
      policy recover --root runs > /dev/null; echo "status $?"
      policy trash restore --plan $(grep '^  "digest": ' plan.json | cut -d '"' -f 4) --root runs > /dev/null 2>&1; left
      """)
    #expect(outcome.output.hasPrefix("status 9\n"))
    #expect(!outcome.output.hasPrefix("status 9\n0\n"))
    #expect(outcome.output.hasSuffix("status 0\n1500\n"))
  }

  @Test func nobodyBecomesAWorkerByHand() throws {
    #expect(try run("policy --confined-worker 1 0 0 -; echo $?").output == "64\n")
    #expect(try run("policy --confined-worker 1 0 0 0:0:0 3< /dev/null 4> /dev/null; echo $?").output == "64\n")
  }

  @Test func itStartsUnderAnyCircumstances() throws {
    let outcome = try run(
      """
      runs 3; age; root=$PWD/runs plan=$PWD/plan.json
      mkdir gone; cd gone; rmdir ../gone; umask 000; mkfifo ../pipe
      env -i LANG=xx_YY.bogus TZ=:/etc/passwd LD_LIBRARY_PATH=${LD_LIBRARY_PATH:-} PATH=/nowhere $(command -v policy) apply $plan <&- >&- 2>&-
      echo "status $?"; cd ..; left; find runs/.policy -perm /022 ! -perm -1000 | wc -l
      """)
    #expect(outcome.output == "status 0\n0\n0\n")
  }
}
