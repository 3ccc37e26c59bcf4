extension BuiltInLayouts {
  /// YOLOv5 and YOLOv9: detect, segment, classify.
  public static let yolov5 = LayoutDeclaration(
    name: "yolov5",
    metrics: [
      MetricDeclaration(
        "precision", .ratio, better: .higher, columns: ["metrics/precision", "metrics/precision(B)"]),
      MetricDeclaration("recall", .ratio, better: .higher, columns: ["metrics/recall", "metrics/recall(B)"]),
      MetricDeclaration(
        "mAP50", .ratio, better: .higher,
        columns: ["metrics/mAP_0.5", "metrics/mAP_0.5(B)", "metrics/HBBmAP.5"]),
      MetricDeclaration(
        "mAP50-95", .ratio, better: .higher,
        columns: ["metrics/mAP_0.5:0.95", "metrics/mAP_0.5:0.95(B)", "metrics/HBBmAP.5:.95"]),
      MetricDeclaration("mask.precision", .ratio, better: .higher, columns: ["metrics/precision(M)"]),
      MetricDeclaration("mask.recall", .ratio, better: .higher, columns: ["metrics/recall(M)"]),
      MetricDeclaration("mask.mAP50", .ratio, better: .higher, columns: ["metrics/mAP_0.5(M)"]),
      MetricDeclaration("mask.mAP50-95", .ratio, better: .higher, columns: ["metrics/mAP_0.5:0.95(M)"]),
      MetricDeclaration("accuracy_top1", .ratio, better: .higher, columns: ["metrics/accuracy_top1"]),
      MetricDeclaration("accuracy_top5", .ratio, better: .higher, columns: ["metrics/accuracy_top5"]),
      MetricDeclaration("fitness", .number, better: .higher),
      MetricDeclaration("train.box_loss", .number, better: .lower, columns: ["train/box_loss"]),
      MetricDeclaration("train.cls_loss", .number, better: .lower, columns: ["train/cls_loss"]),
      MetricDeclaration("train.obj_loss", .number, better: .lower, columns: ["train/obj_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["train/loss"]),
      MetricDeclaration("val.box_loss", .number, better: .lower, columns: ["val/box_loss"]),
      MetricDeclaration("val.cls_loss", .number, better: .lower, columns: ["val/cls_loss"]),
      MetricDeclaration("val.obj_loss", .number, better: .lower, columns: ["val/obj_loss"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["val/loss", "test/loss"]),
    ])
}
