import Foundation
import PolicyDiagnostics
import PolicySyntax
import PolicyTestSupport

/// The corpus of policies with expectations on the line itself: `#! error P0201` behind the offending text, or alone on
/// the line after it.
enum CheckCorpus {
  static let folder = repositoryRoot + "/Tests/Corpus/check"

  struct Case: CustomStringConvertible, Sendable {
    /// Relative to the corpus: `P0001/wrong.yaml`, or `P0045/wrong/main.yaml` for a folder of files.
    let path: String
    var description: String { path }
    /// The code whose folder it is in.
    var code: String { String(path.prefix { $0 != "/" }) }
  }

  /// Every policy that is loaded by itself; files beside a `main.yaml` are imports.
  static let cases: [Case] = paths().filter { path in
    !path.contains("/", after: 1) || path.hasSuffix("/main.yaml")
  }.map(Case.init)

  private static func paths() -> [String] {
    let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".yaml") }.sorted()
  }

  static func load(_ path: String, set: [(name: String, value: String)] = []) -> LoadResult {
    PolicyLoader.load(path, set: set) { name in
      let place = name.hasPrefix("/") ? name : folder + "/" + name
      guard let data = FileManager.default.contents(atPath: place) else {
        return .failure(ReadFailure(reason: "no such file"))
      }
      return .success(Array(data))
    }
  }

  /// `path:line severity code`, sorted, of everything that was reported.
  static func findings(_ result: LoadResult) -> [String] {
    result.diagnostics.map { diagnostic in
      let place = diagnostic.span.map { span in
        "\(result.sources.sources[span.file].path):\(result.sources.position(at: span).line)"
      }
      return "\(place ?? "nowhere") \(diagnostic.severity.rawValue) \(diagnostic.code)"
    }.sorted()
  }

  /// The same of everything that the files expect.
  static func expectations(_ result: LoadResult) -> [String] {
    result.sources.sources.flatMap { source -> [String] in
      var expected: [String] = []
      var target = 1
      for (index, line) in String(decoding: source.bytes, as: UTF8.self).components(separatedBy: "\n").enumerated() {
        let parts = line.components(separatedBy: "#! ")
        if !parts[0].trimmingCharacters(in: .whitespaces).isEmpty { target = index + 1 }
        expected += parts.dropFirst().map { "\(source.path):\(target) \($0.trimmingCharacters(in: .whitespaces))" }
      }
      return expected
    }.sorted()
  }
}

extension String {
  /// Whether there are more than `count` of a character.
  fileprivate func contains(_ character: Character, after count: Int) -> Bool {
    filter { $0 == character }.count > count
  }
}
