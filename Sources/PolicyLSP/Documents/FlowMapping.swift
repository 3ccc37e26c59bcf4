/// The braces around a place on one line: `- { id: a, keep: runs, | }`.
struct FlowMapping {
  /// Keys that the braces belong to, outermost first.
  let path: [String]
  /// The key that the place is behind; `nil` where a key is being typed.
  let key: String?
  /// The entries of the innermost braces, those behind the place too.
  let siblings: [(key: String, value: String)]
  /// Those of the braces around them, as far as they were read.
  let around: [(key: String, value: String)]

  private struct Frame {
    let isBrace: Bool
    let owner: String?
    var text = ""
    var entries: [String] = []
  }

  /// `nil` outside of braces. `cursor` counts characters.
  init?(_ line: String, at cursor: Int) {
    // What stands before the first brace is a frame that nothing closes.
    var frames = [Frame(isBrace: false, owner: nil)]
    var quote: Character?
    var found: (depth: Int, key: String?)?
    for (index, character) in line.enumerated() {
      if index == cursor { found = Self.innermost(frames) ?? (0, nil) }
      if found?.depth == 0 { return nil }
      let top = frames.count - 1
      if let open = quote {
        frames[top].text.append(character)
        if character == open { quote = nil }
        continue
      }
      switch character {
      case "\"", "'":
        if Self.beginsValue(frames[top]) { quote = character }
        frames[top].text.append(character)
      case "{", "[":
        frames.append(Frame(isBrace: character == "{", owner: Self.split(frames[top].text)?.key))
      case "}", "]":
        guard top > 0 else { continue }
        frames[top].entries.append(frames[top].text)
        if let found, found.depth == top {
          self.init(frames, found)
          return
        }
        frames.removeLast()
      case ",":
        frames[top].entries.append(frames[top].text)
        frames[top].text = ""
      default: frames[top].text.append(character)
      }
    }
    let last = found ?? Self.innermost(frames) ?? (0, nil)
    guard last.depth > 0 else { return nil }
    for index in frames.indices { frames[index].entries.append(frames[index].text) }
    self.init(frames, last)
  }

  private init(_ frames: [Frame], _ place: (depth: Int, key: String?)) {
    path = frames[...place.depth].compactMap(\.owner)
    key = place.key
    siblings = frames[place.depth].entries.compactMap(Self.split)
    around = frames[..<place.depth].flatMap(\.entries).compactMap(Self.split)
  }

  private static func innermost(_ frames: [Frame]) -> (depth: Int, key: String?)? {
    frames.lastIndex(where: \.isBrace).map { ($0, split(frames[$0].text)?.key) }
  }

  /// Quotes inside of plain text, such as those of a condition, are part of it.
  private static func beginsValue(_ frame: Frame) -> Bool {
    frame.text.last { $0 != " " }.map { $0 == ":" } ?? true
  }

  private static func split(_ entry: String) -> (key: String, value: String)? {
    guard let (_, key, value) = CursorContext.key(of: entry) else { return nil }
    return (key, String(value.filter { $0 != " " }))
  }
}
