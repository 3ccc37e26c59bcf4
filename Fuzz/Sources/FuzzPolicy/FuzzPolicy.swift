import FuzzDriver
import PolicyAnalysis
import PolicyDiagnostics
import PolicySyntax

/// Any bytes as a policy: refused with a finding, or analysed within its budget.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzPolicy(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: size))
  let result = PolicyLoader.load("p.yaml") { path in
    path == "p.yaml" ? .success(bytes) : .failure(ReadFailure(reason: "no such file"))
  }
  guard let loaded = result.loaded else {
    precondition(!result.diagnostics.isEmpty, "neither a policy nor a finding")
    return 0
  }
  _ = Analyzer.analyze(loaded.policy, loaded.sourceMap, result.sources, now: nil)
  return 0
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzPolicy_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  fuzz(count, arguments) { fuzzPolicy($0, $1) }
}
