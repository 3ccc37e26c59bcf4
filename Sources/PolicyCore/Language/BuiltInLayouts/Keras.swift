extension BuiltInLayouts {
  /// Keras: the CSV file of `CSVLogger`.
  public static let keras = LayoutDeclaration(
    name: "keras",
    metrics: [
      MetricDeclaration(
        "accuracy", .ratio, better: .higher,
        columns: [
          "val_accuracy", "val_acc", "val_categorical_accuracy", "val_sparse_categorical_accuracy",
          "val_binary_accuracy",
        ]),
      MetricDeclaration(
        "accuracy_top5", .ratio, better: .higher,
        columns: ["val_top_k_categorical_accuracy", "val_sparse_top_k_categorical_accuracy"]),
      MetricDeclaration("precision", .ratio, better: .higher, columns: ["val_precision"]),
      MetricDeclaration("recall", .ratio, better: .higher, columns: ["val_recall"]),
      MetricDeclaration("f1", .ratio, better: .higher, columns: ["val_f1_score", "val_f1"]),
      MetricDeclaration("auroc", .ratio, better: .higher, columns: ["val_auc"]),
      MetricDeclaration("mIoU", .ratio, better: .higher, columns: ["val_mean_io_u", "val_mean_iou"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["val_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["loss"]),
    ])
}
