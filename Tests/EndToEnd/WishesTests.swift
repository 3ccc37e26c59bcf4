internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// The page of wishes: every test that it names exists.
struct WishesTests {
  @Test func `every test that shows a wish exists`() throws {
    let page = try String(contentsOfFile: repositoryRoot + "/Docs/Wishes.md", encoding: .utf8)
    let rows = page.split(separator: "\n").filter { $0.hasPrefix("| ") }.dropFirst(2)
    #expect(rows.count >= 17)
    for row in rows {
      let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      try #require(cells.count == 3, "\(row)")
      // [GuardTests](../Tests/…/GuardTests.swift) `name`, [race.py](../Tests/…/race.py)
      for part in cells[2].components(separatedBy: ", [") {
        let link = try #require(part.split(separator: "(").last?.split(separator: ")").first, "\(part)")
        let text = try String(contentsOfFile: repositoryRoot + "/Docs/" + link, encoding: .utf8)
        let name = part.split(separator: "`").dropFirst().first.map(String.init)
        if let name {
          let spellings = ["func \(name)(", "func `\(name)`(", "def \(name)("]
          #expect(spellings.contains { text.contains($0) }, "\(part)")
        } else {
          // A campaign is run by a script, whole.
          let campaigns = try String(contentsOfFile: repositoryRoot + "/scripts/campaigns", encoding: .utf8)
          #expect(campaigns.contains("run " + (link.split(separator: "/").last ?? "")), "\(part)")
        }
      }
    }
  }
}
