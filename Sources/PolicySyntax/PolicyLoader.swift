internal import PolicyDiagnostics

/// From files to a checked policy: read, decode, merge imports, apply overrides, lower.
public enum PolicyLoader {
  /// `read` maps a path to bytes: the main file's as given, those of imports joined to the importer's folder, without
  /// `.` and `..` where these can be resolved. `set` are values of params from the command line, in their order.
  public static func load(
    _ path: String, set values: [(name: String, value: String)] = [],
    read: (String) -> Result<[UInt8], ReadFailure>
  ) -> LoadResult {
    var collector = FileCollector(main: path)
    collector.collect(read)
    var assembly = PolicyAssembly(collector.files, collector.sources, collector.reader)
    let policy = collector.isUsable ? assembly.assemble(set: values) : nil
    let diagnostics = collector.withoutEchoes(assembly.lowering.reader.diagnostics).inSourceOrder()
    let hasErrors = diagnostics.contains { $0.severity == .error }
    var loaded: LoadedPolicy?
    if let policy, !hasErrors {
      assembly.note(collector.imports)
      let files = zip(collector.files, collector.paths).map { file, path in
        PolicyFile(path: path, bytes: collector.sources.sources[file.index].bytes)
      }
      loaded = LoadedPolicy(
        policy: policy, description: assembly.description, sourceMap: assembly.lowering.sourceMap,
        provenance: assembly.provenance, files: files)
    }
    return LoadResult(loaded: loaded, diagnostics: diagnostics, sources: assembly.sources)
  }
}
