internal import PolicyCore

/// Reads the `identity` of an entity's line in one pass over its keys.
struct IdentityReader {
  private static let keys: [[UInt8]] = [
    "btime_ns", "bytes", "ctime_ns", "device", "entries", "inode", "mount_id", "mtime_ns", "newest_ctime_ns",
    "newest_mtime_ns", "size", "tree_sha256", "type", "uid",
  ].map { Array($0.utf8) }

  /// Each key with its quotes and its colon, and the mark before it.
  private static let rendered: [[UInt8]] = keys.enumerated().map { index, key in
    Array((index == 0 ? "{\"" : ",\"").utf8) + key + Array("\":".utf8)
  }

  private static let types: [(type: Identity.FileType, bytes: [UInt8])] = [
    (.file, Array("file".utf8)), (.directory, Array("directory".utf8)), (.symlink, Array("symlink".utf8)),
    (.other, Array("other".utf8)),
  ]

  /// `nil` for null.
  func read(_ cursor: inout JSONCursor) throws(LineFault) -> Identity? {
    _ = cursor.peek()
    let start = cursor.index
    if cursor.takeWord("null") { return nil }
    let value: JSONValue
    do throws(JSONError) {
      if let identity = try quick(&cursor) { return identity }
      // Something is unusual: other keys, other types, keys missing. The general way finds the words for it.
      cursor = JSONCursor(cursor.bytes, at: start, isLine: cursor.isLine)
      value = try cursor.value()
    } catch {
      throw LineFault(error)
    }
    do throws(FormatError) {
      return try EntityPartsJSON.identity(try JSONFields(value, at: JSONPath().appending("identity")))
    } catch {
      throw LineFault(error.problem == .missing ? .missing : .wrongType, error.message, start..<cursor.index)
    }
  }

  /// The canonical form: every key once and in order, without blanks. `nil` for any other, however good.
  private func quick(_ cursor: inout JSONCursor) throws(JSONError) -> Identity? {
    guard cursor.peek() == UInt8(ascii: "{") else { return nil }
    var identity = Identity(
      type: .other, uid: 0, device: 0, inode: 0, mountID: nil, size: 0, modified: Timestamp(nanoseconds: 0),
      changed: Timestamp(nanoseconds: 0), born: nil, entries: 0, bytes: 0, newestModified: Timestamp(nanoseconds: 0),
      newestChanged: Timestamp(nanoseconds: 0), treeDigest: "")
    for index in Self.keys.indices {
      guard cursor.take(Self.rendered[index]), let first = cursor.peek() else { return nil }
      if index == 11 || index == 12 {
        guard first == UInt8(ascii: "\"") else { return nil }
        let text = try cursor.string()
        if index == 11 {
          identity.treeDigest = cursor.text(of: text)
        } else {
          guard let type = Self.types.first(where: { cursor.matches(text, $0.bytes) })?.type else { return nil }
          identity.type = type
        }
        continue
      }
      if first == UInt8(ascii: "n") {
        guard index == 0 || index == 6, cursor.takeWord("null") else { return nil }
        continue
      }
      guard first == UInt8(ascii: "-") || (48...57).contains(first), let number = try cursor.number().integer else {
        return nil
      }
      let time = Timestamp(nanoseconds: number)
      // Only times may be negative.
      switch index {
      case 0: identity.born = time
      case 2: identity.changed = time
      case 7: identity.modified = time
      case 8: identity.newestChanged = time
      case 9: identity.newestModified = time
      default:
        guard number >= 0 else { return nil }
        switch index {
        case 1: identity.bytes = number
        case 3: identity.device = UInt64(number)
        case 4: identity.entries = number
        case 5: identity.inode = UInt64(number)
        case 6: identity.mountID = UInt64(number)
        case 10: identity.size = number
        default:
          guard let uid = UInt32(exactly: number) else { return nil }
          identity.uid = uid
        }
      }
    }
    return cursor.take(UInt8(ascii: "}")) ? identity : nil
  }
}
