extension TextStyle {
  /// Text below a margin.
  func indented(_ text: String, by columns: Int) -> [String] {
    let margin = String(repeating: " ", count: columns)
    return DisplayText.wrap(text, to: width - columns).map { margin + $0 }
  }

  /// A sentence over as many lines as it takes, all of them in one colour.
  func sentence(_ text: String, _ ink: Ink? = nil) -> [String] {
    DisplayText.wrap(text, to: width).map { line in ink.map { paint(line, $0) } ?? line }
  }

  /// What a row of a table begins with: cells that are short whatever is in them.
  struct Lead {
    /// With colours.
    var text: String
    /// As seen.
    var columns: Int
  }

  /// A row: its lead, a name, and paragraphs beside the name, or below it where there is no room beside.
  func row(_ lead: Lead, name: String, nameColumns: Int, _ paragraphs: [String], below: Int = 10) -> [String] {
    let beside = lead.columns + nameColumns + 2
    let paragraphs = paragraphs.filter { !$0.isEmpty }
    if DisplayText.width(name) <= nameColumns, width - beside >= 28 || paragraphs.isEmpty, beside <= width + 2 {
      let lines = paragraphs.flatMap { DisplayText.wrap($0, to: width - beside) }
      let head = lead.text + DisplayText.pad(name, to: nameColumns)
      let margin = String(repeating: " ", count: beside)
      return [(head + "  " + (lines.first ?? "")).trimmedEnd] + lines.dropFirst().map { margin + $0 }
    }
    let pieces = DisplayText.pieces(name, to: max(10, width - lead.columns))
    let margin = String(repeating: " ", count: lead.columns)
    return [(lead.text + (pieces.first ?? "")).trimmedEnd] + pieces.dropFirst().map { margin + $0 }
      + paragraphs.flatMap { indented($0, by: min(below, width / 3)) }
  }

  /// Columns for names, so that one long name does not push all texts to the right.
  func nameColumns(_ names: [String]) -> Int {
    let cap = max(14, width / 3)
    return names.map(DisplayText.width).filter { $0 <= cap }.max() ?? 0
  }

  /// A title at the left, a remark at the right where there is room for it, else below.
  func heading(_ title: String, _ remark: String, ink: Ink = .bold) -> [String] {
    let gap = width - DisplayText.width(title) - DisplayText.width(remark)
    guard gap < 2 || remark.isEmpty else {
      return [paint(title, ink) + String(repeating: " ", count: gap) + paint(remark, .dim)]
    }
    let titles = DisplayText.pieces(title, to: width).map { paint($0, ink) }
    return remark.isEmpty ? titles : titles + indented(remark, by: 2).map { paint($0, .dim) }
  }

  /// A command to copy: one line, or several that a shell reads as one. Absolute paths have lines of their own, so that
  /// the shape does not hang on how deep somebody's directories lie.
  func command(_ text: String, place: String = "") -> [String] {
    var words: [String] = []
    for word in (text + place).split(separator: " ").map(String.init) {
      // An option stays with its value.
      if let last = words.last, last.hasPrefix("-"), !last.contains(" "), !word.hasPrefix("-"),
        DisplayText.width(last + word) < width - 8
      {
        words[words.count - 1] = last + " " + word
      } else {
        words.append(word)
      }
    }
    func isPath(_ word: String) -> Bool { word.hasPrefix("/") || word.contains(" /") || word.hasPrefix("$'/") }
    var lines: [String] = []
    var line = " "
    for (index, word) in words.enumerated() {
      let isAlone = isPath(word) || index > 0 && isPath(words[index - 1])
      let isWide = DisplayText.width(line) + 1 + DisplayText.width(word) > width - 2
      if isAlone || isWide, line != " " {
        lines.append(line + " \\")
        line = "   "
      }
      line += " " + word
    }
    lines.append(line)
    // A single word wider than the terminal is broken as well, where a shell joins it again.
    return lines.flatMap { line -> [String] in
      // Within `$'…'` a shell would not join it.
      guard DisplayText.width(line) > width, !line.contains("$'") else { return [line] }
      let pieces = DisplayText.pieces(line, to: width - 1)
      return pieces.dropLast().map { $0 + "\\" } + pieces.suffix(1)
    }
  }
}
