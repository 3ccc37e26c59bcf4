public import PolicyCore
public import PolicyDiagnostics

/// A file that a policy is made of.
public struct PolicyFile: Sendable, Equatable {
  /// Relative to the main policy's folder; absolute for an import that was written so.
  public let path: String
  public let bytes: [UInt8]

  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }
}

/// Where the parts of a resolved policy come from, beside what `SourceMap` holds.
public struct Provenance: Sendable {
  /// By top key: the key in each file that has the block, in the order of `SourceSet`.
  public var blocks: [String: [SourceSpan]] = [:]
  /// By id, or `limits`: what `override` changed, in its order.
  public var overrides: [String: [Override]] = [:]
  /// The declaration of each param.
  public var params: [String: SourceSpan] = [:]
  /// Names of params that got their value from the command line.
  public var isSet: [String] = []
  /// The declaration of each fact.
  public var facts: [String: SourceSpan] = [:]
  /// Names of params that are used, in order of first use.
  public var usedParams: [String] = []

  public struct Override: Sendable {
    public let key: String
    public let span: SourceSpan
  }

  public init() {}
}

/// A policy that is free of errors, with what is needed to speak of it.
public struct LoadedPolicy: Sendable {
  /// Implicit rules included.
  public let policy: Policy
  /// `description` of the main file.
  public let description: String?
  public let sourceMap: SourceMap
  public let provenance: Provenance
  /// Main file first, then imports in the order in which they were first read.
  public let files: [PolicyFile]
}

public struct LoadResult: Sendable {
  /// `nil` iff there is an error.
  public let loaded: LoadedPolicy?
  /// Sorted by file and offset.
  public let diagnostics: [Diagnostic]
  public let sources: SourceSet
}

/// Why a file could not be read.
public struct ReadFailure: Error, Equatable {
  /// Fit to stand behind a colon: `no such file`.
  public let reason: String
  public init(reason: String) { self.reason = reason }
}
