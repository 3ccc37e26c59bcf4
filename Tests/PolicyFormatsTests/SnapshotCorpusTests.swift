internal import PolicyCore
internal import PolicyDiagnostics
internal import PolicyFormats
internal import Testing

/// Files as people write them: `Tests/Corpus/snapshot/*.jsonl`, each with the diagnostics and the canonical snapshot
/// that it leads to.
@Suite struct SnapshotCorpusTests {
  static let folder = GoldenFolder("snapshot")
  static let inputs = (try? folder.names(".jsonl")) ?? []

  @Test func inputsAreThere() throws {
    #expect(Self.inputs.count >= 20)
    try Self.folder.checkOrphans(Self.inputs)
  }

  @Test(arguments: inputs) func file(_ name: String) throws {
    let bytes = try Self.folder.bytes(name)
    let source = SourceText(path: name, bytes: bytes)
    let (snapshot, diagnostics) = SnapshotCodec.decode(bytes, path: name)
    #expect((snapshot == nil) == diagnostics.contains { $0.severity == .error })
    var report = ""
    for diagnostic in diagnostics {
      let span = try #require(diagnostic.span)
      let place = source.position(at: span.range.lowerBound)
      report +=
        "\(diagnostic.severity.rawValue)[\(diagnostic.code)] \(place.line):\(place.column) \(diagnostic.message)\n"
      report += "  at `\(String(decoding: bytes[span.range], as: UTF8.self).prefix(100))`\n"
      if let help = diagnostic.help { report += "  help: \(help)\n" }
      #expect(diagnostic.message.first?.isUppercase != true)
      #expect(!diagnostic.message.hasSuffix("."))
    }
    var golden = Array(report.utf8)
    if let snapshot {
      let canonical = SnapshotCodec.encode(snapshot)
      golden += canonical
      let (again, repeated) = SnapshotCodec.decode(canonical, path: name)
      #expect(repeated.isEmpty)
      #expect((again == snapshot) as Bool)
      if name.hasPrefix("canonical") { #expect(canonical == bytes) }
    }
    let stem = name.prefix { $0 != "." }
    try Self.folder.check(stem + ".golden", golden)
  }
}
