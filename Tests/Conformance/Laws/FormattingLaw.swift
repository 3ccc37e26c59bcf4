internal import Foundation
internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicySyntax
internal import PolicyTestSupport
internal import Testing

/// `policy fmt` on every policy in the repository, as it stands and with comments put into it everywhere.
@Suite("formatting: nothing but the layout changes") struct FormattingLaw {
  static let paths: [String] = ["policies", "Tests/Corpus/check", "Tests/Corpus/analysis"].flatMap { folder in
    let found =
      FileManager.default.enumerator(atPath: repositoryRoot + "/" + folder)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".yaml") && !$0.contains("cases/") }.map { folder + "/" + $0 }
  }.sorted()

  static func load(_ path: String, _ bytes: [UInt8]) -> LoadedPolicy? {
    let whole = repositoryRoot + "/" + path
    return PolicyLoader.load(whole) { other in
      if other == whole { return .success(bytes) }
      return (try? Data(contentsOf: URL(filePath: other))).map { .success(Array($0)) }
        ?? .failure(ReadFailure(reason: "it is not there"))
    }.loaded
  }

  /// Policies without errors.
  static let policies: [(path: String, bytes: [UInt8])] = paths.compactMap { path in
    guard let data = try? Data(contentsOf: URL(filePath: repositoryRoot + "/" + path)) else { return nil }
    let bytes = Array(data)
    return load(path, bytes) == nil ? nil : (path, bytes)
  }

  static func check(_ path: String, _ bytes: [UInt8]) {
    let source = SourceText(path: path, bytes: bytes)
    guard let once = PolicyFormatter.format(source) else {
      Issue.record("\(path) is not formatted")
      return
    }
    let formatted = SourceText(path: path, bytes: once)
    #expect(load(path, once)?.policy == load(path, bytes)?.policy, "\(path)")
    #expect(PolicyFormatter.comments(formatted) == PolicyFormatter.comments(source), "\(path)")
    // Counted without the formatter's own eyes.
    let mark = "# 注释"
    let count = { (bytes: [UInt8]) in String(decoding: bytes, as: UTF8.self).ranges(of: mark).count }
    #expect(count(once) == count(bytes), "\(path)")
    #expect(
      PolicyFormatter.format(formatted) == once, "\(path) again:\n\(String(decoding: once, as: UTF8.self))")
  }

  @Test func everyPolicyKeepsItsMeaningAndItsComments() {
    #expect(Self.policies.count > 80)
    for (path, bytes) in Self.policies { Self.check(path, bytes) }
  }

  @Test func commentsAnywhereStay() {
    var count = 0
    for (index, policy) in Self.policies.enumerated() {
      for round in 0..<CaseCount.scaled(3) {
        var dice = Dice(UInt64(index * 1_000 + round))
        let commented = Self.commented(policy.bytes, &dice)
        guard let loaded = Self.load(policy.path, commented),
          loaded.policy == Self.load(policy.path, policy.bytes)?.policy
        else { continue }
        count += 1
        Self.check(policy.path, commented)
      }
    }
    print("formatting: \(count) policies with comments put into them")
    #expect(count > 150)
  }

  /// Every way to lay out the same rules, with comments wherever YAML lets them be.
  @Test func everyLayoutIsFormatted() {
    var count = 0
    for seed in 0..<UInt64(CaseCount.scaled(600)) {
      var author = LayoutAuthor(seed)
      let layout = author.file()
      let bytes = Array(layout.utf8)
      guard Self.load("layout.yaml", bytes) != nil else {
        let found = PolicyLoader.load("p.yaml") { _ in .success(bytes) }.diagnostics.map(\.message)
        Issue.record("seed \(seed) is no policy: \(found)\n\(layout)")
        continue
      }
      count += 1
      guard let once = PolicyFormatter.format(SourceText(path: "layout.yaml", bytes: bytes)) else {
        Issue.record("seed \(seed) is not formatted:\n\(layout)")
        continue
      }
      let text = String(decoding: once, as: UTF8.self)
      let shown: Comment = "seed \(seed)\n\(layout)\n>>>\n\(text)"
      #expect((Self.load("layout.yaml", once)?.policy == Self.load("layout.yaml", bytes)?.policy) as Bool, shown)
      #expect(LayoutAuthor.comments(text) == LayoutAuthor.comments(layout), shown)
      #expect(LayoutAuthor.strays(text) == [], shown)
      let twice = PolicyFormatter.format(SourceText(path: "layout.yaml", bytes: once))
      #expect((twice == once) as Bool, "\(shown)\n>>>\n\(twice.map { String(decoding: $0, as: UTF8.self) } ?? "")")
    }
    print("formatting: \(count) layouts")
  }

  /// What was lost, moved or refused once.
  @Test(arguments: [
    (
      "  - id: a\n    keep: runs\n    where:   # only these\n      pinned\n",
      "    where:   # only these\n      pinned\n"
    ),
    (
      "  - id: a\n    keep: runs\n    where:\n      # only these\n      pinned\n",
      "    where:\n      # only these\n      pinned\n"
    ),
    (
      "- id: z\n  trash: runs\n  where: state == failed\n- # why a is kept\n  id: a\n  keep: runs\n  where: pinned\n",
      "rules:\n  # why a is kept\n  - id: a\n"
    ),
    (
      "  - id: a\n    keep: runs\n    because: |\n      a text\n     # about it\n    where: pinned\n",
      "    because: |\n      a text\n     # about it\n"
    ),
    ("- id: a\n  keep: runs\n  because: >4\n      a text\n  where: pinned\n", "    because: >2\n      a text\n"),
    (
      "  - id: z\n    trash: runs\n    where: state == failed\n    # no after\n  - id: a\n    keep: runs\n    where: pinned\n# end\n",
      "    where: state == failed\n    # no after\n# end\n"
    ),
  ])
  func commentsInOddPlacesStay(_ rules: String, _ shown: String) throws {
    let bytes = Array("version: 1\nroots: [r]\ntrash: { purge_after: 1d }\nrules:\n\(rules)".utf8)
    let text = String(
      decoding: try #require(PolicyFormatter.format(SourceText(path: "p.yaml", bytes: bytes))), as: UTF8.self)
    #expect(text.contains(shown), "\(text)")
    Self.check("p.yaml", bytes)
  }

  @Test func aFileInBracesBecomesABlock() throws {
    let text =
      "# top\n\n{ # first\n  rules: [{id: a, keep: runs, where: pinned}], # kept\n  # where\n  \"roots\": [r],\n"
      + "  version: 1\n  # last\n} # end\n"
    let block =
      "# top\n\nversion: 1\n\n# where\n\"roots\": [r]\n\n# first\n"
      + "rules: [{id: a, keep: runs, where: pinned}] # kept\n\n# last\n# end\n"
    let source = SourceText(path: "p.yaml", bytes: Array(text.utf8))
    #expect(
      String(decoding: try #require(PolicyFormatter.format(source)), as: UTF8.self)
        == block.replacing("] # kept", with: "]  # kept"))
    Self.check("p.yaml", source.bytes)
  }

  /// Comments of all sorts: alone at some depth, beside a value, with and without empty lines around them.
  static func commented(_ bytes: [UInt8], _ dice: inout Dice) -> [UInt8] {
    var lines: [String] = []
    let text = String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n")
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      if dice.chance(20) {
        let depth = dice.pick([0, 2, 4, 6])
        lines.append(String(repeating: " ", count: depth) + "# 注释 \(number)")
        if dice.chance(30) { lines.append("") }
      }
      let isPlain = !line.isEmpty && !line.contains("#") && !line.hasSuffix("|") && !line.hasSuffix(">")
      lines.append(isPlain && dice.chance(15) ? "\(line)  # beside \(number)" : String(line))
    }
    let mark: [UInt8] = dice.chance(10) ? [0xEF, 0xBB, 0xBF] : []
    return mark + Array(lines.joined(separator: "\n").utf8)
  }

  @Test func aCommentBeforeTheFirstKeyStaysBehindAByteOrderMark() throws {
    let text = "# keep me\n\nversion: 1\nroots: [r]\nrules: []\n"
    let source = SourceText(path: "p.yaml", bytes: [0xEF, 0xBB, 0xBF] + Array(text.utf8))
    #expect(String(decoding: try #require(PolicyFormatter.format(source)), as: UTF8.self) == text)
  }

  @Test func aCommentRightUnderARuleGoesWithIt() throws {
    let stale = "  - id: stale\n    trash: runs\n    after: 30d\n  # ^ 30 days were agreed for `stale`\n"
    let recent = "  # the newest stay\n  - id: recent\n    keep: runs\n    per: user\n    latest: 3\n"
    let head = "version: 1\nroots: [r]\n\nrules:\n"
    let source = SourceText(path: "p.yaml", bytes: Array((head + stale + "\n" + recent).utf8))
    #expect(
      String(decoding: try #require(PolicyFormatter.format(source)), as: UTF8.self)
        == head + recent + "\n" + stale)
    Self.check("p.yaml", source.bytes)
  }

  /// Every beginning of a formatted file that ends between two rules takes away no more than the whole file.
  @Test func everyPrefixIsAtMostAsDestructive() throws {
    var tried = 0
    for (path, bytes) in Self.policies where !path.contains("import") {
      let source = SourceText(path: path, bytes: bytes)
      guard let formatted = PolicyFormatter.format(source), let whole = Self.load(path, formatted) else { continue }
      // Two `thin` rules keep from each other; imports and overrides change what stands before them.
      let thins = Set(whole.policy.rules.compactMap { $0.sugar?.split(separator: ".").first })
      guard thins.count < 2, whole.files.count == 1, whole.provenance.blocks["override"] == nil else { continue }
      let lines = String(decoding: formatted, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      for (index, line) in lines.enumerated() where line.hasPrefix("  - id:") {
        let prefix = Array((lines[..<index].joined(separator: "\n") + "\n").utf8)
        guard let part = Self.load(path, prefix), part.policy.rules.contains(where: { !$0.isBuiltIn }) else { continue }
        for seed in 0..<UInt64(CaseCount.scaled(6)) {
          let snapshot = GeneratedCase.generate(9_000_000 + seed, .rulesOnly).snapshot
          let (few, all) = (destroyed(part.policy, snapshot), destroyed(whole.policy, snapshot))
          tried += 1
          #expect(few.subtracting(all).isEmpty, "\(path) before line \(index + 1): \(few.subtracting(all))")
        }
      }
    }
    print("formatting: \(tried) prefixes tried")
    #expect(tried > 100)
  }

  private func destroyed(_ policy: Policy, _ snapshot: Snapshot) -> Set<String> {
    let going = Planner.plan(policy, on: snapshot).actions.filter { $0.verb == .trash || $0.verb == .archive }
    // Destruction includes what goes with a run.
    return Set(
      snapshot.entities.filter { entity in
        going.contains {
          $0.root == snapshot.roots[entity.root].path && entity.path.isAtOrBelow($0.path) && $0.tier == entity.tier
            && $0.host == snapshot.roots[entity.root].host
        }
      }.map { "\(snapshot.roots[$0.root].host) \(snapshot.roots[$0.root].path) \($0.path) \($0.tier) \($0.kind)" })
  }
}
