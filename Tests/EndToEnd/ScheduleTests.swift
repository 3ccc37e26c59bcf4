internal import Foundation
internal import Testing

/// systemd's own word on the units, and a shell's and cron's reading of a crontab line.
struct ScheduleTests {
  @Test(arguments: ["hourly", "daily", "weekly", "monthly"])
  func `units pass systemd-analyze`(_ pace: String) throws {
    guard try Shell.run("command -v systemd-analyze", in: "/tmp").status == 0 else {
      print("NOT RUN: `units pass systemd-analyze` needs systemd-analyze")
      return
    }
    let lab = try Lab()
    try lab.sandbox.write("odd place %n $x/box.yaml", Lab.policy)
    var units = 0
    for file in ["box.yaml", "odd place %n $x/box.yaml"] {
      let outcome = try lab.sandbox.run(
        "rm -rf units; mkdir units; policy schedule systemd -p '\(file)' --root runs --every \(pace) --on-failure rescue.service "
          + "-o units > /dev/null 2>&1 && systemd-analyze verify --man=no units/*.timer units/*.service")
      #expect(outcome.status == 0, "\(file): \(outcome.output)")
      #expect(!outcome.output.contains("units/"), "\(file): \(outcome.output)")
      units += 2
    }
    #expect(units == 4)
  }

  /// The line does in `sh` what it says: low priority is taken, standard output goes nowhere, failure says one line.
  @Test func `a crontab line is a command`() throws {
    let lab = try Lab()
    try lab.sandbox.write("it's 100% mine/box.yaml", Lab.policy)
    let outcome = try lab.sandbox.run(
      """
      policy schedule cron -p "it's 100% mine/box.yaml" --root runs | tail -n 1 | sed 's/^\\([^ ]* \\)\\{5\\} *//; s/\\\\%/%/g' > line
      sh ./line; echo "status $?"; ls runs/alice
      sed -i 's/max_trash: 50/max_trash: 0/' "it's 100% mine/box.yaml"; sh ./line; echo "status $?"
      """)
    let lines = outcome.output.components(separatedBy: "\n")
    #expect(lines.prefix(2) == ["status 0", "exp3"], "\(outcome.output)")
    #expect(outcome.output.contains("policy-box ended with status "), "\(outcome.output)")
  }
}
