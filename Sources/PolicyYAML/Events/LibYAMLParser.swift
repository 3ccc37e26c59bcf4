internal import CLibYAML

/// The system's libyaml, asked for one event at a time, so that depth, size and count are capped by us, and before
/// anything is built. The only code here that touches C.
@safe struct LibYAMLParser: ~Copyable {
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let index: CodePointIndex

  /// INVARIANT: `text` (without a byte order mark, valid UTF-8) outlives the parser. `nil` when there is no memory.
  init?(_ text: UnsafeBufferPointer<UInt8>, index: CodePointIndex) {
    let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
    unsafe parser.initialize(to: yaml_parser_t())
    self.index = index
    unsafe self.parser = parser
    guard unsafe yaml_parser_initialize(parser) == 1 else {
      // Not `deinit`'s business: libyaml has already freed what it had.
      unsafe parser.initialize(to: yaml_parser_t())
      return nil
    }
    unsafe yaml_parser_set_input_string(parser, text.baseAddress, text.count)
    unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
  }

  deinit {
    unsafe yaml_parser_delete(parser)
    unsafe parser.deallocate()
  }

  /// The next event. Not to be called again after a failure or the end of the stream.
  mutating func next() throws(YAMLFailure) -> YAMLEvent {
    var event = unsafe yaml_event_t()
    guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { unsafe yaml_event_delete(&event) }
    return unsafe translate(event)
  }

  private func failure() -> YAMLFailure {
    let context = unsafe parser.pointee.context.map { unsafe String(cString: $0) } ?? ""
    let problem = unsafe parser.pointee.problem.map { unsafe String(cString: $0) } ?? ""
    let problemOffset = unsafe index.byteOffset(Int(parser.pointee.problem_mark.index))
    let contextOffset = unsafe index.byteOffset(Int(parser.pointee.context_mark.index))
    return YAMLFailure(
      context: context, contextOffset: context.isEmpty ? problemOffset : contextOffset, problem: problem,
      problemOffset: problemOffset)
  }

  private func translate(_ event: yaml_event_t) -> YAMLEvent {
    var hasTag = false
    var hasAnchor = false
    let kind: YAMLEvent.Kind
    switch unsafe event.type {
    case YAML_STREAM_START_EVENT: kind = .streamStart
    case YAML_DOCUMENT_START_EVENT:
      let start = unsafe event.data.document_start
      let hasDirectives =
        unsafe start.version_directive != nil || start.tag_directives.start != start.tag_directives.end
      kind = unsafe .documentStart(isExplicit: start.implicit == 0, hasDirectives: hasDirectives)
    case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
    case YAML_ALIAS_EVENT: kind = .alias
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      unsafe hasTag = scalar.tag != nil
      unsafe hasAnchor = scalar.anchor != nil
      let value = unsafe Array(UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length)))
      kind = unsafe .scalar(value: value, style: style(scalar.style))
    case YAML_SEQUENCE_START_EVENT:
      let start = unsafe event.data.sequence_start
      unsafe hasTag = start.tag != nil
      unsafe hasAnchor = start.anchor != nil
      kind = unsafe .sequenceStart(isFlow: start.style == YAML_FLOW_SEQUENCE_STYLE)
    case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      let start = unsafe event.data.mapping_start
      unsafe hasTag = start.tag != nil
      unsafe hasAnchor = start.anchor != nil
      kind = unsafe .mappingStart(isFlow: start.style == YAML_FLOW_MAPPING_STYLE)
    case YAML_MAPPING_END_EVENT: kind = .mappingEnd
    default: kind = .streamEnd
    }
    let start = unsafe index.byteOffset(Int(event.start_mark.index))
    let end = unsafe index.byteOffset(Int(event.end_mark.index))
    return YAMLEvent(
      kind: kind, range: start..<max(start, end), hasTag: hasTag, hasAnchor: hasAnchor,
      indent: unsafe Int(parser.pointee.indent))
  }

  private func style(_ style: yaml_scalar_style_t) -> ScalarText.Style {
    switch style {
    case YAML_SINGLE_QUOTED_SCALAR_STYLE: .singleQuoted
    case YAML_DOUBLE_QUOTED_SCALAR_STYLE: .doubleQuoted
    case YAML_LITERAL_SCALAR_STYLE: .literal
    case YAML_FOLDED_SCALAR_STYLE: .folded
    default: .plain
    }
  }
}
