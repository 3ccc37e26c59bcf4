/// An open directory that several can hold, and lists too; closed when the last of them lets go of it.
package final class SharedDirectory: Sendable {
  package let directory: DirectoryDescriptor
  package init(_ directory: consuming DirectoryDescriptor) { self.directory = directory }
}
