extension BuiltInLayouts {
  /// The Trainer of Hugging Face transformers: `log_history` of `trainer_state.json`.
  public static let huggingface = LayoutDeclaration(
    name: "huggingface",
    metrics: [
      MetricDeclaration("accuracy", .ratio, better: .higher, columns: ["eval_accuracy", "eval_overall_accuracy"]),
      MetricDeclaration("f1", .ratio, better: .higher, columns: ["eval_f1", "eval_f1_score"]),
      MetricDeclaration("precision", .ratio, better: .higher, columns: ["eval_precision"]),
      MetricDeclaration("recall", .ratio, better: .higher, columns: ["eval_recall"]),
      MetricDeclaration("auroc", .ratio, better: .higher, columns: ["eval_roc_auc", "eval_auc", "eval_auroc"]),
      MetricDeclaration("mIoU", .ratio, better: .higher, columns: ["eval_mean_iou", "eval_miou"]),
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["eval_map_50"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["eval_map"]),
      MetricDeclaration("wer", .number, better: .lower, columns: ["eval_wer"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["eval_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["loss"]),
    ])
}
