extension BuiltInLayouts {
  /// RT-DETR of lyuwenyu, and what descends from DETR's training script: D-FINE, DEIM, DINO.
  public static let rtdetr = LayoutDeclaration(
    name: "rtdetr",
    metrics: [
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["test_coco_eval_bbox[1]"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["test_coco_eval_bbox[0]"]),
      MetricDeclaration("mask.mAP50", .ratio, better: .higher, columns: ["test_coco_eval_masks[1]"]),
      MetricDeclaration("mask.mAP50-95", .ratio, better: .higher, columns: ["test_coco_eval_masks[0]"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["test_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["train_loss"]),
    ])
}
