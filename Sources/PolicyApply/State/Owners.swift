internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension ApplyOptions {
  /// Who has, or may have, journal and trash in a root: the caller; under root everybody whose folder is there. By number.
  func owners(_ root: Root) throws(ApplyFailure) -> [UInt32] {
    guard actsForOthers else { return [uid] }
    var owners: Set<UInt32> = []
    do throws(SystemError) {
      if let folder = Name(StateLayout.folder), let shared = try? Folder(.openRoot(root.path.bytes)).folder(folder) {
        owners.formUnion(try Self.folders(shared))
      }
      if let state, let name = Name(StateLayout.stateName(root: root.path)),
        let shared = try? Folder(.openRoot(state.bytes)).folder(name)
      {
        owners.formUnion(try Self.folders(shared))
      }
    } catch {
      throw ApplyFailure(.environment, "the trash of \(root.path.displayText) cannot be listed: \(error.text)")
    }
    return owners.sorted()
  }

  /// Folders named by a number that belong to that number: nobody is made a worker of by a name alone.
  private static func folders(_ shared: Folder) throws(SystemError) -> [UInt32] {
    let listing = try shared.directory.list()
    return listing.indices.compactMap { index in
      let text = String(decoding: listing.bytes(index), as: UTF8.self)
      guard let owner = UInt32(text), String(owner) == text,
        let status = try? shared.directory.status(listing.name(index)),
        status.type == .directory, status.uid == owner
      else { return nil }
      return owner
    }
  }
}
