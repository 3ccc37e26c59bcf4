internal import CLibArchive
internal import Glibc
internal import PolicyFiles

/// The functions of the system's libarchive, which is loaded when the first archive is written or read.
enum LibArchive {
  private static let outcome: Result<clibarchive, ArchiveTrouble> = {
    var reason: UnsafePointer<CChar>?
    if let functions = unsafe clibarchive_load(&reason) { return unsafe .success(functions.pointee) }
    return .failure(missing(unsafe reason.map { unsafe String(cString: $0) } ?? ""))
  }()

  /// Throws where it is not there. That says nothing about any archive, and none can be written or read.
  static func loaded() throws(ArchiveTrouble) -> clibarchive { try outcome.get() }

  private static func missing(_ reason: String) -> ArchiveTrouble {
    ArchiveTrouble(
      "archives need libarchive (Debian and Ubuntu: `apt-get install libarchive13`): \(reason)",
      cause: SystemError(errno: ELIBACC, call: "dlopen"))
  }
}
