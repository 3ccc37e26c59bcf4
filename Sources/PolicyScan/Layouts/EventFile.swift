internal import PolicyFiles

/// TensorBoard's `events.out.tfevents.<seconds>.<host>.<process>.<n>`.
enum EventFile {
  private static let beginning = "events.out.tfevents."

  static func isOne(_ name: ArraySlice<UInt8>) -> Bool { name.starts(with: beginning.utf8) }

  /// When the first of a directory's event files was begun, in nanoseconds.
  static func start(_ listing: DirectoryListing) -> Int64? {
    listing.indices.compactMap { index -> Int64? in
      guard let rest = FileNames.rest(listing.bytes(index), after: beginning) else { return nil }
      return FileNames.number(rest.prefix { $0 != UInt8(ascii: ".") })
    }
    .min().flatMap { seconds in
      let (stamp, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
      return overflow ? nil : stamp
    }
  }
}
