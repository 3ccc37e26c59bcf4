/// What libFuzzer calls with the bytes of one try.
public typealias Try = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
public typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>, _ test: Try
) -> CInt

/// The folder of `--seeds FOLDER`, where that is all that the command line says: seeds are to be written there.
public func seedFolder(_ count: CInt, _ arguments: Arguments) -> String? {
  guard count == 3, let first = arguments?[1], let second = arguments?[2], String(cString: first) == "--seeds" else {
    return nil
  }
  return String(cString: second)
}

/// Fuzzes as the arguments of the command line say.
public func fuzz(_ count: CInt, _ arguments: Arguments, _ test: Try) -> CInt {
  var (count, arguments) = (count, arguments)
  return runDriver(&count, &arguments, test)
}
