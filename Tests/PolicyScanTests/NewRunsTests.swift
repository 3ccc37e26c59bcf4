import Glibc
import PolicyCore
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// What `guard` sees of the trainings that begin below its roots.
struct NewRunsTests {
  let tree = TemporaryTree()

  func watch(_ settings: ScanSettings = ScanSettings(), owner: UInt32 = geteuid()) -> NewRuns {
    NewRuns(below: [tree.absolute("runs"), tree.absolute("later")], settings: settings, host: "gpu1", owner: owner)
  }

  func paths(_ watch: inout NewRuns) -> [ByteString] { watch.look { false }.map(\.path) }

  @Test func aRunIsFoundOnceAndOnlyWhenItIsNew() {
    Sample.run(tree, "runs/exp")
    tree.directory("runs/made-before")
    var watch = watch()
    #expect(paths(&watch) == [])
    tree.directory("runs/exp2/weights")
    #expect(paths(&watch) == [])
    tree.file("runs/exp2/args.yaml", Sample.arguments(), modified: Sample.clock)
    tree.file("runs/made-before/args.yaml", Sample.arguments(), modified: Sample.clock)
    tree.file("later/args.yaml", Sample.arguments(), modified: Sample.clock)
    #expect(
      paths(&watch) == [
        tree.absolute("runs/exp2"), tree.absolute("runs/made-before"), tree.absolute("later"),
      ])
    #expect(paths(&watch) == [])
    Sample.run(tree, "runs/exp/inner/exp3")
    #expect(paths(&watch) == [tree.absolute("runs/exp/inner/exp3")])
  }

  @Test func hiddenExcludedAndForeignDirectoriesAreNobodys() {
    var settings = ScanSettings()
    settings.exclude = ["cache/**"]
    var (mine, theirs) = (watch(settings), watch(owner: geteuid() + 1))
    for path in ["runs/.policy/exp", "runs/cache/exp", "runs/exp"] { Sample.run(tree, path) }
    #expect(paths(&mine) == [tree.absolute("runs/exp")])
    #expect(paths(&theirs) == [])
  }

  @Test func aStoppedLookFindsTheRestLater() {
    tree.directory("runs")
    var watch = watch()
    Sample.run(tree, "runs/a/exp")
    #expect(watch.look { true }.isEmpty)
    #expect(paths(&watch) == [tree.absolute("runs/a/exp")])
  }
}
