internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// The info files of the trash: copies for people and other programs, never believed by us.
struct InfoFiles: Sendable {
  private let changes: FileChanges
  private let folder: Folder
  private let rootPath: ByteString

  init(store: OwnerStore) {
    changes = store.changes
    folder = store.info
    rootPath = store.rootPath
  }

  /// Writes a new one; it is on the disk when this returns.
  func write(_ item: JournalItem, at time: Timestamp, isSynced: Bool = true) throws(SystemError) {
    guard let name = OwnerStore.infoName(item.record) else { return }
    let absolute = rootPath.bytes + [UInt8(ascii: "/")] + item.place.bytes
    let text = TrashInfoText(
      path: ByteString(absolute), deletedAt: time, record: item.record, kind: item.kind, plan: item.plan,
      rules: item.because.map(\.rule))
    let file = try changes.openFile(folder.directory, name, exclusive: true)
    try changes.write(file, text.encode(), at: 0)
    if isSynced { try changes.sync(file) }
  }

  /// Writes many and makes them last: a sync of the file system costs less than one a file.
  func write(_ items: [JournalItem], at time: Timestamp) throws(SystemError) {
    let isBulk = items.count > 16
    for item in items { try write(item, at: time, isSynced: !isBulk) }
    if isBulk {
      try changes.syncFileSystem(of: folder.directory)
    } else {
      try changes.sync(folder.directory)
    }
  }

  /// Removes one, if it is there.
  func remove(_ record: String) throws(SystemError) {
    guard let name = OwnerStore.infoName(record), try folder.statusIfThere(name) != nil else { return }
    try changes.unlink(folder.directory, name)
  }
}
