import Foundation
import PolicyAnalysis
import PolicyCore
import PolicySyntax
import PolicyTestSupport
import Testing

/// One parameter of a quota or watermark is changed by hand: a small snapshot shows it.
@Suite struct ReliefWitnessTests {
  struct Edit: Sendable, CustomTestStringConvertible {
    let policy: String
    let from: String
    let to: String
    /// Most things in the snapshot, those in the trash counted.
    let most: Int
    var testDescription: String { "\(from) → \(to)" }
  }

  static let edits: [Edit] = [
    Edit(policy: "disk-pressure", from: "min_age: 12h", to: "min_age: 13h", most: 2),
    Edit(policy: "disk-pressure", from: "low: 80%", to: "low: 79%", most: 3),
    Edit(policy: "disk-pressure", from: "high: 90%", to: "high: 91%", most: 2),
    Edit(policy: "disk-pressure", from: "order: [age desc]", to: "order: [age asc]", most: 3),
    Edit(policy: "disk-pressure", from: "bytes desc", to: "bytes asc", most: 4),
    Edit(policy: "disk-pressure", from: "missing first, age", to: "missing last, age", most: 4),
    Edit(policy: "shared-gpu-box", from: "of: runs\n    per: user", to: "of: runs\n    per: [user, project]", most: 4),
  ]

  @Test(arguments: edits) func aSmallSnapshotShowsIt(_ edit: Edit) throws {
    let path = repositoryRoot + "/policies/\(edit.policy)/policy.yaml"
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    #expect(text.contains(edit.from))
    func load(_ text: String) throws -> Policy {
      try #require(PolicyLoader.load("p.yaml") { _ in .success(Array(text.utf8)) }.loaded).policy
    }
    let comparison = PolicyComparer.compare(try load(text), try load(text.replacing(edit.from, with: edit.to)))
    guard case .different(let difference) = comparison.verdict else {
      Issue.record("\(comparison.verdict): \(comparison.reason)")
      return
    }
    let size = difference.snapshot.entities.count + difference.snapshot.trash.count
    #expect(size <= edit.most, "\(size)")
  }
}
