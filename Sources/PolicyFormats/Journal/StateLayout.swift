public import PolicyCore

/// Names of the files that belong to one (root, owner), below `ROOT/.policy/<uid>/`:
///
/// ```
/// .policy/                 mode 1777 when made by root, else 0700
///   <uid>/                 0700, that owner's; root's 0755, with journal and pins 0644: its pins count for everybody
///     lock                 held (flock) by the one writer
///     journal              what was done; see JournalRecord
///     pins                 see PinList
///     trash/files/<record> what was moved
///     trash/info/<record>.trashinfo
/// ```
///
/// Under `--state DIR` everything but `trash/files` lies in `DIR/<stateName(root)>/<uid>/` instead.
public enum StateLayout {
  public static let folder = ".policy"
  public static let lock = "lock"
  public static let journal = "journal"
  public static let pins = "pins"
  public static let trash = "trash"
  public static let files = "files"
  public static let info = "info"
  public static let infoSuffix = ".trashinfo"
  /// Before the name of an item whose journal lies in a state folder, or which shares `trash.dir` with other roots'; a
  /// checksum of that path and a dash follow. Records never begin like this.
  public static let stateMark = "state-"
  public static let rootMark = "root-"
  /// On a volume without a single free block no directory can be made; then a moved item is a hidden entry of the
  /// root itself, named by this, the uid, a dash and the record.
  public static let looseItemPrefix = ".policy-trash-"

  /// Root-relative folder of an owner: `.policy/1000`.
  public static func ownerFolder(uid: UInt32) -> ByteString { ByteString("\(folder)/\(uid)") }

  /// Name of a root's folder in a state directory: its path, percent-encoded; a long one is cut and told apart by CRC.
  public static func stateName(root: ByteString) -> String {
    let encoded = PercentEncoding.encode(root.bytes, keeping: [])
    if encoded.utf8.count <= 200 { return encoded }
    return String(decoding: encoded.utf8.prefix(180), as: UTF8.self) + "-" + CRC32.text(of: root.bytes)
  }
}
