/// The way from a JSON text's root to one of its values: `actions[3].verb`.
package struct JSONPath: Sendable, Equatable {
  package enum Step: Sendable, Equatable {
    case key(String)
    case item(Int)
  }
  package var steps: [Step] = []

  package init(steps: [Step] = []) { self.steps = steps }

  package func appending(_ key: String) -> JSONPath { JSONPath(steps: steps + [.key(key)]) }
  package func appending(_ index: Int) -> JSONPath { JSONPath(steps: steps + [.item(index)]) }

  var spelled: String {
    var text = ""
    for step in steps {
      switch step {
      case .key(let key): text += text.isEmpty ? key : "." + key
      case .item(let index): text += "[\(index)]"
      }
    }
    return text
  }

  /// The bytes of the value, or of the innermost one above it that is there. `start` is where the root value begins.
  func range(in bytes: [UInt8], from start: Int = 0) -> Range<Int> {
    var cursor = JSONCursor(bytes, at: start)
    for step in steps {
      guard let next = try? cursor.entering(step) else { break }
      cursor = next
    }
    cursor.skipBlanks()
    let begin = cursor.index
    _ = try? cursor.value()
    return begin..<max(begin, cursor.index)
  }
}

extension JSONCursor {
  /// A cursor at the member or item that a step names; `nil` where there is none.
  fileprivate func entering(_ step: JSONPath.Step) throws(JSONError) -> JSONCursor? {
    var cursor = self
    switch step {
    case .key(let key):
      try cursor.expect(UInt8(ascii: "{"))
      repeat {
        let raw = try cursor.string()
        try cursor.expect(UInt8(ascii: ":"))
        if text(of: raw).hasSameBytes(as: key) { return cursor }
        _ = try cursor.value()
      } while cursor.take(UInt8(ascii: ","))
    case .item(let index):
      try cursor.expect(UInt8(ascii: "["))
      for _ in 0..<index {
        _ = try cursor.value()
        guard cursor.take(UInt8(ascii: ",")) else { return nil }
      }
      return cursor
    }
    return nil
  }
}
