extension BuiltInLayouts {
  /// YOLOv7, and YOLOv5 up to 4.0. The columns have no names in the file; these are the headings of its log.
  public static let yolov7 = LayoutDeclaration(
    name: "yolov7",
    metrics: [
      MetricDeclaration("precision", .ratio, better: .higher, columns: ["P"]),
      MetricDeclaration("recall", .ratio, better: .higher, columns: ["R"]),
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["mAP@.5"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["mAP@.5:.95"]),
      MetricDeclaration("fitness", .number, better: .higher),
      MetricDeclaration("train.box_loss", .number, better: .lower, columns: ["box"]),
      MetricDeclaration("train.obj_loss", .number, better: .lower, columns: ["obj"]),
      MetricDeclaration("train.cls_loss", .number, better: .lower, columns: ["cls"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["total"]),
      MetricDeclaration("val.box_loss", .number, better: .lower, columns: ["val box"]),
      MetricDeclaration("val.obj_loss", .number, better: .lower, columns: ["val obj"]),
      MetricDeclaration("val.cls_loss", .number, better: .lower, columns: ["val cls"]),
    ])
}
