extension BuiltInLayouts {
  /// Detectron2. It counts its average precisions to 100.
  public static let detectron2 = LayoutDeclaration(
    name: "detectron2",
    metrics: [
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["bbox/AP50"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["bbox/AP"]),
      MetricDeclaration("mask.mAP50", .ratio, better: .higher, columns: ["segm/AP50"]),
      MetricDeclaration("mask.mAP50-95", .ratio, better: .higher, columns: ["segm/AP"]),
      MetricDeclaration("pose.mAP50", .ratio, better: .higher, columns: ["keypoints/AP50"]),
      MetricDeclaration("pose.mAP50-95", .ratio, better: .higher, columns: ["keypoints/AP"]),
      MetricDeclaration("mIoU", .ratio, better: .higher, columns: ["sem_seg/mIoU"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["validation_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["total_loss"]),
    ])
}
