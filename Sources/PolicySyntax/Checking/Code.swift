/// The codes that decoding, lowering and loading report. Those of conditions and literals belong to their parsers.
/// A code never changes its meaning.
enum Code: String, CaseIterable {
  /// No version, or one that this program does not know.
  case version = "P0001"
  case unknownKey = "P0002"
  /// A block of text (`|`, `>`) where a value belongs.
  case blockText = "P0009"
  /// A list or a block where a single value belongs.
  case singleValue = "P0010"
  /// An id, or a name of a fact, param or layout, that is taken or reserved.
  case duplicateName = "P0011"
  /// No verb, or several.
  case verbCount = "P0012"
  case badKind = "P0013"
  case selectorWithoutGroup = "P0014"
  case selectorOnWrongVerb = "P0015"
  case twoSelectors = "P0016"

  /// A clause that its verb, kind or neighbours do not use.
  case unusedClause = "P0030"
  /// No `where` on what would move everything.
  case missingCondition = "P0031"
  /// Another key that must be there.
  case missingKey = "P0032"
  /// A single value where a block or a list belongs, or the reverse of the two.
  case wrongShape = "P0033"
  /// Nothing was written after a key, or an empty list where one value is needed.
  case noValue = "P0034"
  /// A word that is none of those that the key takes.
  case unknownWord = "P0035"
  /// A value outside what the key takes.
  case outOfRange = "P0036"
  /// An id or name that cannot be one.
  case badName = "P0037"
  /// `archive` without a place to put archives.
  case noArchiveTarget = "P0038"
  /// `backup` without a place to put backups.
  case noBackupTarget = "P0039"
  /// A path that a shell would expand and this program does not.
  case unexpandedPath = "P0040"
  case noRoots = "P0041"
  /// A pattern without the capture that it is for, or a path that cannot be used.
  case badPattern = "P0042"
  /// A source of a fact that names nothing, or two things.
  case factSource = "P0043"
  /// A file that `imports` names and that cannot be read.
  case importUnreadable = "P0044"
  case importCycle = "P0045"
  /// A block that two files have.
  case blockInTwoFiles = "P0046"
  /// An `override` of what is not there.
  case overrideTarget = "P0047"
  /// An `override` that touches a safeguard.
  case overrideSafeguard = "P0048"
  /// An `override` of what cannot be changed: id, verb.
  case overrideForbidden = "P0049"

  /// An empty list of conditions.
  case emptyCondition = "P0105"
  /// A param's value has another type than its default, or a key takes another type.
  case typeMismatch = "P0202"
  case unknownParam = "P0204"
  /// A fact without a direction in `best`, or with a type that cannot be ranked.
  case noDirection = "P0207"
  /// A declaration that contradicts a built-in fact or metric.
  case contradictsBuiltIn = "P0208"
  /// Nothing is purged except by hand.
  case neverPurged = "P0390"
}
