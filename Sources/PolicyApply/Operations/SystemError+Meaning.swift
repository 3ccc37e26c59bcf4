internal import Glibc
internal import PolicyFiles

extension SystemError {
  /// The thing is not there (any more), or the way to it is no directory any more.
  var isAbsence: Bool { [ENOENT, ENOTDIR, ELOOP].contains(errno) }

  /// Nothing more can be done on this volume, or by this process: everything stops, nothing is tried again.
  var stopsEverything: Bool {
    [ENOSPC, EDQUOT, EIO, EROFS, EMFILE, ENFILE, ENOMEM, ELIBACC].contains(errno)
      || ["fsync", "fdatasync", "syncfs"].contains(call)
  }

  var isLackOfSpace: Bool { errno == ENOSPC || errno == EDQUOT }

  /// What to do about it, to be put behind the message; mostly nothing.
  var advice: String { isLackOfSpace ? "; give `--state DIR` on another volume" : "" }

  /// For one item: what happened, and what that means where it is not plain.
  var sentence: String {
    switch errno {
    case EXDEV: "it is on another volume or mount, and nothing is ever copied behind your back"
    case ELOOP, ENOTDIR: "a folder above it is no longer a plain directory"
    case ENOENT: "it is gone"
    case EACCES: "\(text): its owner must be able to write the folder that holds it, too"
    case EPERM: "\(text): it may be immutable (`lsattr`), or in a sticky directory of somebody else"
    case ESTALE: "it was replaced while it was looked at"
    case ENOTRECOVERABLE: "others may write in a folder of it, and may have put something of somebody else there"
    case _: text
    }
  }
}
