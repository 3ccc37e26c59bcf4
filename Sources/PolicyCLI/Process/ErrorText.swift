internal import Glibc

/// What a system's error number means, as our messages are written: lower case, no full stop.
func errorText(_ code: Int32) -> String {
  switch code {
  case ENOENT: return "there is no such file"
  case ENOTDIR: return "a part of the path is a file, not a directory"
  case EISDIR: return "it is a directory"
  case EACCES: return "you may not (permission denied)"
  case ELOOP: return "symbolic links that lead to each other"
  default: break
  }
  guard let pointer = unsafe strerror(code) else { return "error \(code)" }
  let text = unsafe String(cString: pointer)
  return text.prefix(1).lowercased() + text.dropFirst()
}
