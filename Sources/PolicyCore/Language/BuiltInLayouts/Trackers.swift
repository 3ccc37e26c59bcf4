extension BuiltInLayouts {
  /// One file a metric in an MLflow file store.
  public static let mlflow = LayoutDeclaration(name: "mlflow", metrics: tracked)

  /// The summary of a Weights & Biases run.
  public static let wandb = LayoutDeclaration(name: "wandb", metrics: tracked)

  /// Trackers keep what other frameworks hand them, under the names of those.
  private static let tracked = [
    MetricDeclaration(
      "accuracy", .ratio, better: .higher, columns: validation("accuracy", "acc") + ["eval/accuracy", "accuracy"]),
    MetricDeclaration(
      "f1", .ratio, better: .higher, columns: validation("f1", "f1_score") + ["eval/f1", "f1", "f1_score"]),
    MetricDeclaration(
      "precision", .ratio, better: .higher,
      columns: validation("precision") + ["metrics/precision(B)", "metrics/precisionB", "metrics/precision"]),
    MetricDeclaration(
      "recall", .ratio, better: .higher,
      columns: validation("recall") + ["metrics/recall(B)", "metrics/recallB", "metrics/recall"]),
    MetricDeclaration(
      "auroc", .ratio, better: .higher, columns: validation("auroc", "auc") + ["eval/auc", "roc_auc"]),
    MetricDeclaration("mIoU", .ratio, better: .higher, columns: validation("mIoU", "miou", "iou") + ["eval/mean_iou"]),
    MetricDeclaration(
      "mAP50", .ratio, better: .higher,
      columns: validation("map_50", "mAP50") + ["metrics/mAP50(B)", "metrics/mAP50B", "metrics/mAP_0.5"]),
    MetricDeclaration(
      "mAP50-95", .ratio, better: .higher,
      columns: validation("map", "mAP")
        + ["metrics/mAP50-95(B)", "metrics/mAP50-95B", "metrics/mAP_0.5:0.95"]),
    MetricDeclaration(
      "val.loss", .number, better: .lower, columns: validation("loss") + ["eval/loss", "eval_loss"]),
    MetricDeclaration(
      "train.loss", .number, better: .lower,
      columns: ["train_loss_epoch", "train/loss_epoch", "train_loss", "train/loss", "training_loss", "loss"]),
  ]
}
