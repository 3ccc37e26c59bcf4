internal import PolicyCore

/// The layouts of one scan, in the order in which they are asked. One line a built-in layout.
enum LayoutTable {
  static let builtIn: [any Layout] = [
    UltralyticsLayout(),
    YOLOv5Layout(),
    YOLOv7Layout(),
    NNUNetLayout(),
    YOLOXLayout(),
    MLflowLayout(),
    WandBLayout(),
    MMEngineLayout(),
    Detectron2Layout(),
    HuggingFaceLayout(),
    RTDETRLayout(),
    LightningLayout(),
    KerasLayout(),
  ]

  /// The policy's own come first: whoever wrote one means it. Empty where `scan.layout` names none of them.
  static func layouts(_ settings: ScanSettings) -> [any Layout] {
    let own: [any Layout] = settings.layouts.map { CustomLayout($0) }
    let all = own + builtIn
    guard let only = settings.layout else { return all }
    return all.filter { $0.name == only }
  }
}
