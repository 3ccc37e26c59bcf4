internal import PolicyDiagnostics

/// Says in the user's words why libyaml stopped. Its own words are for people who write parsers.
struct SyntaxFinding {
  private let source: SourceText
  private let file: Int

  init(_ source: SourceText, file: Int) {
    self.source = source
    self.file = file
  }

  func diagnostic(_ failure: YAMLFailure) -> Diagnostic {
    let place = min(failure.problemOffset, source.bytes.count)
    let byte = source.byte(at: place)
    if failure.context.contains("block scalar") {
      return textAfterQuote(failure.contextOffset) ?? blockScalar(failure.contextOffset)
    }
    if failure.context.contains("scanning a tag") || failure.problem.contains("tag handle") { return tag(failure) }
    if failure.context.contains("scanning an alias") || failure.context.contains("scanning an anchor") {
      return alias(failure.contextOffset)
    }
    if failure.context.contains("quoted scalar") { return quoted(failure) }
    if byte == UInt8(ascii: "\t") || failure.problem.contains("tab") { return tab(place) }
    if failure.problem.contains("cannot start any token") { return character(place) }
    if let afterQuote = textAfterQuote(place) { return afterQuote }
    if failure.problem.contains("mapping values are not allowed"), keyStartsLine(place) {
      return Diagnostic(
        "P0020", .error, "this key stands further in than the line above it allows", at: lineOfKey(place),
        notes: ["YAML takes it for a part of the value above"], help: "put keys of one block in the same column")
    }
    if failure.problem.contains("mapping values are not allowed") {
      return Diagnostic(
        "P0020", .error, "a second `:` on this line", at: here(place),
        notes: ["YAML reads `: ` as the end of a key"], help: "quote the value, or begin a new line for the next key")
    }
    if failure.problem.contains("',' or '") {
      let isList = failure.problem.contains("]")
      return Diagnostic(
        "P0020", .error, "a \(isList ? "list" : "mapping") is not closed", at: here(failure.contextOffset),
        caption: "opened here", labels: [.init(here(place), "not continued here")],
        help: "write `\(isList ? "]" : "}")` at its end, and `,` between its items")
    }
    if failure.problem.contains("could not find expected ':'") {
      return Diagnostic(
        "P0020", .error, "a key without a value", at: line(failure.contextOffset), help: "write `key: value`")
    }
    if failure.problem.contains("'-' indicator") {
      return Diagnostic(
        "P0020", .error, "this line does not belong to the list above it", at: line(place),
        help: "begin every item with `- `, all in the same column")
    }
    if failure.problem.contains("expected key") || failure.problem.contains("block end")
      || failure.problem.contains("document start")
    {
      return Diagnostic(
        "P0020", .error, "this line does not fit the lines above it", at: line(place),
        help: "put keys of one block in the same column, `key: value` on each line")
    }
    return Diagnostic(
      "P0020", .error, "this is not YAML: \(failure.problem)", at: here(place), help: "put text in quotes")
  }

  /// Whether the first `:` of its line stands at `place`.
  private func keyStartsLine(_ place: Int) -> Bool {
    let start = source.lineStarts[source.line(at: place)]
    return !source.bytes[start..<place].contains(UInt8(ascii: ":"))
  }

  private func lineOfKey(_ place: Int) -> SourceSpan {
    line(source.skipBlanks(from: source.lineStarts[source.line(at: place)]))
  }

  private func here(_ offset: Int) -> SourceSpan {
    let place = min(offset, source.bytes.count)
    return SourceSpan(file: file, range: source.visible(place..<place))
  }

  /// What stands on the line from `offset` on.
  private func line(_ offset: Int) -> SourceSpan {
    let place = min(offset, source.bytes.count)
    let range = source.restOfLine(from: place)
    return range.isEmpty ? here(place) : SourceSpan(file: file, range: range)
  }

  private func blockScalar(_ offset: Int) -> Diagnostic {
    Diagnostic(
      "P0009", .error, "YAML reads `\(source.shown(here(offset).range))` as the beginning of a block of text",
      at: line(offset), help: "put the fact's name before it, as in `where: mAP50 > 0.8`")
  }

  private func tag(_ failure: YAMLFailure) -> Diagnostic {
    Diagnostic(
      "P0005", .error, "YAML reads `!` as the beginning of a tag", at: line(failure.contextOffset),
      help: "write `not (…)` in conditions; quote the value when `!` belongs to it")
  }

  private func alias(_ offset: Int) -> Diagnostic {
    let span = line(offset)
    let isAnchor = source.byte(at: offset) == UInt8(ascii: "&")
    return Diagnostic(
      "P0007", .error, "YAML reads `\(isAnchor ? "&" : "*")` as an \(isAnchor ? "anchor" : "alias")", at: span,
      help: isAnchor ? "conditions say `and`; quote the value when `&` belongs to it" : "quote the pattern")
  }

  private func quoted(_ failure: YAMLFailure) -> Diagnostic {
    if failure.problem.contains("escape") || failure.problem.contains("hexdecimal") {
      return Diagnostic(
        "P0020", .error, "an escape that YAML does not know", at: here(failure.problemOffset),
        help: "write `\\\\` for a backslash, or put the text in single quotes")
    }
    if let byte = source.byte(at: failure.problemOffset), byte == UInt8(ascii: "\t") {
      return tab(failure.problemOffset)
    }
    return Diagnostic(
      "P0020", .error, "a quoted text is not closed", at: here(failure.contextOffset), caption: "opened here",
      help: "close it with the same quote; inside single quotes write `''` for one")
  }

  private func tab(_ offset: Int) -> Diagnostic {
    Diagnostic(
      "P0021", .error, "a tab where YAML wants blanks", at: here(offset), help: "indent with blanks, two for each level"
    )
  }

  private func character(_ offset: Int) -> Diagnostic {
    let span = here(offset)
    let text = source.shown(span.range)
    return Diagnostic(
      "P0020", .error, "a value cannot begin with `\(text)`", at: span,
      help: text == "%" ? "write the number before it: `80%`" : "quote the value")
  }

  /// `where: "final" in tags`: libyaml takes the quoted text for the whole value.
  private func textAfterQuote(_ place: Int) -> Diagnostic? {
    var end = place
    while end > 0, source.bytes[end - 1].isBlank { end -= 1 }
    guard end > 0, let quote = source.byte(at: end - 1), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'"),
      let start = source.bytes[..<(end - 1)].lastIndex(of: quote),
      source.line(at: start) == source.line(at: place)
    else { return nil }
    let rest = source.restOfLine(from: place)
    let words = source.shown(rest).split(separator: " ", maxSplits: 1)
    let text = source.shown(start..<end)
    var help = "put the whole value in quotes of the other kind"
    if quote == UInt8(ascii: "'"), end == place { help = "inside single quotes write `''` for one quote" }
    if words.count == 2 {
      let (sign, other) = (words[0], words[1])
      let isName =
        other.allSatisfy { $0.isLetter || $0.isNumber || "_.-".contains($0) } && other.first?.isLetter == true
      if sign == "in" {
        help = "write `\(other) has \(text)`: conditions start with a name"
      } else if ["==", "!="].contains(sign), isName {
        help = "write `\(other) \(sign) \(text)`: conditions start with a name"
      } else if ["==", "!=", "<", "<=", ">", ">="].contains(sign) {
        help = "write `\(text.dropFirst().dropLast()) \(sign) \(other)`: names of facts stand without quotes"
      }
    }
    return Diagnostic(
      "P0020", .error, "YAML takes the quoted text for the whole value", at: SourceSpan(file: file, range: rest),
      caption: "what follows has no place", help: help)
  }
}
