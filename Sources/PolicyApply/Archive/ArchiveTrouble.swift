internal import PolicyFiles

/// Why an archive cannot be written, read or believed.
struct ArchiveTrouble: Error, Equatable {
  /// Lower case, no full stop; names are escaped.
  let reason: String
  /// The error of the system behind it, where there is one.
  let cause: SystemError?
  /// The archive is not what it should be: its bytes were read, and are wrong.
  let isDamage: Bool

  init(_ reason: String, cause: SystemError? = nil, isDamage: Bool = false) {
    self.reason = reason
    self.cause = cause
    self.isDamage = isDamage
  }

  static func damaged(_ reason: String) -> ArchiveTrouble { ArchiveTrouble(reason, isDamage: true) }
}
