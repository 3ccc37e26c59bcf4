/// The language server.
enum Room {}
