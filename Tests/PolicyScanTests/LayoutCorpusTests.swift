import PolicyCore
import PolicyTestSupport
import Testing

@testable import PolicyScan

/// Every built-in layout on made-up runs in the forms that its framework writes, whole and spoiled.
struct LayoutCorpusTests {
  @Test func everyLayoutHasItsCorpusAndItsPage() {
    let names = BuiltInLayouts.all.map(\.name)
    #expect(LayoutTable.builtIn.map(\.name).sorted() == names.sorted())
    #expect(Set(LayoutCase.layouts) == Set(names + ["custom"]))
    #expect(LayoutCase.ownLayouts.layouts.map(\.name) == ["custom", "custom-lines"])
    #expect(LayoutCase.bytes("\(repositoryRoot)/Docs/Layouts/custom.md") != nil, "no page: custom")
    for layout in LayoutTable.builtIn {
      #expect(LayoutCase.bytes("\(repositoryRoot)/Docs/Layouts/\(layout.name).md") != nil, "no page: \(layout.name)")
      #expect(layout.metrics == BuiltInLayouts.all.first { $0.name == layout.name }?.metrics)
    }
    for layout in LayoutCase.layouts {
      let files = LayoutCase.listing("\(LayoutCase.folder)/\(layout)")
      let cases = Set(files.filter(\.isDirectory).map(\.name))
      for file in files where !file.isDirectory && !["spoiled.golden", "spoil", "policy.yaml"].contains(file.name) {
        let stem = String(file.name.prefix { $0 != "." })
        #expect(cases.contains(stem), "\(layout)/\(file.name) has no case")
      }
      #expect(cases.contains("clean"), "\(layout)")
    }
    print("scan corpus: \(LayoutCase.all.count) cases of \(LayoutCase.layouts.count) layouts")
  }

  @Test func oneNameMeansOneThing() {
    var known: [String: MetricDeclaration] = [:]
    for metric in BuiltInLayouts.all.flatMap(\.metrics) {
      let other = known[metric.name] ?? metric
      #expect(other.type == metric.type && other.better == metric.better, "\(metric.name)")
      known[metric.name] = metric
    }
  }

  @Test(arguments: LayoutCase.all)
  func reads(_ example: LayoutCase) {
    let text = ScanText.of(Scan(example.build(), settings: LayoutCase.settings(example.layout)).snapshot)
    ScanGolden.check("\(LayoutCase.folder)/\(example).golden", text)
  }

  /// The metric file of the clean case, spoiled in every way that real ones are.
  @Test(arguments: LayoutCase.layouts)
  func readsWhatIsSpoiled(_ layout: String) throws {
    let clean = LayoutCase(layout: layout, name: "clean")
    let words = try #require(LayoutCase.lines("\(LayoutCase.folder)/\(layout)/spoil").first)
    let (file, number, none) = (words[0], words[1], words[2])
    var text = ""
    for kind in Spoil.allCases {
      var wasFound = false
      let tree = clean.build { name, bytes in
        guard name == file else { return bytes }
        wasFound = true
        return kind.of(bytes, number: number, none: none)
      }
      #expect(wasFound, "\(layout) has no \(file)")
      text += "== \(kind.rawValue)\n" + ScanText.of(Scan(tree, settings: LayoutCase.settings(layout)).snapshot)
    }
    ScanGolden.check("\(LayoutCase.folder)/\(layout)/spoiled.golden", text)
  }

  /// Whatever is cut off or flipped in a metric file: no crash, and no number that is not in the whole one.
  @Test(arguments: LayoutCase.layouts)
  func neverInventsANumber(_ layout: String) throws {
    let clean = LayoutCase(layout: layout, name: "clean")
    let file = try #require(LayoutCase.lines("\(LayoutCase.folder)/\(layout)/spoil").first)[0]
    let whole = try #require(LayoutCase.bytes("\(LayoutCase.folder)/\(layout)/clean/\(file)"))
    // Other files of the case hold figures too.
    var everything: [UInt8] = []
    _ = clean.build { _, bytes in
      everything += bytes + [10]
      return bytes
    }
    let cuts = Array(stride(from: 0, to: whole.count, by: max(1, whole.count / 60))) + [whole.count]
    var tried = 0
    for cut in cuts {
      let tree = clean.build { name, bytes in name == file ? Array(bytes.prefix(cut)) : bytes }
      let scan = Scan(tree, settings: LayoutCase.settings(layout))
      for entity in scan.snapshot.entities where entity.layout == layout {
        for (name, value) in entity.facts.known {
          guard case .number(let text) = value, !Self.isComputed(name, layout) else { continue }
          let isThere = everything.firstRange(of: Array(text.utf8)) != nil
          #expect(isThere, "\(layout) cut at \(cut): \(name) \(text)")
          tried += 1
        }
      }
    }
    #expect(tried > 0, "\(layout)")
    print("\(layout): \(tried) numbers of cut files looked up")
  }

  /// Fitness, and what a framework counts to 100.
  private static func isComputed(_ name: String, _ layout: String) -> Bool {
    let last = name.split(separator: ".").last.map(String.init) ?? name
    if last == "fitness" { return true }
    let percentages = LayoutTable.builtIn.first { $0.name == layout }?.percentages ?? []
    return percentages.contains { name.hasSuffix($0) }
  }
}
