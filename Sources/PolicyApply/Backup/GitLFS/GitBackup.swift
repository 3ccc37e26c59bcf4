internal import PolicyCore
internal import PolicyDigest
internal import PolicyFiles
internal import PolicyFormats

/// One backup as the remote has it: fetched into an area of its own, of which nothing was there before.
struct GitBackup {
  let git: Git
  let manifest: ArchiveManifest
  /// As it lies there.
  let text: [UInt8]

  /// Fetches pointers and manifest, and compares them. `digest`: what a journal says of the manifest.
  init(_ git: Git, _ place: GitPlace, manifestDigest digest: String?) throws(ArchiveTrouble) {
    self.git = git
    guard let tip = try git.fetchTip() else {
      throw ArchiveTrouble.damaged("it is not there: the repository has no branch `\(git.target.branch)`")
    }
    guard let owner = try git.list(tip).first(where: { $0.name == ByteString(place.owner) }),
      let own = try git.list(owner.object).first(where: { $0.name == place.name })
    else { throw ArchiveTrouble.damaged("it is not there") }
    let found = try git.list(own.object, all: true)
    let name = ByteString(ArchivePlace.manifest)
    guard let last = found.first(where: { $0.name == name }) else { throw ArchiveTrouble.damaged("it has no manifest") }
    text = try git.content(last.object)
    if let digest, SHA256Digest.hex(of: text) != digest {
      throw ArchiveTrouble.damaged("the manifest is not the one that the journal tells of")
    }
    do throws(ArchiveManifest.Unreadable) {
      manifest = try ArchiveManifest.decode(text)
    } catch {
      throw ArchiveTrouble.damaged(error.reason)
    }
    let others = found.filter { $0.name != name }
    let contents = try git.contents(others.map(\.object))
    try Self.compare(zip(others, contents).map { ($0.name, $0.mode, $1) }, manifest)
  }

  /// There is a pointer for each file of the manifest, and nothing else.
  static func compare(
    _ found: [(path: ByteString, mode: String, content: [UInt8])], _ manifest: ArchiveManifest
  ) throws(ArchiveTrouble) {
    var there: [ByteString: [UInt8]] = [:]
    for one in found where one.mode == "100644" { there[one.path] = one.content }
    var expected: Set<ByteString> = []
    for entry in manifest.entries {
      guard let pointer = GitPointer(entry) else { continue }
      expected.insert(entry.path)
      guard let content = there[entry.path] else {
        throw ArchiveTrouble.damaged("the copy does not verify: \(entry.path.displayText) is missing")
      }
      guard content == pointer.text else {
        throw ArchiveTrouble.damaged(
          "the copy does not verify: the pointer of \(entry.path.displayText) is not as it was written")
      }
    }
    if let stranger = found.map(\.path).sorted().first(where: { !expected.contains($0) }) {
      throw ArchiveTrouble.damaged("\(stranger.displayText) is in the backup and not in its manifest")
    }
  }

  /// Fetches every object, some at a time, compares each byte with the digest, and hands it on before it is removed.
  func read(
    _ body: (GitPointer, Folder, Name) throws(ArchiveTrouble) -> Void = { _, _, _ in }
  ) throws(ArchiveTrouble) {
    for (number, part) in GitPointer.parts(GitPointer.objects(manifest.entries)).enumerated() {
      let reference = "refs/heads/part-\(number)"
      var commit = GitImport(reference, at: 0, message: "", parent: nil)
      for pointer in part { commit.put(pointer.text, at: ByteString(pointer.digest)) }
      let fetched = try git.fetchObjects(git.write(commit, reference))
      for pointer in part { try read(pointer, fetched, body) }
      do throws(SystemError) {
        try git.area.emptyStore()
      } catch {
        throw GitArea.trouble(error, ByteString(git.area.path))
      }
    }
  }

  private func read(
    _ pointer: GitPointer, _ fetched: (trouble: ArchiveTrouble?, isMissing: Bool),
    _ body: (GitPointer, Folder, Name) throws(ArchiveTrouble) -> Void
  ) throws(ArchiveTrouble) {
    let shown = (manifest.entries.first { $0.digest == pointer.digest }?.path ?? "").displayText
    var digest = SHA256Digest()
    do {
      let (folder, name) = try git.area.place(of: pointer.digest)
      let file = try folder.directory.openFile(name)
      file.forgetPages()
      var place: Int64 = 0
      while true {
        try git.goOn()
        let bytes = try file.read(at: place, count: 1 << 20)
        if bytes.isEmpty { break }
        digest.update(bytes)
        place += Int64(bytes.count)
      }
      guard Hexadecimal.encode(digest.finish()) == pointer.digest, place == pointer.size else {
        throw ArchiveTrouble.damaged("the copy does not verify: \(shown) is not as it was sent")
      }
      try body(pointer, folder, name)
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      guard error.isAbsence else { throw GitArea.trouble(error, ByteString(git.area.path)) }
      let words = fetched.trouble?.reason ?? "Git LFS did not give it"
      throw ArchiveTrouble(
        "the copy does not verify: \(shown) is missing or is not as it was sent: \(words)", isDamage: fetched.isMissing)
    } catch {
      throw ArchiveTrouble("\(shown) cannot be read")
    }
  }

  /// Puts manifest and files where `Unpacking` finds them: into an empty folder.
  func lay(into folder: Folder, _ changes: FileChanges) throws(ArchiveTrouble) {
    var places: [String: [RelativePath]] = [:]
    do {
      guard let name = Name(ArchivePlace.manifest) else { return }
      let file = try changes.openFile(folder.directory, name, exclusive: true)
      try changes.write(file, text, at: 0)
      for entry in manifest.entries {
        guard let path = RelativePath(entry.path.bytes), let parts = path.split else { continue }
        if entry.kind == .directory {
          try changes.makeDirectory(folder.folder(parts.parent).directory, parts.last, mode: 0o700)
        } else if let pointer = GitPointer(entry) {
          if pointer.hasObject {
            places[pointer.digest, default: []].append(path)
          } else {
            _ = try changes.openFile(folder.folder(parts.parent).directory, parts.last, exclusive: true)
          }
        }
      }
      try read { pointer, home, name throws(ArchiveTrouble) in
        do throws(SystemError) {
          // One inode under each of its names: all of them are read, and then removed.
          for path in places[pointer.digest] ?? [] {
            guard let parts = path.split else { continue }
            try changes.makeName(folder.folder(parts.parent).directory, parts.last, of: home.directory, name)
          }
        } catch {
          throw ArchiveTrouble("it cannot be fetched: \(error.text)", cause: error)
        }
      }
    } catch let trouble as ArchiveTrouble {
      throw trouble
    } catch let error as SystemError {
      throw ArchiveTrouble("it cannot be fetched: \(error.text)", cause: error)
    } catch {
      throw ArchiveTrouble("it cannot be fetched")
    }
  }
}
