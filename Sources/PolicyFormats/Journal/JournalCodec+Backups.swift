internal import PolicyCore

extension JournalCodec {
  static func json(_ place: BackupPlace) -> JSONValue {
    var members = JournalMembers()
    members.add("target", place.target)
    members.add("folder", place.folder)
    members.add("name", place.name)
    return members.value
  }

  static func backupPlace(_ fields: JournalFields) throws(JournalFields.Unfit) -> BackupPlace {
    BackupPlace(
      target: try fields.text("target"), folder: try fields.bytes("folder"), name: try fields.bytes("name"))
  }

  static func json(_ seal: BackupSeal) -> JSONValue {
    var members = JournalMembers()
    members.add("size", seal.size)
    members.add("entries", seal.entries)
    members.add("manifest_size", seal.manifestSize)
    members.add("manifest_sha256", seal.manifestDigest)
    return members.value
  }

  static func backupSeal(_ fields: JournalFields) throws(JournalFields.Unfit) -> BackupSeal {
    BackupSeal(
      size: try fields.integer("size"), entries: try fields.integer("entries"),
      manifestSize: try fields.integer("manifest_size"), manifestDigest: try fields.text("manifest_sha256"))
  }
}
