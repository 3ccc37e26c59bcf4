internal import Glibc
internal import PolicyCore
internal import PolicyFiles
internal import PolicyFormats

/// Reads trees and says what is there. It decides nothing and changes nothing.
///
/// Each root is walked once, but for runs that an earlier snapshot has and that did not change since. A directory that a layout recognises is a run; its files are read when it is entered, its
/// sums and its digest are complete when it is left, and then its state follows from the evidence of both. Permission
/// errors never stop a scan: what they hide is reported, and facts that depend on it are unreadable.
public enum Scanner {
  public static func scan(_ request: ScanRequest) -> ScanResult {
    let mounts = MountTable.current()
    var check = RootCheck(homes: request.homes, mounts: mounts)
    var problems = request.roots.compactMap { check.check($0) }
    let openFiles = OpenFiles.current()
    let reader = RunReader(
      layouts: LayoutTable.layouts(request.settings), declared: DeclaredFactReader(declarations: request.facts),
      machine: Machine(host: request.host))
    var snapshot = Snapshot(
      now: request.now ?? request.clock, scannedAt: request.clock, roots: [], scan: request.settings,
      declaredFacts: request.facts)
    let schema = FactSchema(layouts: request.settings.layouts, declared: request.facts)
    var references: [Reference] = []
    var (takenOver, carried): (Int, [CarriedReference]) = (0, [])
    for root in check.accepted {
      do throws(SystemError) {
        let directory = try DirectoryDescriptor.openRoot(root.path.bytes)
        let status = try directory.status()
        guard status.isSameObject(as: root.status) else { throw SystemError(errno: ESTALE, call: "open") }
        let index = snapshot.roots.count
        let scanned = Root(
          host: request.host, path: root.path, device: status.device, inode: status.inode,
          mountID: status.mountID, fileSystem: try directory.fileSystemName(mounts))
        snapshot.roots.append(scanned)
        addVolume(of: root, directory, request.host, mounts, &snapshot)
        let records = OwnerRecords(
          directory, root: index, schema: schema, state: request.stateFolder(of: root.path))
        let earlier = request.earlier.flatMap { snapshot in
          EarlierRuns(snapshot, root: scanned, clock: request.clock)
        }
        var found = try ParallelScan(
          reader: reader, records: records, request: request, openFiles: openFiles, earlier: earlier, root: index
        ).scan(directory)
        takenOver += found.takenOver
        // What the arguments of runs that were not read point to is known by where they pointed then.
        if found.takenOver > 0, let earlier {
          carried += earlier.referenced.map { CarriedReference(root: index, path: $0.path, identity: $0.identity) }
        }
        snapshot.unmatchedPins += records.unmatchedPins(found.entities, notRead: found.unreadable)
        let shift = snapshot.entities.count
        let entities = found.takeEntities()
        if shift == 0 { snapshot.entities = entities } else { snapshot.entities += entities }
        references += found.references.map { Reference(run: $0.run + shift, path: $0.path) }
        if !records.archived.isEmpty { snapshot.entities += records.archived }
        snapshot.trash += records.trash
        snapshot.unreadable += records.places + found.unreadable
        snapshot.unrecognised += found.unrecognised
      } catch {
        problems.append(RootProblem(root: root.path, reason: .unreadable(error.text)))
        snapshot.roots.removeAll { $0.path == root.path }
      }
    }
    markReferenced(references, carried, &snapshot)
    snapshot.normalise(isLinked: request.isLinked)
    return ScanResult(snapshot: snapshot, problems: problems, takenOver: takenOver)
  }

  private static func addVolume(
    of root: CheckedRoot, _ directory: borrowing DirectoryDescriptor, _ host: ByteString, _ mounts: MountTable,
    _ snapshot: inout Snapshot
  ) {
    let mount = root.status.mountID.flatMap { mounts.mount(id: $0) } ?? mounts.mount(of: root.path.bytes)
    guard let mount, let usage = try? directory.volumeUsage() else { return }
    let path = ByteString(mount.path)
    guard !snapshot.volumes.contains(where: { $0.path == path }) else { return }
    snapshot.volumes.append(Volume(host: host, path: path, size: usage.size, used: usage.used))
  }

  private static func markReferenced(
    _ references: [Reference], _ carried: [CarriedReference], _ snapshot: inout Snapshot
  ) {
    guard !references.isEmpty || !carried.isEmpty else { return }
    let index = ReferenceIndex(snapshot.entities, snapshot.roots)
    for run in index.referenced(by: references).union(index.referenced(carried)).sorted() {
      let facts = snapshot.entities[run].facts
      if facts.fact("referenced") == .value(.bool(true)) { continue }
      let known = facts.known + [(name: "referenced", value: FactValue.bool(true))]
      let shape = FactShape(known.map(\.name))
      let values = shape.names.map { name in known.first { $0.name == name }?.value }
      snapshot.entities[run].facts = FactRow(shape: shape, values: values, unreadable: facts.unreadable)
    }
  }
}
