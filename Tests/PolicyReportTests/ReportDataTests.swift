internal import Foundation
internal import PolicyCore
internal import PolicyFormats
internal import Testing

@testable import PolicyReport

/// What stands in the page of a plan: all of it, safe, and the same for the same plan.
struct ReportDataTests {
  private static let odd: ByteString = "alice/</script><img src=x onerror=alert(1)>\u{1B}[31m\u{202E}gnp"

  private func page(
    _ plan: Plan, _ snapshot: Snapshot?, language: PlanReport.Language = .auto, curves: PlanReport.Curves = .off
  ) throws -> String {
    var bytes: [UInt8] = []
    let report = PlanReport(sealed: try Scene.saved(plan), snapshot: snapshot, curves: curves, language: language)
    ReportHTML.render(report) { bytes += $0 }
    return try #require(String(validating: bytes, as: UTF8.self))
  }

  private func parsed(_ page: String) throws -> [String: Any] {
    let open = try #require(page.firstRange(of: "<script type=\"application/json\" id=\"data\">"))
    let close = try #require(page[open.upperBound...].firstRange(of: "</script>"))
    let json = try JSONSerialization.jsonObject(with: Data(page[open.upperBound..<close.lowerBound].utf8))
    return try #require(json as? [String: Any])
  }

  private func ordinary() throws -> (page: String, snapshot: Snapshot) {
    let snapshot = Scene.snapshot()
    return (try page(Planner.plan(Scene.policy(), on: snapshot), snapshot), snapshot)
  }

  @Test func `every run has one place in every column`() throws {
    let (page, snapshot) = try ordinary()
    let data = try parsed(page)
    let runs = try #require(data["runs"] as? [String: [Any]])
    let count = snapshot.entities.count { $0.kind == .run }
    #expect(runs.count == 20)
    for (name, column) in runs { #expect(column.count == count, "\(name)") }
    let items = try #require(data["items"] as? [String: [Any]])
    #expect(Set(items.values.map(\.count)).count == 1)
    #expect(data["isWhole"] as? Bool == true)
    let bytes = try #require(runs["bytes"] as? [Int])
    #expect(Int64(bytes.reduce(0, +)) == Scene.bytes(snapshot))
  }

  @Test func `what goes, and what that frees, is what the plan says`() throws {
    let snapshot = Scene.snapshot()
    let plan = Planner.plan(Scene.policy(), on: snapshot)
    let data = try parsed(page(plan, snapshot))
    let runs = try #require(data["runs"] as? [String: [Any]])
    let later = try #require(runs["later"] as? [Int])
    #expect(!plan.actions.isEmpty)
    #expect(Int64(later.reduce(0, +)) == plan.actions.reduce(0) { $0 + $1.freesLater })
    let fates = try #require(data["fates"] as? [String])
    let named = try #require(runs["fate"] as? [Int]).map { fates[$0] }
    #expect(named.count { $0 == "trash" } == plan.actions.count { $0.verb == .trash && $0.kind == .run })
    #expect(named.contains("thin") == plan.actions.contains { $0.kind == .checkpoint })
    #expect(named.count { $0 == "held" } <= plan.held.count && named.contains("held"))
  }

  @Test func `no name ends an element, runs, or moves a terminal`() throws {
    let snapshot = Scene.snapshot([Scene.run(Self.odd, days: 70)])
    let page = try page(Planner.plan(Scene.policy(), on: snapshot), snapshot)
    #expect(!page.contains("<img") && !page.contains("</script><img"))
    #expect(page.contains("script>\\u003cimg src=x"))
    #expect(page.contains("&lt;/script&gt;"), "the part without scripts has it as text")
    let raw = page.unicodeScalars.filter { scalar in
      let category = scalar.properties.generalCategory
      return scalar != "\n" && (category == .control || category == .format)
    }
    #expect(raw.isEmpty)
    let rows = try #require(try parsed(page)["runs"] as? [String: [Any]])
    #expect((rows["name"] as? [String])?.contains { $0.contains("\\x1b[31m\\u{202e}gnp") } == true)
  }

  @Test func `the same plan gives the same bytes`() throws {
    #expect(try ordinary().page == ordinary().page)
    let year = String(Calendar(identifier: .gregorian).component(.year, from: Date()))
    let page = try ordinary().page
    #expect(year == "2027" || !page.contains("\"\(year)-"), "no clock of now is in it")
  }

  @Test func `without the tree it shows what the plan speaks of, and says so`() throws {
    let plan = Scene.everything()
    let data = try parsed(page(plan, nil))
    #expect(data["isWhole"] as? Bool == false)
    let runs = try #require(data["runs"] as? [String: [Any]])
    let speaks =
      plan.actions.count + plan.held.count { $0.kind == .run } + plan.undecided.count
    #expect(runs["name"]?.count == speaks)
    #expect((data["unmet"] as? [Int])?.count == 2)
    #expect((data["rules"] as? [[String: Any]])?.contains { $0["id"] as? String == "per-user" } == true)
  }

  @Test func `the part without scripts has the figures and the largest runs, in both languages`() throws {
    let snapshot = Scene.snapshot()
    let plan = Planner.plan(Scene.policy(), on: snapshot)
    let english = try page(plan, snapshot)
    let chinese = try page(plan, snapshot, language: .chinese)
    #expect(english.contains("<li>Goes: <strong>") && english.contains("<td>trash</td>"))
    #expect(
      chinese.contains("<li>移走: <strong>") && chinese.contains("<td>移入回收站</td>") && chinese.contains("lang=\"zh-CN\""))
    #expect(english.contains("李雷/特征级融合"))
  }

  @Test func `a curve is a letter a point`() throws {
    let snapshot = Scene.snapshot()
    let key = PlanReport.RunKey(host: "gpu1", root: "/data/runs", path: "alice/det/exp1")
    let curve = MetricCurve(metric: "mAP50", rows: 4, low: "0.1", high: "0.9", points: [0, nil, 31, 63])
    let plan = Planner.plan(Scene.policy(), on: snapshot)
    let runs = try #require(try parsed(page(plan, snapshot, curves: .read([key: curve])))["runs"] as? [String: [Any]])
    #expect((runs["curve"] as? [String])?.filter { !$0.isEmpty } == ["0 Oo"])
  }

  @Test func `a page knows its own kind`() throws {
    let (page, _) = try ordinary()
    #expect(ReportHTML.isReport(Array(page.utf8)))
    #expect(!ReportHTML.isReport(Array("<!doctype html><title>mine</title>".utf8)))
    #expect(!ReportHTML.isReport([]))
  }

  @Test func `refusals are told in both languages`() {
    let checks = [
      Check(subject: .limit, name: "max_trash", holds: false, value: 12, maximum: 10),
      Check(subject: .never, name: "paper", holds: false, violators: ["a", "b", "c", "d"]),
      Check(subject: .limit, name: "max_trash_bytes", holds: true, value: 1, maximum: 2),
    ]
    let plan = Plan(
      now: Timestamp(nanoseconds: 0), roots: [], actions: [], held: [], undecided: [], unmet: [], checks: checks,
      counts: Plan.Counts(), refusals: ["one", "two"])
    #expect(
      ReportSentences.refusals(plan) == [
        Bilingual("limit max_trash: 12, at most 10 allowed", "限额 max_trash：12，最多允许 10"),
        Bilingual(
          "never paper does not hold: a, b, c and 1 more would go", "never paper 不成立：a、b、c，还有 1 个 会被移走"),
      ])
  }
}
