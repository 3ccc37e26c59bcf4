internal import PolicyCore

/// A root as the headers of snapshots and plans have it.
enum RootJSON {
  static func encode(_ root: Root, withHost: Bool) -> JSONObject {
    var object = JSONObject()
    if withHost { object.set("host", name: root.host) }
    object.set("path", name: root.path)
    object.set("device", unsigned: root.device)
    object.set("inode", unsigned: root.inode)
    object.set("mount_id", unsigned: root.mountID)
    object.set("fs", text: root.fileSystem)
    return object
  }

  static func decode(_ fields: JSONFields, host: ByteString) throws(FormatError) -> Root {
    let path = try fields.name("path")
    guard path.bytes.first == UInt8(ascii: "/"), !path.bytes.contains(0) else {
      throw .wrong(fields.path.appending("path"), "an absolute path")
    }
    return Root(
      host: try fields.optionalName("host") ?? host, path: path, device: try fields.optionalUnsigned("device"),
      inode: try fields.optionalUnsigned("inode"), mountID: try fields.optionalUnsigned("mount_id"),
      fileSystem: try fields.optionalString("fs"))
  }
}
