internal import PolicyCore

/// The smaller parts of an entity: notes, hard links, backups, identity.
enum EntityPartsJSON {
  static func encode(_ note: ScanNote) -> JSONValue { ["code": .string(note.code), "text": .string(note.text)] }

  static func note(_ fields: JSONFields) throws(FormatError) -> ScanNote {
    ScanNote(code: try fields.string("code"), text: try fields.string("text"))
  }

  static func encode(_ link: HardLink) -> JSONValue {
    [
      "device": .unsigned(link.device), "inode": .unsigned(link.inode), "bytes": .integer(link.bytes),
      "total": .integer(link.total), "inside": .integer(link.inside),
    ]
  }

  static func link(_ fields: JSONFields) throws(FormatError) -> HardLink {
    HardLink(
      device: try fields.unsigned("device"), inode: try fields.unsigned("inode"), bytes: try fields.amount("bytes"),
      total: try fields.amount("total"), inside: try fields.amount("inside"))
  }

  static func encode(_ backup: BackupRecord) -> JSONValue {
    var object: JSONObject = ["target": .string(backup.target)]
    object.set("at", time: backup.at)
    object.set("tree_sha256", text: backup.treeDigest)
    return .object(object)
  }

  static func backup(_ fields: JSONFields) throws(FormatError) -> BackupRecord {
    BackupRecord(
      target: try fields.string("target"), at: try fields.time("at"),
      treeDigest: try fields.optionalString("tree_sha256"))
  }

  static func identity(_ fields: JSONFields) throws(FormatError) -> Identity {
    guard let uid = UInt32(exactly: try fields.unsigned("uid")) else {
      throw .wrong(fields.path.appending("uid"), "a user number")
    }
    func time(_ key: String) throws(FormatError) -> Timestamp {
      Timestamp(nanoseconds: try fields.integer(key))
    }
    return Identity(
      type: try fields.word("type", [.directory, .file, .symlink, .other]), uid: uid,
      device: try fields.unsigned("device"), inode: try fields.unsigned("inode"),
      mountID: try fields.optionalUnsigned("mount_id"), size: try fields.amount("size"),
      modified: try time("mtime_ns"), changed: try time("ctime_ns"),
      born: try fields.optionalInteger("btime_ns").map { Timestamp(nanoseconds: $0) },
      entries: try fields.amount("entries"), bytes: try fields.amount("bytes"),
      newestModified: try time("newest_mtime_ns"), newestChanged: try time("newest_ctime_ns"),
      treeDigest: try fields.string("tree_sha256"))
  }
}
