internal import CLibCrypto
internal import Glibc

/// SHA-256 as a stream, computed by the system's libcrypto.
///
/// A value owns its context and cannot be copied. `finish()` begins a new message, so that one value digests many.
@safe public struct SHA256Digest: ~Copyable {
  /// Bytes of a digest.
  public static let byteCount = 32

  private static let library: clibcrypto = {
    var reason: UnsafePointer<CChar>?
    guard let functions = unsafe clibcrypto_load(&reason) else {
      unsafe endWithout(reason.map { unsafe String(cString: $0) } ?? "")
    }
    return unsafe functions.pointee
  }()

  // Immutable once fetched, and libcrypto's own documentation lets threads share it.
  private nonisolated(unsafe) static let algorithm = unsafe withUnsafePointer(to: library) {
    unsafe clibcrypto_sha256($0)
  }

  private let context: OpaquePointer
  /// Whether a message has begun: beginning one costs about as much as digesting a short one.
  private var isBegun = false

  /// Loads libcrypto now instead of at the first digest: for those who must not find out between two changes that it is
  /// missing.
  public static func load() { _ = library }

  /// As the dynamic linker ends a program whose libraries are missing.
  private static func endWithout(_ reason: String) -> Never {
    let text = "error: digests need libcrypto (Debian and Ubuntu: `apt-get install libssl3`): \(reason)\n"
    _ = unsafe write(STDERR_FILENO, text, text.utf8.count)
    exit(127)
  }

  public init() {
    guard let context = unsafe Self.library.EVP_MD_CTX_new() else { preconditionFailure("libcrypto is out of memory") }
    unsafe self.context = unsafe context
  }

  deinit { unsafe Self.library.EVP_MD_CTX_free(context) }

  private mutating func begin() {
    if isBegun { return }
    isBegun = true
    let status = unsafe Self.library.EVP_DigestInit_ex(context, Self.algorithm, nil)
    precondition(status == 1, "libcrypto offers no SHA-256")
  }

  public mutating func update(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { buffer in unsafe update(buffer) }
  }

  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { buffer in unsafe update(buffer) }
  }

  /// Text is digested as its UTF-8 bytes.
  public mutating func update(_ text: String) { update(Array(text.utf8)) }

  public mutating func update(_ buffer: UnsafeRawBufferPointer) {
    guard let start = buffer.baseAddress else { return }
    begin()
    let status = unsafe Self.library.EVP_DigestUpdate(context, start, buffer.count)
    precondition(status == 1, "libcrypto failed to digest")
  }

  /// The digest of everything since the last `finish()`: 32 bytes. What follows is a new message.
  public mutating func finish() -> [UInt8] {
    begin()
    isBegun = false
    var digest = [UInt8](repeating: 0, count: Self.byteCount)
    let status = unsafe digest.withUnsafeMutableBufferPointer { buffer in
      unsafe Self.library.EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
    }
    precondition(status == 1, "libcrypto failed to digest")
    return digest
  }

  /// The digest of one message.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = SHA256Digest()
    digest.update(bytes)
    return digest.finish()
  }

  /// The digest of one message as 64 lower-case hexadecimal digits.
  public static func hex(of bytes: [UInt8]) -> String { Hexadecimal.encode(hash(bytes)) }
}
