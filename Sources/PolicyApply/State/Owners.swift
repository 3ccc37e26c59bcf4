internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

extension ApplyOptions {
  /// Who has, or may have, journal and trash in a root: the caller; under root everybody whose folder is there. By number.
  func owners(_ root: Root) throws(ApplyFailure) -> [UInt32] {
    guard actsForOthers else { return [uid] }
    var owners: Set<UInt32> = []
    do throws(SystemError) {
      if let shared = try Self.shared(root.path, StateLayout.folder) {
        owners.formUnion(try Self.folders(shared))
      }
      if let state, let shared = try Self.shared(state, StateLayout.stateName(root: root.path)) {
        owners.formUnion(try Self.folders(shared))
      }
    } catch {
      throw ApplyFailure(.environment, "the trash of \(root.path.displayText) cannot be listed: \(error.text)")
    }
    return owners.sorted()
  }

  /// Folders in which archives of an owner lie, as the journals in these roots tell. They only widen what the owner's own
  /// worker may change; what cannot be read widens nothing.
  func archiveFolders(_ roots: [Root], of owner: UInt32) -> [ByteString] {
    var options = self
    options.uid = owner
    var folders: Set<ByteString> = []
    for root in roots {
      guard let home = try? options.opening(root).existingHome(), let found = try? JournalWriter.archiveFolders(home)
      else { continue }
      folders.formUnion(found)
    }
    return folders.sorted()
  }

  /// `nil` where there is none; what cannot be looked at is not taken for nothing.
  private static func shared(_ path: ByteString, _ text: String) throws(SystemError) -> Folder? {
    guard let name = Name(text) else { return nil }
    do throws(SystemError) {
      return try Folder(.openRoot(path.bytes)).folder(name)
    } catch {
      if error.errno == ENOENT { return nil }
      throw error
    }
  }

  /// Folders named by a number that belong to that number: nobody is made a worker of by a name alone.
  private static func folders(_ shared: Folder) throws(SystemError) -> [UInt32] {
    let listing = try shared.directory.list()
    var owners: [UInt32] = []
    for index in listing.indices {
      let text = String(decoding: listing.bytes(index), as: UTF8.self)
      guard let owner = UInt32(text), String(owner) == text else { continue }
      // One that went meanwhile is none.
      guard let status = try shared.statusIfThere(listing.name(index)) else { continue }
      if status.type == .directory, status.uid == owner { owners.append(owner) }
    }
    return owners
  }
}
