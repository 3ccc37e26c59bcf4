/// A page about a code, on a terminal.
public enum CodePageText {
  public static func render(_ page: String, style: TextStyle) -> String {
    var lines: [String] = []
    var paragraph: [Substring] = []
    var isCode = false
    func flush() {
      if !paragraph.isEmpty { lines += DisplayText.wrap(paragraph.joined(separator: " "), to: style.width) }
      paragraph = []
    }
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        flush()
        isCode.toggle()
      } else if isCode {
        // Blanks are meant; what would turn the terminal's text around is shown by its number.
        let isPlain = line.unicodeScalars.allSatisfy { $0.isASCII || $0.properties.isAlphabetic || $0 == "…" }
        lines.append(line.isEmpty ? "" : "    " + (isPlain ? String(line) : DisplayText.escape(.init(String(line)))))
      } else if line.hasPrefix("#") {
        flush()
        lines.append(style.paint(String(line.drop { $0 == "#" || $0 == " " }), .bold))
      } else if line.isEmpty {
        flush()
        if lines.last != "" { lines.append("") }
      } else {
        paragraph.append(line)
      }
    }
    flush()
    while lines.last == "" { lines.removeLast() }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Every code with its title, by family.
  public static func list(style: TextStyle) -> String {
    var lines: [String] = []
    var family = ""
    for code in CodePages.codes {
      if CodePages.family(of: code) != family {
        family = CodePages.family(of: code)
        if !lines.isEmpty { lines.append("") }
        lines.append(style.paint(family, .bold))
      }
      lines.append("  \(code)  \(CodePages.title(of: code) ?? "")")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
