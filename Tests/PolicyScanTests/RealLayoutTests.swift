import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Files of real trainings of every framework, where they lie beside the repository: whose they are, and their figures.
struct RealLayoutTests {
  /// Which layout a kind of file belongs to, and how many components its path has below the run.
  private static func place(_ kind: String, _ path: String) -> (layout: String, depth: Int)? {
    let parts = path.split(separator: "/")
    switch kind {
    case "RT-DETR log.txt": return ("rtdetr", 1)
    case "detectron2": return ("detectron2", 1)
    case "hf-transformers", "git-lfs-pointer":
      return ("huggingface", parts.dropLast().last?.hasPrefix("checkpoint-") == true ? 2 : 1)
    case "lightning": return ("lightning", 1)
    case "mlflow":
      guard let mlruns = parts.firstIndex(of: "mlruns"), parts.count - mlruns >= 4 else { return nil }
      return ("mlflow", parts.count - mlruns - 3)
    case "mmengine": return ("mmengine", parts.last == "last_checkpoint" ? 1 : 3)
    case "wandb": return ("wandb", 2)
    case "yolov7/yolov5<=4 results.txt": return ("yolov7", 1)
    case "ultralytics args": return ("ultralytics", 1)
    case "yolov5/7 hyp.yaml", "yolov5/7 opt.yaml": return ("yolov5", 1)
    case let kind where kind.hasPrefix("yolov5-"): return ("yolov5", 1)
    case let kind where kind.hasPrefix("ultralytics-"): return ("ultralytics", 1)
    case _: return nil
    }
  }

  /// Where the files lie that no run holds: metric files that somebody copied away from their arguments.
  private static let alone: Set<String> = [
    "1543siddhant__ANPR-System-Dev/Weights/results.csv",
    "estebanfoucher__sailboat_CV/runs/detect/rtdetr/results.csv",
  ]

  @Test func everyFileBelongsToItsRun() throws {
    guard let manifest = RealDataTests.text("MANIFEST.tsv") else {
      print("NOT RUN: no real data beside the repository (../shared/realdata)")
      return
    }
    let result = Scanner.scan(ScanRequest(roots: [ByteString(RealDataTests.realPath())], homes: []))
    let runs = Dictionary(
      result.snapshot.entities.filter { $0.kind == .run }.map { ($0.path.displayText, $0) },
      uniquingKeysWith: { a, _ in a })
    var counts: [String: (found: Int, all: Int)] = [:]
    var (left, lost): ([String], Set<String>) = ([], [])
    for line in manifest.split(separator: "\n").dropFirst() {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      let path = cells[0].split(separator: "/").joined(separator: "__") + "/" + cells[2]
      guard let (layout, depth) = Self.place(cells[3], cells[2]) else {
        left.append(path)
        continue
      }
      let run = path.split(separator: "/").dropLast(depth).joined(separator: "/")
      let found = runs[run]?.layout
      // The arguments of YOLOv7 are those of YOLOv5.
      let fits = found == layout || layout == "yolov5" && found == "yolov7"
      counts[layout, default: (0, 0)].all += 1
      if fits { counts[layout, default: (0, 0)].found += 1 } else { lost.insert(path) }
    }
    for (layout, count) in counts.sorted(by: { $0.key < $1.key }) {
      print("real data: \(layout): \(count.found) of \(count.all) files belong to a run of this layout")
    }
    print("real data: in no run by their nature: \(left.sorted())")
    #expect(lost == Self.alone)
    #expect(left.count == 3)
    #expect(counts.values.map(\.all).reduce(0, +) > 200)
    try figures(runs)
  }

  /// Figures that a script of another language took from the same files.
  private static let expected: [(run: String, fact: String, text: String?)] = [
    ("Hammer-888__rtdetr-pytorch/output/rtdetr_r50vd_6x_coco", "epochs", "1"),
    ("Hammer-888__rtdetr-pytorch/output/rtdetr_pvt_small_6x_coco", "epochs", "10"),
    ("Ghailen-Ben-Achour__detectron2_detection/output", "mAP50-95", "0.757732398239824"),
    ("Ghailen-Ben-Achour__detectron2_detection/output", "mAP50", "1"),
    ("Ghailen-Ben-Achour__detectron2_detection/output", "first.mAP50-95", "0.23934527287997305"),
    ("Ghailen-Ben-Achour__detectron2_detection/output", "train.loss", "0.4286037251627022"),
    ("Elbhnasy__Medical_Waste_Detection_Detectron2/output", "train.loss", "0.9390110089443624"),
    ("protaxY__MAI_Moscow_3D_segmentation", "mIoU", "0.33155714888361587"),
    ("protaxY__MAI_Moscow_3D_segmentation", "val.loss", "0.7578408718109131"),
    ("protaxY__MAI_Moscow_3D_segmentation", "epochs", "31"),
    ("protaxY__MAI_Moscow_3D_segmentation", "planned_epochs", "50"),
    ("DefaultMaxim__mlops_hw1/lightning_logs/version_0", "val.loss", "1.3889143466949463"),
    ("DefaultMaxim__mlops_hw1/lightning_logs/version_0", "epochs", "5"),
    ("DefaultMaxim__mlops_hw1/lightning_logs/version_1", "val.loss", "1.218967080116272"),
    ("Kamil-Jan__asl_project/lightning_logs/version_0", "val.loss", "0.007815664634108543"),
    ("Kamil-Jan__asl_project/lightning_logs/version_0", "accuracy", "0.9979310631752014"),
    ("Kamil-Jan__asl_project/lightning_logs/version_0", "last.f1", "0.9967830181121826"),
    ("Kamil-Jan__asl_project/lightning_logs/version_0", "epochs", "10"),
    ("Jordi6__pytorchLit15min/lightning_logs/version_0", "train.loss", "0.038861844688653946"),
    ("Sunny2884__yolov7/runs/train/exp", "mAP50-95", "0.3874"),
    ("Sunny2884__yolov7/runs/train/exp", "epochs", "150"),
    // Pointers, a file in conflict: there, and not readable.
    ("Observer-18__nlp", "val.loss", nil),
    ("justin-donnelly__HuggingFace-Spam-Detection", "val.loss", nil),
    ("piguaizjx__MMPretrain_homework/work_dirs", "accuracy_top1", nil),
  ]

  private func figures(_ runs: [String: Entity]) throws {
    for (path, name, text) in Self.expected {
      let run = try #require(runs[path], "\(path)")
      guard let text else {
        #expect(run.facts.fact(name) == .unreadable, "\(path) \(name)")
        continue
      }
      switch run.facts.fact(name) {
      case .value(.number(let number)): #expect(number == text, "\(path) \(name)")
      case .value(.integer(let number)): #expect("\(number)" == text, "\(path) \(name)")
      case let other: Issue.record("\(path) \(name): \(other)")
      }
    }
    print("real data: \(Self.expected.count) figures of the other frameworks agree")
    let guarded = runs.values.filter { $0.layout == "mlflow" || $0.layout == "wandb" }
    #expect(guarded.count == 8)
    for run in guarded { #expect(run.facts.fact("state") == .value(.text("unknown")), "\(run.path.displayText)") }
  }
}
