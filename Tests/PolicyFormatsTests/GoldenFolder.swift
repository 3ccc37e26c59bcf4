internal import Foundation
internal import PolicyTestSupport
internal import Testing

/// A folder of `Tests/Corpus` in which each input `x.jsonl` (or `x.json`) has what it should lead to in `x.golden`.
///
/// With `UPDATE_GOLDENS=1` goldens are written; a first record still fails, so that nobody records without looking.
struct GoldenFolder {
  let path: String

  init(_ name: String) { path = repositoryRoot + "/Tests/Corpus/" + name }

  func names(_ suffix: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(suffix) }.sorted()
  }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: path + "/" + name))) }

  func check(_ name: String, _ actual: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let file = path + "/" + name
    let expected = FileManager.default.contents(atPath: file).map { Array($0) }
    if expected == actual { return }
    guard ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" else {
      Issue.record(
        "\(name) differs; got:\n\(String(decoding: actual, as: UTF8.self))", sourceLocation: sourceLocation)
      return
    }
    try Data(actual).write(to: URL(fileURLWithPath: file))
    if expected == nil {
      Issue.record("\(name) recorded for the first time: look at it", sourceLocation: sourceLocation)
    }
  }

  /// Every golden must have its input.
  func checkOrphans(_ inputs: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
    let stems = Set(inputs.map { $0.prefix { $0 != "." } })
    for golden in try names(".golden") {
      #expect(stems.contains(golden.prefix { $0 != "." }), "\(golden) has no input", sourceLocation: sourceLocation)
    }
  }
}
