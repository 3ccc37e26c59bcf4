internal import CLinux
internal import Glibc

/// A named value that a file system keeps with a file; access lists are among them.
package struct ExtendedAttribute: Hashable, Sendable {
  package let name: [UInt8]
  package let value: [UInt8]

  /// All of an open file or directory, sorted by name; none where the file system has none. A label of the system's
  /// security belongs to the place and not to the file, and is left out.
  package static func all(of descriptor: Int32) throws(SystemError) -> [ExtendedAttribute] {
    var names: [UInt8] = []
    do throws(SystemError) {
      names = try unsafe bytes("flistxattr") { buffer, size in unsafe policy_list_attributes(descriptor, buffer, size) }
    } catch {
      if error.errno == EOPNOTSUPP { return [] }
      throw error
    }
    var attributes: [ExtendedAttribute] = []
    for name in names.split(separator: 0) where Array(name) != Array("security.selinux".utf8) {
      let text = name.map { CChar(bitPattern: $0) } + [0]
      let value = try unsafe bytes("fgetxattr") { buffer, size in
        unsafe policy_attribute(descriptor, text, buffer, size)
      }
      attributes.append(ExtendedAttribute(name: Array(name), value: value))
    }
    return attributes.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Asks how much there is, then for it; again where it grew in between.
  private static func bytes(
    _ call: String, _ ask: (UnsafeMutableRawPointer?, Int) -> Int64
  ) throws(SystemError) -> [UInt8] {
    for _ in 0..<8 {
      let size = try checked(ask(nil, 0), call)
      if size == 0 { return [] }
      var buffer = [UInt8](repeating: 0, count: Int(size))
      let got = unsafe buffer.withUnsafeMutableBytes { unsafe ask($0.baseAddress, $0.count) }
      if got == -Int64(ERANGE) { continue }
      return Array(buffer.prefix(Int(try checked(got, call))))
    }
    throw SystemError(errno: ERANGE, call: call)
  }
}

extension RegularFile {
  package func attributes() throws(SystemError) -> [ExtendedAttribute] { try ExtendedAttribute.all(of: rawValue) }
}

extension DirectoryDescriptor {
  package func attributes() throws(SystemError) -> [ExtendedAttribute] { try ExtendedAttribute.all(of: rawValue) }
}
