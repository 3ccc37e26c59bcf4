extension BuiltInLayouts {
  /// PyTorch Lightning. Its users choose the names; these are the usual ones.
  public static let lightning = LayoutDeclaration(
    name: "lightning",
    metrics: [
      MetricDeclaration("accuracy", .ratio, better: .higher, columns: validation("acc", "accuracy")),
      MetricDeclaration("f1", .ratio, better: .higher, columns: validation("f1", "f1_score")),
      MetricDeclaration("precision", .ratio, better: .higher, columns: validation("precision")),
      MetricDeclaration("recall", .ratio, better: .higher, columns: validation("recall")),
      MetricDeclaration("auroc", .ratio, better: .higher, columns: validation("auroc", "auc")),
      MetricDeclaration("mIoU", .ratio, better: .higher, columns: validation("mIoU", "miou", "iou")),
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: validation("map_50", "mAP50")),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: validation("map", "mAP")),
      MetricDeclaration("val.loss", .number, better: .lower, columns: validation("loss")),
      MetricDeclaration(
        "train.loss", .number, better: .lower,
        columns: [
          "train_loss_epoch", "train/loss_epoch", "train_loss", "train/loss", "train_loss_step", "train/loss_step",
          "loss",
        ]),
    ])

  /// `val_x`, `val/x` and their kin, the figure of a whole epoch first.
  static func validation(_ names: String...) -> [String] {
    names.flatMap { name in
      ["val_", "val/", "valid_", "valid/", "validation_"].flatMap { [$0 + name + "_epoch", $0 + name] }
    }
  }
}
