/// What decided the state of a run: the rows of the page on states, strongest first within a state.
enum StateGround: String, CaseIterable, Sendable {
  // Running whatever else is known.
  case liveLock = "live-lock"
  case flock
  case openFile = "open-file"
  // Unknown before anything is believed.
  case clockSkew = "clock-skew"
  case foreignLock = "foreign-lock"
  case otherTool = "other-tool"
  case incomplete
  // It ended by its own account.
  case stripped
  case recorded
  case plots
  case allEpochs = "all-epochs"
  // Nothing tells of an end.
  case recentChange = "recent-change"
  case resultsWithoutEnd = "results-without-end"
  case onlyArguments = "only-arguments"
  case checkpointsWithoutMetrics = "checkpoints-without-metrics"
  case metricsUnreadable = "metrics-unreadable"
}
