internal import Glibc

/// Calls with a path as the kernel wants it, followed by a NUL, without an allocation.
package func withTerminated(_ path: [UInt8], _ call: (UnsafePointer<CChar>) -> Int32) -> Int32 {
  unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: path.count + 1) { room in
    for index in path.indices { unsafe room.initializeElement(at: index, to: CChar(bitPattern: path[index])) }
    unsafe room.initializeElement(at: path.count, to: 0)
    guard let start = room.baseAddress else { return -ENOMEM }
    return unsafe call(UnsafePointer(start))
  }
}
