internal import CLinux

/// Has the disk write while more is made, so that there is little left to wait for in the end.
package enum Writeback {
  /// Begins with what was written to some places of a file. It promises nothing and tells of no error: `fsync` does.
  package static func begin(_ descriptor: Int32, _ places: Range<Int>) {
    _ = policy_begin_writing(descriptor, Int64(places.lowerBound), Int64(places.count))
  }
}
