import PolicyCore
import PolicyFiles
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// What decides in the directories of real trainings, where they lie beside the repository; the page on states shows the
/// shares, and is held against them.
struct RealStateTests {
  @Test func theSharesOnThePageAreThose() throws {
    guard RealDataTests.text("MANIFEST.tsv") != nil else {
      print(
        "NOT RUN: no real data beside the repository (../shared/realdata); the shares on the page are as measured last")
      return
    }
    let root = ByteString(RealDataTests.realPath())
    // Long after the last change, whenever the files came here: nobody trains there.
    let newest = try TreeSummary.of(DirectoryDescriptor.openRoot(root.bytes)).newestModified
    let verdicts = Verdicts.of(root, clock: newest + 30 * Sample.day)
    var counts: [StateGround: Int] = [:]
    var layouts: [StateGround: [String: Int]] = [:]
    for (layout, verdict) in verdicts.values {
      counts[verdict.ground, default: 0] += 1
      layouts[verdict.ground, default: [:]][layout, default: 0] += 1
    }
    for ground in StateGround.allCases {
      let of = (layouts[ground] ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
      print("real data: \(ground.rawValue) decides in \(counts[ground] ?? 0): \(of.joined(separator: ", "))")
    }
    let rows = try StatePage.rows()
    for ground in StateGround.allCases {
      let share = Self.share(counts[ground] ?? 0, of: verdicts.count)
      #expect(rows[ground.rawValue]?.share == share, "\(StateGroundTests.page): \(ground.rawValue) is \(share)")
    }
    #expect(StatePage.text().contains(" \(verdicts.count) directories"), "\(verdicts.count) runs")
    #expect(verdicts.count > 80)
  }

  /// `27 (29 %)`, `none`.
  private static func share(_ count: Int, of all: Int) -> String {
    count == 0 ? "none" : "\(count) (\((200 * count + all) / (2 * all)) %)"
  }
}
