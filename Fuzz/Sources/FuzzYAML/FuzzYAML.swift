import FuzzDriver
import PolicyDiagnostics
import PolicySyntax
import PolicyYAML

/// Any bytes: the reader answers with nodes or findings, and what can be formatted can be formatted again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzYAML(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
  let source = SourceText(path: "fuzz.yaml", bytes: Array(UnsafeBufferPointer(start: data, count: size)))
  let (root, diagnostics) = YAMLReader.read(source, file: 0)
  precondition(root != nil || !diagnostics.isEmpty, "neither a document nor a finding")
  if let formatted = PolicyFormatter.format(source) {
    let again = SourceText(path: "fuzz.yaml", bytes: formatted)
    _ = PolicyFormatter.format(again)
  }
  return 0
}

/// The name under which the package manager looks for `main`.
@_cdecl("FuzzYAML_main")
public func start(_ count: CInt, _ arguments: Arguments) -> CInt {
  fuzz(count, arguments) { fuzzYAML($0, $1) }
}
