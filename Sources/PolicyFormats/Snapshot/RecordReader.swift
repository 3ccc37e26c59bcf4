internal import PolicyCore

/// The lines that are no entities: what lies in the trash, and places that were only reported. There are few of them.
enum RecordReader {
  enum Kind: String, CaseIterable {
    case trash, unreadable, unrecognised
    case unmatchedPin = "unmatched_pin"
  }

  static func keys(_ kind: Kind) -> [String] {
    let common = ["host", "host_escaped", "kind", "path", "path_escaped", "root", "root_escaped"]
    switch kind {
    case .trash:
      return common + ["bytes", "contents", "of", "owner", "owner_escaped", "purge_after_ns", "record", "trashed_at"]
    case .unmatchedPin, .unreadable, .unrecognised: return common + ["reason"]
    }
  }

  /// The kind of the line at the cursor, when it is one of these. Looks no further than at the keys of the outermost
  /// object that come before `kind`; a line of a run or checkpoint shows itself by its first key.
  static func kind(_ cursor: JSONCursor) -> Kind? {
    var cursor = cursor
    guard cursor.take(UInt8(ascii: "{")) else { return nil }
    do throws(JSONError) {
      repeat {
        let key = try cursor.string()
        if cursor.matches(key, factsKey) || cursor.matches(key, backupsKey) { return nil }
        try cursor.expect(UInt8(ascii: ":"))
        if cursor.matches(key, kindKey) {
          let word = try cursor.string()
          return Kind(rawValue: cursor.text(of: word))
        }
        _ = try cursor.value()
      } while cursor.take(UInt8(ascii: ","))
    } catch {
      // The reader that comes next says what is wrong.
    }
    return nil
  }

  private static let kindKey = Array("kind".utf8)
  private static let factsKey = Array("facts".utf8)
  private static let backupsKey = Array("backups".utf8)

  static func place(_ fields: JSONFields, root: Int) throws(FormatError) -> ReportedPlace {
    ReportedPlace(root: root, path: try path(fields), reason: try fields.string("reason"))
  }

  static func trash(
    _ fields: JSONFields, root: Int, entities reader: inout EntityReader
  ) throws(FormatError) -> TrashRecord {
    var contents: [Entity] = []
    for item in try fields.list("contents") {
      var cursor = JSONCursor(CanonicalJSON.encode(item.value))
      do throws(LineFault) {
        var entity = try reader.entity(&cursor)
        entity.root = root
        contents.append(entity)
      } catch {
        throw FormatError(problem: .wrong, message: "`\(item.path.spelled)`: \(error.message)", path: item.path)
      }
    }
    return TrashRecord(
      root: root, path: try path(fields), kind: try fields.word("of", EntityKind.allCases),
      record: try fields.string("record"), owner: try fields.optionalName("owner"),
      bytes: try fields.amount("bytes"), trashedAt: try fields.time("trashed_at"),
      purgeAfter: try fields.optionalSpan("purge_after_ns"), contents: contents)
  }

  private static func path(_ fields: JSONFields) throws(FormatError) -> ByteString {
    let path = try fields.name("path")
    guard path.isPlainRelativePath else {
      throw .wrong(fields.path.appending("path"), "a path below the root, without `.`, `..` and empty parts")
    }
    return path
  }
}
