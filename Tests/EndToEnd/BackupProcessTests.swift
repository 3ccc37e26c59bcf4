internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// Backups by the built program, as a user and an administrator see them.
struct BackupProcessTests {
  /// `run PATH DAYS [BEST]`: a run that finished so many days ago. `weekly`: the example's policy, in this folder.
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
      sed -e "s#/mnt/cold/runs#$PWD/cold#" -e "s#/mnt/nas/runs#$PWD/nas#" -e "s#/data/runs#$PWD/runs#" \\
        "$REPOSITORY/policies/weekly-archive-and-backup/policy.yaml"
    }

    """

  private func run(_ script: String) throws -> [String] {
    let sandbox = try Sandbox(under: "/tmp/backup-")
    _ = try sandbox.run("chmod 755 .")
    let outcome = try sandbox.run(Self.prelude + script)
    return outcome.output.split(separator: "\n").map(String.init)
  }

  @Test func theExampleBacksUpAndOnlyThenPacksAway() throws {
    let said = try run(
      """
      mkdir cold nas; run runs/old 20; run runs/best 5 0.9; run runs/new 3; weekly > weekly.yaml
      policy check weekly.yaml > /dev/null 2>&1; echo "check $?"
      policy apply -p weekly.yaml --yes > first; echo "first $?"; grep -c '^  saved' first; ls runs
      policy apply -p weekly.yaml --yes > second; echo "second $?"; grep -c '^  archived' second; ls runs
      policy apply -p weekly.yaml --yes > third; echo "third $?"
      policy backup verify -p weekly.yaml | tail -n 1
      (cd nas/*/old.*; sha256sum --check --quiet SHA256SUMS; echo "sums $?")
      mkdir out; policy backup restore runs/old --to out -p weekly.yaml > said; echo "restore $?"; ls out/old
      policy backup restore runs/old --to out -p weekly.yaml > /dev/null 2>&1; echo "again $?"
      """)
    #expect(
      said == [
        "check 0", "first 0", "2", "best", "new", "old", "second 0", "1", "best", "new", "third 0",
        "2 backups read, 2 whole", "sums 0", "restore 0", "args.yaml", "results.csv", "weights", "again 4",
      ])
  }

  @Test func whatChangedSinceItsBackupWaitsForAnother() throws {
    let said = try run(
      """
      mkdir cold nas; run runs/old 20; weekly > weekly.yaml
      policy apply -p weekly.yaml --yes > first; echo "first $?"
      chmod 600 runs/old/args.yaml
      policy plan -p weekly.yaml | grep -cE '^  archive'; policy plan -p weekly.yaml | grep -cE '^  backup'
      policy apply -p weekly.yaml --yes > second; echo "second $?"; ls runs
      rm -r nas/*/old.*; policy plan -p weekly.yaml 2> note | grep -cE '^  archive'; grep -c 'does not count' note
      """)
    #expect(said == ["first 0", "0", "1", "second 0", "old", "0", "1"])
  }

  @Test func aRemoteOnThisMachineIsRefusedBeforeAnythingIsCopied() throws {
    let said = try run(
      """
      command -v rclone > /dev/null || { echo "no rclone"; exit; }
      mkdir -p cold nas home/.config/rclone; run runs/old 20; run runs/older 30
      printf '[share]\\ntype = alias\\nremote = %s/nas\\n' "$PWD" > home/.config/rclone/rclone.conf
      weekly | sed 's#^backup: .*#backup: { to: "rclone:share:runs" }#' > weekly.yaml
      HOME=$PWD/home policy apply -p weekly.yaml --yes > out 2>&1; echo "status $?"
      tr -s ' \\n' ' ' < out | grep -oF "ends in $PWD/nas/runs on this machine" | sed "s#$PWD#.#" | sort -u
      ls -A nas; ls runs
      """)
    if said == ["no rclone"] {
      print("NOT SHOWN HERE (1): rclone is not installed")
      return
    }
    #expect(said == ["status 9", "ends in ./nas/runs on this machine", "old", "older"])
  }

  @Test func `everybody's backups are their own, and root reads as they do`() throws {
    guard geteuid() == 0 else {
      print("NOT SHOWN HERE (1): backing up for somebody else needs root")
      return
    }
    let said = try run(
      """
      mkdir cold; install -d -m 1777 nas; run runs/4711/exp1 20; run runs/4712/exp1 20
      echo secret > secret; chmod 600 secret
      chown -R 4711:4711 runs/4711; chown -R 4712:4712 runs/4712
      ln secret runs/4711/exp1/notes; ln -s "$PWD/secret" runs/4712/exp1/notes
      touch -h -d '20 days ago' secret runs/4711/exp1 runs/4712/exp1 runs/4712/exp1/notes
      weekly > weekly.yaml
      policy apply -p weekly.yaml --yes > out; echo "status $?"
      sed -n 's/^ *\\(.*cannot be read.*\\)/\\1/p' out
      ls nas/4711 | grep -vc partial; stat -c '%u %a' nas/4712 nas/4712/* nas/4712/*/SHA256SUMS
      cat nas/*/*/*/* nas/*/*/*/*/* 2> /dev/null | grep -c '^secret'
      policy backup list --root runs --format json | grep -o '"path":"[^"]*"'
      """)
    #expect(
      said == [
        "status 6", "exp1/notes cannot be read: permission denied", "0", "4712 700", "4712 700", "4712 600", "0",
        "\"path\":\"4712/exp1\"",
      ])
  }

  @Test func whoIsAskedToStopIsGoneOnWith() throws {
    let said = try run(
      """
      mkdir cold nas; run runs/big 20; head -c 60000000 /dev/urandom > runs/big/weights/last.pt
      find runs -exec touch -d '20 days ago' {} +
      weekly | sed "s#^backup: .*#backup: { to: $PWD/nas, bandwidth: 20MB }#" > weekly.yaml
      env --default-signal=TERM policy apply -p weekly.yaml --yes > out 2>&1 & pid=$!
      until [ -n "$(find nas -name last.pt -size +1000k)" ] || ! kill -0 $pid 2> /dev/null; do sleep 0.02; done
      kill -TERM $pid; wait $pid; echo "status $?"
      ls runs; ls nas/* | grep -c partial
      policy apply -p weekly.yaml --yes > out 2>&1; echo "status $?"; ls nas/* | grep -c partial
      policy backup verify --root runs | tail -n 1
      """)
    #expect(said == ["status 143", "big", "1", "status 0", "0", "1 backup read, 1 whole"])
  }

  @Test func aShareThatIsUnmountedUnderACopyIsNotBelieved() throws {
    guard geteuid() == 0 else {
      print("NOT SHOWN HERE (1): mounting needs root")
      return
    }
    let said = try run(
      """
      mkdir cold nas; run runs/big 20; head -c 60000000 /dev/urandom > runs/big/weights/last.pt
      find runs -exec touch -d '20 days ago' {} +
      mount -t tmpfs none nas 2> /dev/null || { echo "not mounted"; exit; }
      weekly | sed "s#^backup: .*#backup: { to: $PWD/nas, bandwidth: 30MB }#" > weekly.yaml
      policy apply -p weekly.yaml --yes > out 2>&1 & pid=$!
      until [ -n "$(find nas -name last.pt -size +1000k)" ] || ! kill -0 $pid 2> /dev/null; do sleep 0.02; done
      umount -l nas; wait $pid; echo "status $?"
      grep -c 'the folder for backups is gone' out; find nas | wc -l; policy backup list --root runs | head -n 1
      """)
    if said == ["not mounted"] {
      print("NOT SHOWN HERE (1): mount is not allowed")
      return
    }
    #expect(said == ["status 9", "2", "1", "nothing was backed up from here"])
  }
}
