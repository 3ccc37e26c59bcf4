extension BuiltInLayouts {
  /// OpenMMLab on mmengine: MMDetection 3, MMYOLO, MMPose, MMPretrain, MMSegmentation.
  public static let mmengine = LayoutDeclaration(
    name: "mmengine",
    metrics: [
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["coco/bbox_mAP_50", "pascal_voc/AP50"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["coco/bbox_mAP"]),
      MetricDeclaration("mask.mAP50", .ratio, better: .higher, columns: ["coco/segm_mAP_50"]),
      MetricDeclaration("mask.mAP50-95", .ratio, better: .higher, columns: ["coco/segm_mAP"]),
      MetricDeclaration("pose.mAP50", .ratio, better: .higher, columns: ["coco/AP .5"]),
      MetricDeclaration("pose.mAP50-95", .ratio, better: .higher, columns: ["coco/AP"]),
      MetricDeclaration("accuracy_top1", .ratio, better: .higher, columns: ["accuracy/top1"]),
      MetricDeclaration("accuracy_top5", .ratio, better: .higher, columns: ["accuracy/top5"]),
      MetricDeclaration("accuracy", .ratio, better: .higher, columns: ["aAcc"]),
      MetricDeclaration("f1", .ratio, better: .higher, columns: ["single-label/f1-score"]),
      MetricDeclaration("precision", .ratio, better: .higher, columns: ["single-label/precision"]),
      MetricDeclaration("recall", .ratio, better: .higher, columns: ["single-label/recall"]),
      MetricDeclaration("mIoU", .ratio, better: .higher, columns: ["mIoU"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["loss"]),
    ])
}
