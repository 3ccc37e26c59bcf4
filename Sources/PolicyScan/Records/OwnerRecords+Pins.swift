internal import PolicyCore
internal import PolicyFormats

extension OwnerRecords {
  /// Pins that bind none of the things found, unless they may lie in a place that could not be read.
  func unmatchedPins(_ entities: [Entity], notRead: [ReportedPlace]) -> [ReportedPlace] {
    guard !pins.isEmpty else { return [] }
    var unmatched = pins
    for entity in entities {
      guard let identity = entity.identity else { continue }
      let inode = Inode(device: identity.device, inode: identity.inode)
      unmatched[inode]?.removeAll {
        $0.pin.binds(device: identity.device, inode: identity.inode, born: identity.born)
      }
    }
    return unmatched.values.flatMap { $0 }.filter { entry in
      !notRead.contains { entry.pin.path.isAtOrBelow($0.path) }
    }
    .map { ReportedPlace(root: root, path: $0.pin.path, reason: $0.pin.because) }
    .sorted { ($0.path, $0.reason) < ($1.path, $1.reason) }
  }
}
