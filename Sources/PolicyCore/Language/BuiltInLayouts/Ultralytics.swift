extension BuiltInLayouts {
  /// Ultralytics v8 to today and its forks: detect, OBB, segment, pose, classify, RT-DETR, YOLOFuse.
  /// `mAP50` and its kin are the box figures; masks and key points have names of their own.
  public static let ultralytics = LayoutDeclaration(
    name: "ultralytics",
    metrics: [
      MetricDeclaration("precision", .ratio, better: .higher, columns: ["metrics/precision(B)"]),
      MetricDeclaration("recall", .ratio, better: .higher, columns: ["metrics/recall(B)"]),
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["metrics/mAP50(B)"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["metrics/mAP50-95(B)"]),
      MetricDeclaration("mask.precision", .ratio, better: .higher, columns: ["metrics/precision(M)"]),
      MetricDeclaration("mask.recall", .ratio, better: .higher, columns: ["metrics/recall(M)"]),
      MetricDeclaration("mask.mAP50", .ratio, better: .higher, columns: ["metrics/mAP50(M)"]),
      MetricDeclaration("mask.mAP50-95", .ratio, better: .higher, columns: ["metrics/mAP50-95(M)"]),
      MetricDeclaration("pose.precision", .ratio, better: .higher, columns: ["metrics/precision(P)"]),
      MetricDeclaration("pose.recall", .ratio, better: .higher, columns: ["metrics/recall(P)"]),
      MetricDeclaration("pose.mAP50", .ratio, better: .higher, columns: ["metrics/mAP50(P)"]),
      MetricDeclaration("pose.mAP50-95", .ratio, better: .higher, columns: ["metrics/mAP50-95(P)"]),
      MetricDeclaration("accuracy_top1", .ratio, better: .higher, columns: ["metrics/accuracy_top1"]),
      MetricDeclaration("accuracy_top5", .ratio, better: .higher, columns: ["metrics/accuracy_top5"]),
      // Up to 1 for boxes alone, up to 2 with masks or key points: the sum of both.
      MetricDeclaration("fitness", .number, better: .higher),
      MetricDeclaration("train.box_loss", .number, better: .lower, columns: ["train/box_loss", "train/giou_loss"]),
      MetricDeclaration("train.cls_loss", .number, better: .lower, columns: ["train/cls_loss"]),
      MetricDeclaration("train.dfl_loss", .number, better: .lower, columns: ["train/dfl_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["train/loss"]),
      MetricDeclaration("val.box_loss", .number, better: .lower, columns: ["val/box_loss", "val/giou_loss"]),
      MetricDeclaration("val.cls_loss", .number, better: .lower, columns: ["val/cls_loss"]),
      MetricDeclaration("val.dfl_loss", .number, better: .lower, columns: ["val/dfl_loss"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["val/loss"]),
    ])
}
