internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The info files of the trash: copies for people and other programs, never believed by us.
struct InfoFiles {
  let store: OwnerStore

  /// Writes a new one; it is on the disk when this returns.
  func write(_ item: JournalItem, at time: Timestamp, isSynced: Bool = true) throws(SystemError) {
    guard let name = store.infoName(item.record) else { return }
    let absolute = store.rootPath.bytes + [UInt8(ascii: "/")] + item.place.bytes
    let text = TrashInfoText(
      path: ByteString(absolute), deletedAt: time, record: item.record, kind: item.kind, plan: item.plan,
      rules: item.because.map(\.rule))
    let file = try store.changes.openFile(store.info.directory, name, exclusive: true)
    try store.changes.write(file, text.encode(), at: 0)
    if isSynced { try store.changes.sync(file) }
  }

  /// Writes many and makes them last: a sync of the file system costs less than one a file.
  func write(_ items: [JournalItem], at time: Timestamp) throws(SystemError) {
    let isBulk = items.count > 16
    for item in items { try write(item, at: time, isSynced: !isBulk) }
    if isBulk {
      try store.changes.syncFileSystem(of: store.info.directory)
    } else {
      try store.changes.sync(store.info.directory)
    }
  }

  /// Removes one, if it is there.
  func remove(_ record: String) throws(SystemError) {
    guard let name = store.infoName(record), try store.info.statusIfThere(name) != nil else { return }
    try store.changes.unlink(store.info.directory, name)
  }
}
