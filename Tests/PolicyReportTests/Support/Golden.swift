internal import Foundation
internal import PolicyReport
internal import PolicyTestSupport
internal import Testing

/// A text at several widths, and once with colours, in `Tests/Corpus/report/<name>.txt`.
///
/// With `POLICY_UPDATE_GOLDENS=1` the files are written anew; look at the difference before committing.
struct Golden {
  static let folder = repositoryRoot + "/Tests/Corpus/report"
  static let isUpdating = ProcessInfo.processInfo.environment["POLICY_UPDATE_GOLDENS"] == "1"

  static func check(
    _ name: String, mayBeWider: Bool = false, sourceLocation: SourceLocation = #_sourceLocation,
    _ render: (TextStyle) -> String
  ) throws {
    var text = ""
    for (width, color) in [(80, false), (40, false), (200, false), (80, true)] {
      let shown = render(TextStyle(width: width, color: color))
      text += "==== \(width) columns\(color ? ", with colours" : "")\n" + visible(shown)
      let plain = render(TextStyle(width: width))
      #expect(stripped(shown) == plain, "\(name): colours say nothing of their own", sourceLocation: sourceLocation)
      if !mayBeWider, width >= 60 { Layout.check(plain, width: width, name, sourceLocation: sourceLocation) }
    }
    let file = "\(folder)/\(name).txt"
    if isUpdating { try Data(text.utf8).write(to: URL(fileURLWithPath: file)) }
    let expected = try #require(
      FileManager.default.contents(atPath: file), "\(name) has no golden: run with POLICY_UPDATE_GOLDENS=1",
      sourceLocation: sourceLocation)
    #expect(
      String(decoding: expected, as: UTF8.self) == text, "\(name) came out as\n\(text)", sourceLocation: sourceLocation)
  }

  /// Colours as something that a reviewer sees.
  private static func visible(_ text: String) -> String { text.replacingOccurrences(of: "\u{1B}", with: "␛") }

  static func stripped(_ text: String) -> String {
    var (kept, rest) = ("", text.unicodeScalars[...])
    while let scalar = rest.popFirst() {
      guard scalar == "\u{1B}" else {
        kept.unicodeScalars.append(scalar)
        continue
      }
      while let next = rest.popFirst(), next != "m" {}
    }
    return kept
  }
}

/// What holds of every text.
enum Layout {
  static func check(
    _ text: String, width: Int, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for line in text.components(separatedBy: "\n") {
      #expect(
        DisplayText.width(line) <= width, "\(name), \(width) columns: too wide: \(line)", sourceLocation: sourceLocation
      )
      #expect(!line.hasSuffix(" "), "\(name): blanks at the end of: \(line)", sourceLocation: sourceLocation)
      #expect(
        line.unicodeScalars.allSatisfy {
          $0.properties.generalCategory != .control && $0.properties.generalCategory != .format
        }, "\(name): a control character in: \(line)", sourceLocation: sourceLocation)
    }
  }
}
