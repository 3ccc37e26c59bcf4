/// Text as a string literal of C, a line of the source for each of its own.
public enum CLiteral {
  public static func of(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      let escaped = line.unicodeScalars.map { scalar in
        switch scalar {
        case "\\": "\\\\"
        case "\"": "\\\""
        case "\t": "\\t"
        default: String(Character(scalar))
        }
      }.joined()
      return "    \"\(escaped)\\n\"\n"
    }.joined().dropLast("\\n\"\n".count) + "\""
  }
}
