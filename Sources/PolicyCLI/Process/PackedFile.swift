internal import Glibc
internal import PolicyCore
internal import PolicyFormats
internal import Synchronization

/// A packed snapshot in a regular file. It is read while it is decoded: never does it lie in memory a second time, beside
/// what was unpacked.
final class PackedFile: Sendable {
  private let descriptor: Int32
  private let size: Int
  /// The errno of the last read that failed.
  private let failure = Atomic<Int32>(0)

  /// `nil` for any other file, for one that cannot be opened, and for standard input (`-`).
  init?(_ path: String) {
    if path == "-" { return nil }
    var status = stat()
    func isRegular(_ result: Int32) -> Bool { result == 0 && status.st_mode & S_IFMT == S_IFREG }
    // Looked at first: whoever writes into a pipe would be left alone by one who opens it and closes it again.
    let isFile = unsafe isRegular(stat(path, &status))
    descriptor = unsafe isFile ? open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK) : -1
    size = unsafe descriptor >= 0 && isRegular(fstat(descriptor, &status)) ? Int(status.st_size) : 0
    guard (1...Files.mostBytes).contains(size), PackedSnapshot.isOne(input) else { return nil }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// As `PackedSnapshot.decode`.
  func decode(
    schema: FactSchema = FactSchema(), isLinked: Bool = true
  ) throws(PackedSnapshot.Fault) -> (snapshot: Snapshot, digest: String?) {
    do throws(PackedSnapshot.Fault) {
      return try PackedSnapshot.decode(input, schema: schema, isLinked: isLinked)
    } catch {
      let code = failure.load(ordering: .relaxed)
      throw code == 0 ? error : PackedSnapshot.Fault(message: errorText(code))
    }
  }

  private var input: PackedInput { PackedInput(size: size) { self.read($0) } }

  /// The bytes of a range within the file; fewer where they cannot be read, or the file has become shorter.
  private func read(_ range: Range<Int>) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: range.count) { buffer, filled in
      guard let base = buffer.baseAddress else { return }
      while filled < range.count {
        let count = unsafe pread(descriptor, base + filled, range.count - filled, off_t(range.lowerBound + filled))
        if count < 0, errno == EINTR { continue }
        if count < 0 { failure.store(errno, ordering: .relaxed) }
        guard count > 0 else { return }
        filled += count
      }
    }
  }
}
