/// The line of a help page that shows how a command is written, which the argument parser does not wrap.
enum UsageText {
  private static let (start, width) = ("USAGE: ", 80)

  /// Lines that begin with `USAGE:`, parted between what belongs together.
  static func wrapped(_ help: String) -> String {
    help.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.hasPrefix(start) && $0.count > width ? wrap($0.dropFirst(start.count)) : String($0) }
      .joined(separator: "\n")
  }

  private static func wrap(_ line: Substring) -> String {
    var lines = [start]
    for part in parts(line) {
      let isFirst = lines[lines.count - 1].allSatisfy { $0 == " " } || lines[lines.count - 1] == start
      if !isFirst, lines[lines.count - 1].count + 1 + part.count > width {
        lines.append(String(repeating: " ", count: start.count) + part)
      } else {
        lines[lines.count - 1] += (isFirst ? "" : " ") + part
      }
    }
    return lines.joined(separator: "\n")
  }

  /// `[--set <name=value> ...]` is one, and so is `--to <dir>`.
  private static func parts(_ line: Substring) -> [String] {
    var parts: [String] = []
    var depth = 0
    for word in line.split(separator: " ").map(String.init) {
      let belongs = depth > 0 || (word.hasPrefix("<") && parts.last?.hasPrefix("--") == true && parts.last != "--")
      if belongs, let last = parts.popLast() { parts.append(last + " " + word) } else { parts.append(word) }
      depth += word.count { $0 == "[" } - word.count { $0 == "]" }
    }
    return parts
  }
}
