import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// What each framework needs to go on with a training that has not ended, and which runs the arguments of others name.
struct ResumingTests {
  /// The checkpoints that going on needs, of the case `clean` of each layout: a training that broke off.
  private static let needed: [String: Set<ByteString>] = [
    "ultralytics": ["last.pt"], "yolov5": ["last.pt"], "yolov7": ["last.pt"], "lightning": ["last.ckpt"],
    "huggingface": ["checkpoint-60"], "mmengine": ["epoch_4.pth"], "detectron2": ["model_0000079.pth"],
    "rtdetr": ["checkpoint.pth"], "keras": ["weights.03-0.75.weights.h5"], "nnunet": ["checkpoint_latest.pth"],
    "yolox": ["latest_ckpt.pth"], "custom": ["last.pt"],
    // Theirs to keep: they hold no checkpoints for us.
    "mlflow": [], "wandb": [],
  ]

  @Test(arguments: LayoutCase.layouts) func namesWhatResumingNeeds(_ layout: String) throws {
    let scan = Scan(LayoutCase(layout: layout, name: "clean").build(), settings: LayoutCase.settings(layout))
    let run = try #require(scan.snapshot.entities.first { $0.kind == .run && $0.layout == layout })
    let marked = scan.snapshot.entities.filter {
      $0.kind == .checkpoint && $0.facts.fact("resumable") == .value(.bool(true))
    }
    let needed = try #require(Self.needed[layout])
    #expect(Set(marked.map(\.path.lastComponent)) == needed)
    // A run that has ended needs nothing; so does one without checkpoints.
    let hasEnded = run.facts.fact("state") == .value(.text("finished"))
    #expect(run.facts.fact("resumable") == (needed.isEmpty || hasEnded ? .missing : .value(.bool(true))))
  }

  @Test func aRunThatHasEndedNeedsNothing() throws {
    var tried: Set<String> = []
    for example in LayoutCase.all {
      let scan = Scan(example.build(), settings: LayoutCase.settings(example.layout))
      for run in scan.snapshot.entities where run.kind == .run {
        guard run.facts.fact("state") == .value(.text("finished")) else { continue }
        #expect(run.facts.fact("resumable") == .missing, "\(example)")
        tried.insert(run.layout)
      }
    }
    // Nothing tells of an end in those.
    #expect(tried == Set(LayoutCase.layouts).subtracting(["rtdetr", "keras", "custom"]))
  }

  /// A file of a run that names the weights `first/weights/best.pt`, besides those that make it a run.
  private static let naming: [String: [(file: String, text: String)]] = [
    "ultralytics": [("args.yaml", "task: detect\nmode: train\nepochs: 9\nmodel: first/weights/best.pt\n")],
    "yolov5": [("opt.yaml", "weights: first/weights/best.pt\nepochs: 9\n"), ("hyp.yaml", "lr0: 0.1\n")],
    "yolov7": [("opt.yaml", "weights: first/weights/best.pt\nepochs: 9\n"), ("results.txt", "")],
    "lightning": [("hparams.yaml", "ckpt_path: first/weights/best.pt\n"), ("metrics.csv", "epoch,step\n0,1\n")],
    "huggingface": [
      ("checkpoint-1/trainer_state.json", "{\"global_step\": 1}"),
      ("adapter_config.json", "{\"base_model_name_or_path\": \"first/weights/best.pt\"}"),
    ],
    "mmengine": [
      ("20260301_101500/vis_data/config.py", "load_from = 'first/weights/best.pt'\n"),
      ("20260301_101500/vis_data/scalars.json", "{\"epoch\": 1, \"step\": 1}\n"),
    ],
    "detectron2": [
      ("config.yaml", "MODEL:\n  WEIGHTS: first/weights/best.pt\n"), ("metrics.json", "{\"iteration\": 1}\n"),
    ],
    "yolox": [
      ("train_log.txt", "2026-03-01 | INFO | yolox.core.trainer:130 - args: Namespace(ckpt='first/weights/best.pt')\n")
    ],
  ]

  /// Those write no path of weights into a run, or a tool of their own keeps it.
  private static let silent: Set<String> = ["rtdetr", "keras", "nnunet", "mlflow", "wandb"]

  @Test(arguments: naming.keys.sorted()) func seesTheRunsThatItNames(_ layout: String) throws {
    let tree = TemporaryTree()
    Sample.run(tree, "first")
    Sample.run(tree, "other")
    for (file, text) in Self.naming[layout] ?? [] { tree.file(ByteString("second/" + file), text) }
    let scan = Scan(tree)
    #expect(scan.entity("second")?.layout == layout)
    #expect(scan.fact("first", "referenced") == .value(.bool(true)))
    for path: ByteString in ["second", "other"] { #expect(scan.fact(path, "referenced") == .missing) }
  }

  @Test func everyLayoutIsLookedAt() {
    #expect(Set(Self.naming.keys).union(Self.silent) == Set(BuiltInLayouts.all.map(\.name)))
    #expect(Set(Self.needed.keys) == Set(LayoutCase.layouts))
  }
}
