internal import Foundation
internal import Glibc

/// A sandbox with a policy and a few runs of long ago, so that everything it prints under a fixed `--now` is the same on
/// every machine and for every user: `box.yaml` trashes what is older than a day but each project's latest run.
///
/// Beside `runs/alice/exp1` … `exp3` and `runs/bob/exp1`, `exp2` there is nothing.
struct Lab {
  /// The `--now` of the tests: a month after the last run.
  static let now = "2024-03-01T00:00:00Z"

  static let policy = """
    version: 1
    name: box
    roots: [runs]
    scan: { project: "{project}/**" }
    params:
      recent: { default: 1 }
    trash: { purge_after: 24h }
    limits: { max_trash: 50 }
    rules:
      - id: recent
        keep: runs
        per: project
        latest: $recent
      - id: stale
        trash: runs
        where: state in [finished, failed, interrupted]
        after: 24h

    """

  let sandbox: Sandbox

  init() throws {
    // Lines break after so many columns: the path must be of the same length everywhere.
    sandbox = try Sandbox(under: "/tmp/lab-")
    try sandbox.write("box.yaml", Self.policy)
    try run("alice/exp1", day: 1, metric: "0.612")
    try run("alice/exp2", day: 8, metric: "0.874")
    try run("alice/exp3", day: 15, metric: "0.655")
    try run("bob/exp1", day: 3, metric: "0.590")
    try run("bob/exp2", day: 10, metric: nil)
  }

  /// A run that finished on a day of January 2024; without a metric it failed before its first epoch.
  func run(_ path: String, day: Int, metric: String?) throws {
    let run = "runs/\(path)"
    try sandbox.write("\(run)/args.yaml", "task: detect\nmode: train\nmodel: yolov8n.yaml\nepochs: 2\n")
    if let metric {
      try sandbox.write(
        "\(run)/results.csv", "epoch,metrics/mAP50(B),metrics/mAP50-95(B)\n1,0.1,0.05\n2,\(metric),0.3\n")
      try sandbox.write("\(run)/weights/last.pt", String(repeating: "l", count: 4096))
      try sandbox.write("\(run)/weights/best.pt", String(repeating: "b", count: 4096))
      try sandbox.write("\(run)/results.png", "png")
    }
    // 2024-01-01 was 19723 days after 1970.
    let end = (19_722 + day) * 86_400
    try date("\(run)/args.yaml", end - 7200)
    guard metric != nil else { return }
    for file in ["results.csv", "weights/last.pt", "weights/best.pt"] { try date("\(run)/\(file)", end - 60) }
    try date("\(run)/results.png", end)
  }

  private func date(_ path: String, _ seconds: Int) throws {
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: TimeInterval(seconds))],
      ofItemAtPath: sandbox.path + "/" + path)
  }

  /// What a command prints, with what differs from one place, day and user to the next written as words.
  func steady(_ output: String) -> String {
    var text = output.replacingOccurrences(of: ProcessInfo.processInfo.hostName + ":" + sandbox.path, with: "HOST:HERE")
    text = text.replacingOccurrences(of: sandbox.path, with: "HERE")
    for (pattern, word) in [
      ("sha256:[0-9a-f]{12,64}", "sha256:DIGEST"), ("(plan\\s+)[0-9a-f]{12}\\b", "$1DIGEST"),
      ("(\(Self.days))([T ])[0-9]{2}:[0-9]{2}(:[0-9.]+)?Z", "TODAY"), ("\\buid [0-9]+", "uid U"),
      ("\"uid\":[0-9]+", "\"uid\":U"),
      ("\\buser [^ ,]+,", "user ME,"),
      ("\\.policy/[0-9]+", ".policy/U"),
    ] {
      text = text.replacingOccurrences(of: pattern, with: word, options: .regularExpression)
    }
    return text
  }

  /// Yesterday to the day after tomorrow: what the clock says, and when what is trashed now may be purged.
  private static let days: String = {
    let format = ISO8601DateFormatter()
    format.formatOptions = [.withFullDate]
    return (-1...2).map { format.string(from: Date(timeIntervalSinceNow: Double($0) * 86_400)) }.joined(separator: "|")
  }()

  /// Everything below the sandbox but what lies in `.policy`: kind, size, time and inode of each file.
  func contents() throws -> String {
    try sandbox.run(
      "find runs -name .policy -prune -o \\( -type d -printf '%p %y %i\\n' -o -printf '%p %y %i %s %T@ %l\\n' \\) | sort"
    ).output
  }

  /// Runs commands one after the other in one shell; each one's output and status.
  func run(_ commands: [String], _ environment: [String: String] = [:]) throws -> [Shell.Outcome] {
    var script = Self.prelude
    for command in commands { script += "{ \(command)\n} 2>&1; printf '\\036%d\\036' $?\n" }
    let output = try sandbox.run(script, environment.merging(["NOW": Self.now]) { mine, _ in mine }).output
    let parts = output.components(separatedBy: "\u{1E}")
    return stride(from: 0, to: parts.count - 1, by: 2).map { index in
      Shell.Outcome(status: Int32(parts[index + 1]) ?? -1, output: steady(parts[index]))
    }
  }

  /// `ordinary COMMAND`: as a user who can be denied things; `theirs PATH`: gives such a user a path; `taken TIME FILE`: a
  /// snapshot that does not know how full this machine's disk is.
  private static let prelude = """
    set -o pipefail
    ordinary() {
      if [ "$(id -u)" != 0 ]; then "$@"; return; fi
      [ -x ./policy ] || cp "$(command -v policy)" ./policy
      PATH=.:$PATH setpriv --reuid 4711 --regid 4711 --clear-groups -- "$@"
    }
    theirs() { if [ "$(id -u)" = 0 ]; then chown -R 4711:4711 "$@"; fi; }
    taken() { policy snapshot -p box.yaml --now "$1" -o "$2" && sed -i 's/"volumes":\\[[^]]*\\]/"volumes":[]/' "$2"; }
    plan() { policy plan -p box.yaml --now "$NOW" "$@"; }
    digest() { grep '^  "digest": ' "$1" | cut -d '"' -f 4; }

    """
}
