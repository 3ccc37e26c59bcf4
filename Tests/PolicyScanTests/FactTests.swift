import Glibc
import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Testing

@testable import PolicyScan

struct FactTests {
  let tree = TemporaryTree()

  func number(_ text: String) -> Fact { .value(.number(text)) }

  @Test func metricsOfRunsAndCheckpoints() {
    Sample.run(tree, "exp", rows: 5)
    for epoch in [0, 2, 4, 10] {
      tree.file(ByteString("exp/weights/epoch\(epoch).pt"), "x", modified: Sample.clock - Sample.day)
    }
    let scan = Scan(tree)
    #expect(scan.fact("exp", "mAP50") == number("0.80000"))
    #expect(scan.fact("exp", "first.mAP50") == number("0.16000"))
    #expect(scan.fact("exp", "last.mAP50-95") == number("0.080000"))
    // best.pt and last.pt are of 8.3.92: 0.1 · 0.8 + 0.9 · 0.08
    #expect(scan.fact("exp", "fitness") == number("0.152"))
    #expect(scan.fact("exp", "train.box_loss") == number("1.0"))
    #expect(scan.fact("exp", "epochs") == .value(.integer(5)))
    #expect(scan.fact("exp", "planned_epochs") == .value(.integer(100)))
    #expect(scan.checkpoint("exp/weights/epoch2.pt", "number") == .value(.integer(2)))
    #expect(scan.checkpoint("exp/weights/epoch2.pt", "epoch") == .value(.integer(3)))
    #expect(scan.checkpoint("exp/weights/epoch2.pt", "mAP50") == number("0.48000"))
    #expect(scan.checkpoint("exp/weights/epoch10.pt", "mAP50") == .missing)
    #expect(scan.checkpoint("exp/weights/best.pt", "epoch") == .value(.integer(5)))
    #expect(scan.checkpoint("exp/weights/last.pt", "role") == .value(.text("last")))
    #expect(scan.checkpoint("exp/weights/last.pt", "epoch") == .value(.integer(5)))
  }

  @Test func zeroBasedFilesCountLikeTheirCheckpoints() {
    Sample.run(tree, "exp", rows: 0)
    tree.file("exp/results.csv", Sample.csv(5, first: 0))
    tree.file("exp/weights/epoch2.pt", "x")
    let scan = Scan(tree)
    #expect(scan.checkpoint("exp/weights/epoch2.pt", "epoch") == .value(.integer(2)))
    #expect(scan.checkpoint("exp/weights/epoch2.pt", "mAP50") == number("0.48000"))
  }

  @Test func rolesOfCheckpoints() {
    Sample.run(tree, "exp")
    for name in ["epoch7.pt", "epoch.pt", "epoch7x.pt", "last_mosaic.pt", "best.onnx", ".hidden.pt", "deep/best.pt"] {
      tree.file(ByteString("exp/weights/" + name), "x")
    }
    tree.symlink("exp/weights/linked.pt", to: "best.pt")
    tree.file("exp/outside.pt", "x")
    let scan = Scan(tree)
    #expect(
      scan.checkpoints == [
        "exp/weights/best.pt", "exp/weights/epoch.pt", "exp/weights/epoch7.pt", "exp/weights/epoch7x.pt",
        "exp/weights/last.pt", "exp/weights/last_mosaic.pt",
      ])
    #expect(scan.checkpoint("exp/weights/epoch7x.pt", "role") == .value(.text("other")))
    #expect(scan.checkpoint("exp/weights/epoch7.pt", "role") == .value(.text("epoch")))
  }

  @Test func withoutAVersionTheNewestFitnessCounts() {
    Sample.run(tree, "exp", last: [1, 2, 3])
    let scan = Scan(tree)
    #expect(scan.fact("exp", "fitness") == number("0.08") && scan.notes("exp").contains("fitness-definition"))
  }

  @Test func valFalseWritesPlaceholders() {
    Sample.run(tree, "exp", rows: 0, more: "val: false\n")
    let header = Sample.plainHeader
    tree.file("exp/results.csv", header + "\n1,60,1.5,0,0,0,0,0\n2,120,1.4,0,0,0,0,0\n3,180,1.3,0.5,0.5,0.4,0.2,1.1\n")
    let scan = Scan(tree)
    #expect(scan.fact("exp", "first.mAP50") == number("0.4") && scan.fact("exp", "mAP50") == number("0.4"))
    #expect(scan.fact("exp", "first.train.box_loss") == number("1.5"))
    #expect(scan.fact("exp", "first.val.box_loss") == number("1.1"))
    #expect(scan.notes("exp").contains("placeholder-zeros"))
    tree.file("exp/args.yaml", Sample.arguments())
    #expect(Scan(tree).fact("exp", "first.mAP50") == number("0"))
  }

  @Test func stampsAndSizes() throws {
    Sample.run(tree, "exp", rows: 5, age: Sample.day)
    let scan = Scan(tree)
    #expect(scan.fact("exp", "modified_at") == .value(.integer(Sample.clock - Sample.day)))
    #expect(scan.fact("exp", "started_at") == .value(.integer(Sample.clock - Sample.day - Sample.hour)))
    let status = try DirectoryDescriptor.openRoot(tree.absolute("exp").bytes).status()
    #expect(scan.fact("exp", "created_at") == status.born.map { .value(.integer($0)) } ?? .missing)
    #expect(scan.fact("exp", "files") == .value(.integer(4)))
  }

  @Test func usersAreOwners() throws {
    Sample.run(tree, "exp")
    let mine = Accounts.account(uid: geteuid())?.name ?? ByteString("\(geteuid())")
    #expect(Scan(tree).fact("exp", "user") == .value(.text(mine)))
    guard geteuid() == 0 else {
      print("NOT RUN: usersAreOwners gives files away, which takes root")
      return
    }
    tree.owner("exp", 3_000_000)
    #expect(Scan(tree).fact("exp", "user") == .value(.text("3000000")))
  }

  @Test func capturedUsersMustOwnTheirRuns() {
    Sample.run(tree, "user_alice/exp")
    Sample.run(tree, "elsewhere/exp")
    let settings = ScanSettings(user: .pattern("user_{user}/**"), project: "*/{project}")
    let scan = Scan(tree, settings: settings)
    let expected: Fact = Accounts.isOrdinary(geteuid()) ? .unreadable : .value(.text("alice"))
    #expect(scan.fact("user_alice/exp", "user") == expected)
    #expect(scan.fact("user_alice/exp", "project") == .value(.text("exp")))
    #expect(scan.fact("elsewhere/exp", "user") == .unreadable)
    #expect(scan.notes("elsewhere/exp").contains("user-unknown"))
    guard geteuid() == 0 else {
      print("NOT RUN: the rest of capturedUsersMustOwnTheirRuns gives files away, which takes root")
      return
    }
    tree.owner("user_alice/exp", 3_000_000)
    let other = Scan(tree, settings: settings)
    #expect(other.fact("user_alice/exp", "user") == .unreadable)
    #expect(other.notes("user_alice/exp").contains("user-mismatch"))
    Sample.run(tree, "user_3000000/exp")
    tree.owner("user_3000000/exp", 3_000_000)
    #expect(Scan(tree, settings: settings).fact("user_3000000/exp", "user") == .value(.text("3000000")))
  }

  @Test func tagsCountWhenTheOwnerWroteThem() {
    Sample.run(tree, "exp")
    tree.file("exp/.policy-tags", "final\n\n# note\r\npaper 1 \nfinal\n")
    #expect(Scan(tree).fact("exp", "tags") == .value(.set(["final", "paper 1"])))
    guard geteuid() == 0 else {
      print("NOT RUN: the rest of tagsCountWhenTheOwnerWroteThem gives files away, which takes root")
      return
    }
    tree.owner("exp/.policy-tags", 3_000_000)
    #expect(Scan(tree).fact("exp", "tags") == .missing)
    #expect(Scan(tree).notes("exp").contains("tags-ignored"))
    tree.owner("exp", 3_000_000)
    #expect(Scan(tree).fact("exp", "tags") == .value(.set(["final", "paper 1"])))
  }

  @Test func referencesKeepTheirTargets() {
    for path in ["runs/a", "runs/b", "runs/c", "runs/d"] { Sample.run(tree, path) }
    let absolute = tree.absolute("runs/d/weights/best.pt").displayText
    Sample.run(tree, "runs/x", more: "model: runs/a/weights/best.pt\n")
    Sample.run(tree, "runs/y", more: "model: '\(absolute)'\n")
    Sample.run(tree, "runs/z", more: "resume: ../runs/b/weights/last.pt\nmodel: runs\\z\\weights\\last.pt\n")
    for root: ByteString in ["", "runs"] {
      let scan = Scan(tree, root: root)
      let marked = scan.snapshot.entities.filter { $0.facts.fact("referenced") == .value(.bool(true)) }.map(\.path)
      #expect(marked.map(\.lastComponent) == ["a", "b", "d"])
    }
  }

  @Test func withoutLastTheNewestCheckpointIsNeeded() {
    Sample.run(tree, "exp", last: nil)
    tree.file("exp/weights/epoch3.pt", "x", modified: Sample.clock - Sample.day)
    tree.file("exp/weights/epoch9.pt", "x", modified: Sample.clock - Sample.day)
    var scan = Scan(tree)
    #expect(scan.checkpoint("exp/weights/epoch9.pt", "resumable") == .value(.bool(true)))
    #expect(scan.checkpoint("exp/weights/epoch3.pt", "resumable") == .missing)
    // One that was never written is none.
    tree.file("exp/weights/last.pt", "", modified: Sample.clock - Sample.day)
    scan = Scan(tree)
    #expect(scan.entity("exp/weights/last.pt", .checkpoint) == nil)
    #expect(scan.checkpoint("exp/weights/epoch9.pt", "resumable") == .value(.bool(true)))
    tree.file("exp/weights/last.pt", "x", modified: Sample.clock - Sample.day)
    scan = Scan(tree)
    #expect(scan.checkpoint("exp/weights/last.pt", "resumable") == .value(.bool(true)))
    #expect(scan.checkpoint("exp/weights/epoch9.pt", "resumable") == .missing)
  }

  @Test func declaredFacts() {
    Sample.run(tree, "exp", rows: 3)
    tree.file("exp/dice.csv", "epoch,metrics/dice,stage\n1,0.2,a\n2,0.9,b\n3,0.4,c\n")
    tree.file("exp/eval.json", #"{"scores": {"iou": [0.3, 0.7, 0.5]}, "name/with~": 12, "bad": "x"}"#)
    tree.file("exp/log.jsonl", "{\"loss\": 3.5}\n{\"loss\": 1.25}\n{\"loss\": 2")
    func column(_ name: String, _ type: FactType, _ column: String, _ take: FactDeclaration.Take = .best)
      -> FactDeclaration
    {
      FactDeclaration(
        name: name, type: type, better: .higher, source: .column(file: "dice.csv", name: column, take: take))
    }
    func pointer(_ name: String, _ type: FactType, _ file: ByteString, _ text: String, _ better: Direction = .higher)
      -> FactDeclaration
    {
      FactDeclaration(
        name: name, type: type, better: better, source: .pointer(file: file, pointer: text, take: .best))
    }
    let facts = [
      column("dice", .ratio, "metrics/dice"), column("dice_last", .ratio, "metrics/dice", .last),
      column("stage", .string, "stage", .last), column("none", .ratio, "absent"),
      pointer("iou", .ratio, "eval.json", "/scores/iou"), pointer("count", .int, "eval.json", "/name~1with~0"),
      pointer("bad", .number, "eval.json", "/bad"), pointer("gone", .number, "eval.json", "/no"),
      pointer("loss", .number, "log.jsonl", "/loss", .lower), pointer("nofile", .number, "no.json", "/x"),
      pointer("nojson", .number, "dice.csv", "/x"), column("mAP50", .ratio, "metrics/dice"),
    ]
    let scan = Scan(tree, facts: facts)
    #expect(scan.fact("exp", "dice") == number("0.9") && scan.fact("exp", "dice_last") == number("0.4"))
    #expect(scan.fact("exp", "stage") == .value(.text("c")) && scan.fact("exp", "none") == .missing)
    #expect(scan.fact("exp", "iou") == number("0.7") && scan.fact("exp", "count") == .value(.integer(12)))
    #expect(scan.fact("exp", "bad") == .unreadable && scan.fact("exp", "gone") == .missing)
    #expect(scan.fact("exp", "loss") == number("1.25") && scan.fact("exp", "nofile") == .missing)
    #expect(scan.fact("exp", "nojson") == .unreadable)
    #expect(scan.fact("exp", "mAP50") == number("0.9"))
    #expect(scan.fact("exp", "last.mAP50") == number("0.80000"))
    #expect(scan.checkpoint("exp/weights/best.pt", "dice") == number("0.4"))
  }

  @Test func customLayouts() {
    let layout = LayoutDeclaration(
      name: "mine", markers: ["config.json", "logs/*.csv"],
      checkpoints: ["ckpt/step_{step}.pt", "ckpt/{role}.ckpt", "checkpoint-{step}"], metricFile: "logs/metrics.csv",
      metrics: [MetricDeclaration("dice", .ratio, better: .higher, columns: ["val/dice"])])
    tree.file("a/config.json", "{}", modified: Sample.clock - Sample.day)
    tree.file("a/logs/metrics.csv", "step,val/dice\n100,0.5\n200,0.7\n", modified: Sample.clock - Sample.day)
    for name in ["ckpt/step_100.pt", "ckpt/best.ckpt", "ckpt/odd.ckpt", "checkpoint-200/model.bin", "ckpt/step_x.pt"] {
      tree.file(ByteString("a/" + name), "xx", modified: Sample.clock - Sample.day)
    }
    tree.file("b/config.json", "{}")
    let scan = Scan(tree, settings: ScanSettings(layouts: [layout]))
    #expect(scan.runs == ["a"] && scan.entity("a")?.layout == "mine" && scan.state("a") == "interrupted")
    #expect(scan.fact("a", "dice") == number("0.7"))
    #expect(
      scan.checkpoints == ["a/checkpoint-200", "a/ckpt/best.ckpt", "a/ckpt/odd.ckpt", "a/ckpt/step_100.pt"])
    #expect(scan.checkpoint("a/ckpt/step_100.pt", "step") == .value(.integer(100)))
    #expect(scan.checkpoint("a/ckpt/best.ckpt", "role") == .value(.text("best")))
    #expect(scan.checkpoint("a/ckpt/odd.ckpt", "role") == .value(.text("other")))
    #expect(scan.checkpoint("a/checkpoint-200", "role") == .value(.text("step")))
    #expect(scan.entity("a/checkpoint-200", .checkpoint)?.identity?.type == .directory)
    #expect(scan.snapshot.unrecognised.map(\.path) == ["b"])
  }

  @Test func customLayoutsMayReadJSONLines() {
    let layout = LayoutDeclaration(
      name: "mine", markers: ["log.jsonl"], checkpoints: ["step_{step}.pt"], metricFile: "log.jsonl",
      metrics: [MetricDeclaration("dice", .ratio, better: .higher, columns: ["val/dice", "scores[1]"])])
    let old = Sample.clock - Sample.day
    tree.file(
      "a/log.jsonl", "{\"step\": 100, \"val/dice\": 0.50}\n{\"val/dice\": NaN, \"step\": 200}\n{\"st", modified: old)
    tree.file("a/step_100.pt", "xx", modified: old)
    tree.file("b/log.jsonl", "{\"epoch\": 0, \"scores\": [1, 0.25]}\n", modified: old)
    tree.file("c/log.jsonl", "step,val/dice\n", modified: old)
    let scan = Scan(tree, settings: ScanSettings(layouts: [layout]))
    #expect(scan.fact("a", "dice") == number("0.50") && scan.fact("a", "last.dice") == .missing)
    #expect(scan.fact("a", "epochs") == .missing && scan.notes("a") == ["half-written-line", "undefined-values"])
    #expect(scan.checkpoint("a/step_100.pt", "dice") == number("0.50"))
    #expect(scan.fact("b", "dice") == number("0.25") && scan.fact("b", "epochs") == .value(.integer(1)))
    #expect(scan.fact("c", "dice") == .unreadable && scan.state("c") == "unknown")
  }

  @Test func factsAreKnownToTheSchema() {
    Sample.run(tree, "exp")
    let schema = FactSchema()
    for entity in Scan(tree).snapshot.entities {
      for name in entity.facts.known.map(\.name) + entity.facts.unreadable {
        #expect(schema.definition(of: FactReference(name), on: entity.kind) != nil, "\(name)")
      }
    }
  }
}
