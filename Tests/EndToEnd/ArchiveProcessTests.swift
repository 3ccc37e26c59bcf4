internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// Archives by the built program, as a user and an administrator see them.
struct ArchiveProcessTests {
  /// `run PATH DAYS [BEST]`: a run that finished so many days ago. `weekly`: the example's policy without its backups.
  private static let prelude = """
    set -u
    run() {
      mkdir -p $1/weights
      printf 'task: detect\\nmode: train\\nepochs: 2\\n' > $1/args.yaml
      printf 'epoch,metrics/mAP50(B)\\n1,0.1\\n2,%s\\n' "${3:-0.5}" > $1/results.csv
      head -c 40000 /dev/urandom > $1/weights/best.pt
      find $1 -exec touch -d "$2 days ago" {} +
    }
    weekly() {
      sed -e "s#/mnt/cold/runs#$PWD/cold#" -e "s#/data/runs#$PWD/runs#" -e '/^backup:/d' -e '/requires:/d' \\
        -e '/id: back-up-keepers/,/^$/d' -e '/id: back-up-before-archiving/,/^$/d' \\
        "$REPOSITORY/policies/weekly-archive-and-backup/policy.yaml"
    }

    """

  private func run(_ script: String) throws -> [String] {
    let sandbox = try Sandbox(under: "/tmp/archive-")
    _ = try sandbox.run("chmod 755 .")
    let outcome = try sandbox.run(Self.prelude + script)
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func everyWeekWhatIsOlderThanTwoWeeksIsPackedAway() throws {
    let said = try run(
      """
      mkdir cold; run runs/old 20; run runs/best 30 0.9; run runs/new 3; weekly > weekly.yaml
      policy check weekly.yaml > /dev/null 2>&1; echo "check $?"
      policy apply -p weekly.yaml --yes > first; echo "first $?"
      grep -c '^  archived' first; ls runs
      policy apply -p weekly.yaml --yes > second; echo "second $?"
      touch -d '16 days ago' runs/new runs/new/* runs/new/weights/*
      policy apply -p weekly.yaml --yes > third; echo "third $?"
      grep -c '^  archived' third; ls runs
      policy archive verify -p weekly.yaml | tail -n 1
      policy apply -p weekly.yaml --yes > fourth; echo "fourth $?"
      """)
    #expect(
      said == [
        "check 0", "first 0", "2", "new", "second 0", "third 0", "1", "3 archives read, 3 whole", "fourth 0",
      ])
  }

  @Test func asTheExampleStandsNothingIsArchivedBeforeItIsBackedUp() throws {
    let said = try run(
      """
      mkdir cold nas; run runs/old 20
      sed "s#/mnt/cold/runs#$PWD/cold#; s#/mnt/nas/runs#$PWD/nas#; s#/data/runs#$PWD/runs#" \\
        "$REPOSITORY/policies/weekly-archive-and-backup/policy.yaml" > weekly.yaml
      policy plan -p weekly.yaml | grep -c '^  archive'; ls runs cold
      """)
    #expect(said == ["0", "cold:", "runs:", "old"])
  }

  @Test func `what only root may read is not archived for somebody else`() throws {
    guard geteuid() == 0 else {
      print("NOT SHOWN HERE (1): archiving for somebody else needs root")
      return
    }
    let said = try run(
      """
      install -d -m 1777 cold; run runs/4711/exp1 20; run runs/4712/exp1 20; echo secret > secret; chmod 600 secret
      chown -R 4711:4711 runs/4711; chown -R 4712:4712 runs/4712
      ln secret runs/4711/exp1/notes; touch -d '20 days ago' secret runs/4711/exp1
      weekly > weekly.yaml
      policy apply -p weekly.yaml --yes > out; echo "status $?"
      sed -n 's/^ *\\(.*cannot be read.*\\)/\\1/p' out
      ls runs/4711 runs/4712; ls cold/4711; ls cold/4712 | wc -l
      stat -c '%u %a' cold/4712 cold/4712/* cold/4712/*/*
      cat cold/*/*/* | grep -c secret; policy archive list --root runs --format json | grep -o '"path":"[^"]*"'
      """)
    #expect(
      said == [
        "status 6", "exp1/notes cannot be read: permission denied", "runs/4711:", "exp1", "runs/4712:", "1", "4712 700",
        "4712 700", "4712 600", "4712 600", "0", "\"path\":\"4712/exp1\"",
      ])
  }

  @Test func whoIsAskedToStopLeavesTheRunAndNothingHalfDone() throws {
    let said = try run(
      """
      mkdir cold; run runs/big 20; head -c 300000000 /dev/urandom > runs/big/weights/last.pt
      find runs -exec touch -d '20 days ago' {} +
      weekly | sed 's/format: tar.zst/format: tar.gz, level: 9/' > weekly.yaml
      env --default-signal=TERM policy apply -p weekly.yaml --yes > out 2>&1 & pid=$!
      until ls -d cold/*/*.partial > /dev/null 2>&1 || ! kill -0 $pid 2> /dev/null; do sleep 0.02; done
      kill -TERM $pid; wait $pid; echo "status $?"
      ls runs; find cold -mindepth 2 | wc -l; grep -c 'stopped by signal 15' out
      policy recover --root runs
      """)
    #expect(said == ["status 143", "big", "0", "1", "nothing was interrupted"])
  }
}
