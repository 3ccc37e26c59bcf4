/// Pieces of Markdown for comments on pull requests: nothing in a name can mention anybody, open a tag or end a cell.
enum Markdown {
  /// Comments have a limit of 65,536 characters; so many rows a table leave room for others' words.
  static let mostRows = 200

  static func code(_ name: String) -> String {
    let plain = name.replacing("|", with: "\\|")
    let fence = plain.contains("`") ? "``" : "`"
    return plain.contains("`") ? "\(fence) \(plain) \(fence)" : "\(fence)\(plain)\(fence)"
  }

  static func cell(_ text: String) -> String { text.isEmpty ? "" : code(text) }

  static func fold(_ title: String, _ body: String) -> String {
    "\n<details><summary>\(title)</summary>\n\n\(body)\n</details>\n"
  }

  /// A table of at most `mostRows` rows, and how many more there are.
  static func table(_ head: String, _ rows: [String]) -> String {
    head + rows.prefix(mostRows).joined() + (rows.count > mostRows ? "\n… and \(rows.count - mostRows) more\n" : "")
  }
}
