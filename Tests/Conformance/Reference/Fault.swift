/// A sentence of the language page, deliberately broken. The harness must notice each of them; a fault that no generated
/// case shows would mean that the sentence is not tested.
enum Fault: String, CaseIterable, Sendable {
  // Reading and conditions.
  case futureStampIsAgeZero, ratioOutOfRangeIsRead, fallbackReplacesUnreadable, missingComparesFalse
  case unreadableIsMissingIsTrue, orphanRunFactsAreMissing, orIsDecidedByUnknown
  // Rules.
  case keepNeedsCertainty, protectNeedsCertainty, trashActsOnUnknown, ageMustExceed, unknownAgePasses
  case tiesIgnoreStamp, tiesFlipIgnored, tieUnknownStampFirst, tiesIgnoreProgress, oldestTakesLater
  case unknownProgressLoses, unreadableProgressLoses, missingKeyOut, missingDropIgnored, unreadableKeyOut
  case groupsIgnorePer, unknownGroupsTogether, tiersRankTogether, everyOutsideNumberless, countOneMore, countOneLess
  // Precedence.
  case protectNotDown, protectNotUp, keepGoesDown, nestedKeepIgnored, keepHoldsArchive, trashBeatsArchive
  case undecidedArchiveIgnored, runArchiveIgnoredByCheckpoints, requiresIgnored, staleBackupMeets, otherContentMeets
  case backupOfRunning, backupAgain, softNeverYields, softYieldsToTrash, innerActsStay
  // Quotas and pressure.
  case quotaAtLimit, quotaSkipsBig, quotaTakesGroupless, quotaCountsGoing, linksCountTwice, downToIgnored
  case orderMissingGoes, orderUnreadableGoes, orderReversed, evictionTiesNewest
  case evictionTiesIgnoreProgress, unknownOrderConditionFirst
  case waitingIsEvicted, checkpointQuotasFirst, highMustExceed, plannedTrashStays, existingTrashStays
  case gaveWayForRulesToo, minAgeIgnored, purgeForgetsRecordTime, purgeForgetsPolicyTime, purgeIgnoresNever
  // Safeguards.
  case neverNeedsCertainty, neverForgetsContents, limitsForgetEvictions, limitReachedRefuses
}
