internal import PolicyCore
internal import PolicyFiles

/// How much may still be written where a path is, or will be.
struct FreeSpace {
  /// The nearest directory that is there.
  let place: ByteString
  let available: Int64
  let size: Int64

  init?(at path: ByteString) {
    var place = path
    while true {
      if let directory = try? DirectoryDescriptor.openRoot(place.bytes), let usage = try? directory.volumeUsage() {
        (self.place, available, size) = (place, usage.available, usage.size)
        return
      }
      guard place != "/" else { return nil }
      place = RoomEstimate.parent(place)
    }
  }

  /// Below the mark; by default 5 % of the volume, and never more than 10 GiB.
  func isBelow(_ mark: SizeLimit?) -> Bool {
    switch mark {
    case .bytes(let bytes): available < bytes
    case .share(let share): available < share.scaled(size) ?? .max
    case nil: available < min(size / 20, 10 << 30)
    }
  }
}
