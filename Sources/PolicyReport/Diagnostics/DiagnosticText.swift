internal import PolicyCore
public import PolicyDiagnostics

/// Findings as people read them: the text at fault with a line below what is meant, and what to write instead.
public enum DiagnosticText {
  public static func render(_ diagnostics: [Diagnostic], _ sources: SourceSet, style: TextStyle) -> String {
    diagnostics.map { render($0, sources, style) }.joined(separator: "\n")
  }

  /// `file:line:column: severity[code]: message; help`, one line each.
  public static func compact(_ diagnostics: [Diagnostic], _ sources: SourceSet) -> String {
    diagnostics.map { diagnostic in
      var line = ""
      if let span = diagnostic.span {
        let position = sources.position(at: span)
        line += "\(DisplayText.escape(sources.sources[span.file].path)):\(position.line):\(position.column): "
      }
      line += "\(diagnostic.severity.rawValue)[\(diagnostic.code)]: \(diagnostic.message)"
      return (line + (diagnostic.help.map { "; \($0)" } ?? "")).split(separator: "\n").joined(separator: " ") + "\n"
    }.joined()
  }

  private static func render(_ diagnostic: Diagnostic, _ sources: SourceSet, _ style: TextStyle) -> String {
    let ink: TextStyle.Ink = diagnostic.severity == .error ? .red : diagnostic.severity == .warning ? .yellow : .blue
    var text = style.paint("\(diagnostic.severity.rawValue)[\(diagnostic.code)]", ink)
    text += style.paint(": \(diagnostic.message)", .bold) + "\n"
    var gutter = 0
    if let span = diagnostic.span, diagnostic.isSecret {
      let position = sources.position(at: span)
      gutter = String(position.line).utf8.count
      text += String(repeating: " ", count: gutter) + style.paint("-->", .blue)
      text += " \(DisplayText.escape(sources.sources[span.file].path)):\(position.line):\(position.column)\n"
    } else if let span = diagnostic.span {
      let marks =
        [Excerpt.Mark(span: span, text: diagnostic.caption, isPrimary: true)]
        + diagnostic.labels.map { Excerpt.Mark(span: $0.span, text: $0.text, isPrimary: false) }
      let excerpt = Excerpt(marks: marks, sources: sources, style: style, ink: ink)
      gutter = excerpt.gutter
      text += excerpt.render()
    }
    let margin = String(repeating: " ", count: gutter)
    for (word, line) in diagnostic.notes.map({ ("note", $0) }) + (diagnostic.help.map { [("help", $0)] } ?? []) {
      let room = style.width - gutter - 10
      let parts = line.split(separator: "\n", omittingEmptySubsequences: false).flatMap { part in
        // Two spaces side by side are code, whose columns matter.
        part.contains("  ") ? [String(part)] : DisplayText.wrap(String(part), to: room)
      }
      text += "\(margin) \(style.paint("=", .blue)) \(word): \(parts.first ?? "")\n"
      for part in parts.dropFirst() { text += "\(margin)         \(part)\n" }
    }
    return text
  }
}

/// The lines of source around the marks of one finding.
private struct Excerpt {
  struct Mark {
    let span: SourceSpan
    let text: String
    let isPrimary: Bool
  }
  let marks: [Mark]
  let sources: SourceSet
  let style: TextStyle
  let ink: TextStyle.Ink

  /// Columns of the largest line number.
  var gutter: Int {
    marks.map { String(sources.sources[$0.span.file].line(at: $0.span.range.lowerBound) + 1).utf8.count }.max() ?? 1
  }

  func render() -> String {
    guard let primary = marks.first else { return "" }
    let margin = String(repeating: " ", count: gutter)
    let bar = style.paint("|", .blue)
    var text = ""
    for (index, file) in files().enumerated() {
      let here = marks.filter { $0.span.file == file }
      let anchor = file == primary.span.file ? primary : here[0]
      let position = sources.position(at: anchor.span)
      let arrow = style.paint(index == 0 ? "-->" : ":::", .blue)
      text +=
        "\(margin)\(arrow) \(DisplayText.escape(sources.sources[file].path)):\(position.line):\(position.column)\n"
      text += "\(margin) \(bar)\n"
      text += lines(of: here, in: sources.sources[file], margin, bar)
    }
    return text + (marks.isEmpty ? "" : "\(margin) \(bar)\n")
  }

  private func files() -> [Int] {
    var files: [Int] = []
    for mark in marks where !files.contains(mark.span.file) { files.append(mark.span.file) }
    return files
  }

  private func lines(of marks: [Mark], in source: SourceText, _ margin: String, _ bar: String) -> String {
    var text = ""
    var last: Int?
    let numbers = Set(marks.map { source.line(at: $0.span.range.lowerBound) }).sorted()
    for number in numbers {
      if let last, number > last + 1 { text += "...\n" }
      last = number
      let here = marks.filter { source.line(at: $0.span.range.lowerBound) == number }
        .sorted {
          $0.isPrimary && !$1.isPrimary
            || $0.isPrimary == $1.isPrimary && $0.span.range.lowerBound < $1.span.range.lowerBound
        }
      let window = Window(source, number, here.map(\.span.range), columns: style.width - gutter - 3)
      let label = DisplayText.padLeft(String(number + 1), to: gutter)
      text += "\(style.paint(label, .blue)) \(bar) \(window.text)".trimmedEnd + "\n"
      for mark in here {
        let (start, width) = window.columns(of: mark.span.range)
        let line = String(repeating: mark.isPrimary ? "^" : "-", count: max(1, width))
        let painted = style.paint(line, mark.isPrimary ? ink : .blue)
        let (beside, below) = caption(mark.text, behind: start..<start + max(1, width))
        text += "\(margin) \(bar) \(String(repeating: " ", count: start))\(painted)\(beside)".trimmedEnd + "\n"
        for line in below { text += "\(margin) \(bar) \(line)\n" }
      }
    }
    return text
  }

  /// What stands beside a mark, and what of it needs lines of its own because the terminal ends.
  private func caption(_ words: String, behind mark: Range<Int>) -> (beside: String, below: [String]) {
    guard !words.isEmpty else { return ("", []) }
    let room = style.width - gutter - 3
    let beside = room - mark.upperBound - 1
    if DisplayText.width(words) <= beside { return (" " + words, []) }
    // Beside the mark where that leaves room for some words a line; else below it, as far left as it must.
    let isBelow = beside < 24
    let indent = isBelow ? max(0, min(mark.lowerBound, room - min(60, DisplayText.width(words)))) : mark.upperBound + 1
    let margin = String(repeating: " ", count: indent)
    let lines = DisplayText.wrap(words, to: max(20, room - indent))
    return isBelow
      ? ("", lines.map { margin + $0 }) : (" " + (lines.first ?? ""), lines.dropFirst().map { margin + $0 })
  }
}

/// The part of a line that fits the terminal, with the columns of byte ranges in it.
private struct Window {
  private(set) var text = ""
  private var starts: [(byte: Int, column: Int)] = []
  private var end = 0

  init(_ source: SourceText, _ line: Int, _ ranges: [Range<Int>], columns: Int) {
    let bytes = source.lineBytes(line)
    let first = ranges.map(\.lowerBound).min() ?? bytes.startIndex
    // A line of a megabyte shows only the neighbourhood of the mistake.
    var begin = bytes.startIndex
    if bytes.count > columns, first - bytes.startIndex > columns / 2 {
      begin = max(bytes.startIndex, first - columns / 3)
      while begin > bytes.startIndex, bytes[begin] & 0xC0 == 0x80 { begin -= 1 }
      text = "…"
    }
    var column = DisplayText.width(text)
    var index = begin
    while index < bytes.endIndex {
      var next = index + 1
      while next < bytes.endIndex, bytes[next] & 0xC0 == 0x80 { next += 1 }
      let piece = bytes[index] == UInt8(ascii: "\t") ? "    " : DisplayText.source(Array(bytes[index..<next]))
      let width = DisplayText.width(piece)
      if column + width > max(20, columns - 1), next < bytes.endIndex {
        text += "…"
        break
      }
      starts.append((index, column))
      text += piece
      column += width
      index = next
    }
    end = column
  }

  func columns(of range: Range<Int>) -> (start: Int, width: Int) {
    let start = starts.last { $0.byte <= range.lowerBound }?.column ?? 0
    let begin = range.lowerBound > (starts.last?.byte ?? -1) ? end : start
    let stop = starts.first { $0.byte >= range.upperBound }?.column ?? end
    return (begin, max(1, stop - begin))
  }
}

extension DisplayText {
  /// A character of a source line: as `escape`, but with its backslashes and blanks left alone.
  fileprivate static func source(_ bytes: [UInt8]) -> String {
    switch bytes {
    case [UInt8(ascii: "\\")]: "\\"
    case [UInt8(ascii: " ")]: " "
    default: escape(.init(bytes))
    }
  }
}
