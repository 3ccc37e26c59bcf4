import Glibc
import PolicyCore
import PolicyTestSupport

@testable import PolicyScan

/// Made-up trainings.
enum Sample {
  static let second: Int64 = 1_000_000_000
  static let hour: Int64 = 3600 * second
  static let day: Int64 = 24 * hour
  /// The clock of the scans.
  static let clock: Int64 = 1_800_000_000 * second

  static let plainHeader =
    "epoch,time,train/box_loss,metrics/precision(B),metrics/recall(B),metrics/mAP50(B),metrics/mAP50-95(B),val/box_loss"

  /// `count` rows from `first`, rising to mAP50 = 0.8.
  static func csv(_ count: Int, first: Int = 1, secondsAnEpoch: Int = 60) -> String {
    var text = plainHeader + "\n"
    for index in 0..<count {
      let score = 80_000 * (index + 1) / max(count, 1)
      let digits = String(score + 1_000_000).dropFirst()
      text += "\(first + index),\((index + 1) * secondsAnEpoch),1.\(index),0.5,0.5,"
      text += "0.\(digits.dropFirst()),0.\(digits),1.1\n"
    }
    return text
  }

  static func arguments(epochs: Int = 100, more: String = "") -> String {
    "task: detect\nmode: train\nmodel: yolov8n.pt\nepochs: \(epochs)\n" + more
  }

  /// A whole Ultralytics run: arguments, metrics, weights; every mtime is `age` before the clock.
  static func run(
    _ tree: TemporaryTree, _ path: String, rows: Int = 5, epochs: Int = 100, age: Int64 = 10 * day,
    last: [UInt8]? = checkpoint(epoch: 4), more: String = "", plots: Bool = false
  ) {
    let stamp = clock - age
    func name(_ file: String) -> ByteString { ByteString(path.isEmpty ? file : path + "/" + file) }
    tree.file(name("args.yaml"), arguments(epochs: epochs, more: more), modified: stamp - hour)
    if rows >= 0 { tree.file(name("results.csv"), csv(rows), modified: stamp) }
    if let last {
      tree.file(name("weights/last.pt"), last, modified: stamp)
      tree.file(name("weights/best.pt"), [UInt8](repeating: 0, count: 9000), modified: stamp)
    }
    if plots { tree.file(name("results.png"), "png", modified: stamp) }
  }

  static func text(_ word: String) -> [UInt8] {
    let bytes = Array(word.utf8)
    return [0x58, UInt8(bytes.count), 0, 0, 0] + bytes + [0x71, 1]
  }

  /// A ZIP archive with one stored entry, whole.
  static func archive(pickle: [UInt8], name: String = "last/data.pkl") -> [UInt8] {
    func little(_ value: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    let sizes = little(pickle.count, 4) + little(pickle.count, 4)
    var bytes: [UInt8] = [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 22)
    bytes += [UInt8(name.utf8.count), 0, 4, 0] + Array(name.utf8) + [0x46, 0x42, 0, 0] + pickle
    let start = bytes.count
    bytes += [0x50, 0x4B, 1, 2] + [UInt8](repeating: 0, count: 16) + sizes
    bytes += [UInt8(name.utf8.count), 0] + [UInt8](repeating: 0, count: 16) + Array(name.utf8)
    let length = bytes.count - start
    bytes += [0x50, 0x4B, 5, 6, 0, 0, 0, 0, 1, 0, 1, 0] + little(length, 4) + little(start, 4) + [0, 0]
    return bytes
  }

  static func header(_ bytes: [UInt8]) -> CheckpointHeader? {
    CheckpointHeader(of: Int64(bytes.count)) { offset, count in Array(bytes.dropFirst(Int(offset)).prefix(count)) }
  }

  /// The beginning of a `.pt` file as Ultralytics 8.3 writes it.
  static func checkpoint(epoch: Int32, version: String = "8.3.92") -> [UInt8] {
    var pickle: [UInt8] = [0x80, 2, 0x7D, 0x71, 0, 0x28]
    pickle += text("date") + text("2026-11-02T10:00:00") + text("version") + text(version) + text("epoch")
    pickle += [0x4A] + (0..<4).map { UInt8(truncatingIfNeeded: UInt32(bitPattern: epoch) >> UInt32(8 * $0)) }
    pickle += text("best_fitness") + [0x4E] + text("model") + Array("cultralytics.nn.tasks\nDetectionModel\n".utf8)
    return archive(pickle: pickle + [UInt8](repeating: 0, count: 3000))
  }
}

/// A scan of a temporary tree, and the questions that tests ask it.
struct Scan {
  let result: ScanResult
  var snapshot: Snapshot { result.snapshot }

  init(
    _ tree: TemporaryTree, root: ByteString = "", settings: ScanSettings = ScanSettings(),
    facts: [FactDeclaration] = [], clock: Int64 = Sample.clock, homes: [ByteString] = [], threads: Int? = nil
  ) {
    let request = ScanRequest(
      roots: [tree.absolute(root)], settings: settings, facts: facts, clock: Timestamp(nanoseconds: clock),
      host: "gpu1", homes: homes, threads: threads)
    var found = Scanner.scan(request)
    // A process that another test is just starting has copies of our descriptors until it runs its program.
    if found.snapshot.entities.contains(where: { $0.facts.fact("in_use") == .value(.bool(true)) }) {
      usleep(100_000)
      found = Scanner.scan(request)
    }
    result = found
  }

  var runs: [ByteString] { snapshot.entities.filter { $0.kind == .run }.map(\.path) }
  var checkpoints: [ByteString] { snapshot.entities.filter { $0.kind == .checkpoint }.map(\.path) }

  func entity(_ path: ByteString, _ kind: EntityKind = .run) -> Entity? {
    snapshot.entities.first { $0.path == path && $0.kind == kind }
  }

  func fact(_ path: ByteString, _ name: String) -> Fact { entity(path)?.facts.fact(name) ?? .missing }
  func state(_ path: ByteString) -> String? {
    guard case .value(.text(let state)) = fact(path, "state") else { return nil }
    return state.utf8Text
  }
  func checkpoint(_ path: ByteString, _ name: String) -> Fact {
    entity(path, .checkpoint)?.facts.fact(name) ?? .missing
  }
  func notes(_ path: ByteString) -> [String] { entity(path)?.notes.map(\.code) ?? [] }
}
