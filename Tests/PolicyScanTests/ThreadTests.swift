import PolicyCore
import PolicyFiles
import PolicyFormats
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Several threads find what one finds, byte for byte.
struct ThreadTests {
  /// Runs at every level, in each other and side by side; links, hidden and excluded directories, places that no layout
  /// knows, checkpoints, references, and paths deeper than the pieces go.
  static func tree(_ seed: UInt64) -> TemporaryTree {
    let tree = TemporaryTree()
    var state = seed
    func random(_ below: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % below
    }
    var folders = [""]
    for number in 0..<120 {
      let above = folders[Int(random(UInt64(folders.count)))]
      let name = ["exp\(number)", "exp\(number)", "b\(number)", "a\(number)", ".hidden\(number)", "skip\(number)"][
        Int(random(6))]
      let text = above.isEmpty ? name : "\(above)/\(name)"
      guard text.split(separator: "/").count < 20 else { continue }
      switch random(4) {
      case 0: Sample.run(tree, text)
      case 1:
        Sample.run(tree, text)
        tree.file(ByteString(text + "/weights/epoch\(number).pt"), String(repeating: "w", count: number))
        if random(2) == 0 {
          tree.hardLink(
            ByteString(text + "/weights/epoch1\(number).pt"), to: ByteString(text + "/weights/epoch\(number).pt"))
        }
      case 2: tree.file(ByteString(text + "/notes.txt"), "no run")
      case _: tree.directory(ByteString(text))
      }
      folders.append(text)
      if random(5) == 0 { tree.symlink(ByteString(text + "-link"), to: name) }
      // Chains of directories above runs, deeper than pieces are shared.
      if random(6) == 0 { Sample.run(tree, text + "/1/2/3/4/5/6/7/8/9/exp") }
    }
    return tree
  }

  @Test func oneTwoAndEightThreadsFindTheSame() {
    var (runs, checkpoints, unrecognised) = (0, 0, 0)
    for seed in 1...UInt64(15 * longFactor) {
      let tree = Self.tree(seed)
      let bytes = [1, 2, 8].map { threads in
        var request = ScanRequest(
          roots: [tree.absolute("")], settings: ScanSettings(exclude: ["**/skip*"]),
          clock: Timestamp(nanoseconds: Sample.clock), host: "gpu1", homes: [], threads: threads)
        request.sharedFrom = 0
        var snapshot = Scanner.scan(request).snapshot
        // Of the whole disk, which others write meanwhile.
        snapshot.volumes = []
        if threads == 8 {
          runs += snapshot.entities.count { $0.kind == .run }
          checkpoints += snapshot.entities.count { $0.kind == .checkpoint }
          unrecognised += snapshot.unrecognised.count
        }
        return SnapshotCodec.encode(snapshot)
      }
      #expect(bytes[0] == bytes[1] && bytes[0] == bytes[2], "seed \(seed)")
    }
    print(
      "\(15 * longFactor) trees by 1, 2 and 8 threads: \(runs) runs, \(checkpoints) checkpoints, \(unrecognised) unrecognised, the same"
    )
    #expect(runs > 200 && checkpoints > 500 && unrecognised > 10)
  }

  @Test func progressCountsWhatWasLookedAt() {
    let tree = TemporaryTree()
    for number in 0..<30 { Sample.run(tree, "user/exp\(number)") }
    let progress = ScanProgress()
    var request = ScanRequest(roots: [tree.absolute("")], clock: Timestamp(nanoseconds: Sample.clock), host: "gpu1")
    request.progress = progress
    let snapshot = Scanner.scan(request).snapshot
    #expect(progress.now.runs == 30 && snapshot.entities.count { $0.kind == .run } == 30)
    #expect(progress.now.entries > 60)
  }
}
