extension BuiltInLayouts {
  /// nnU-Net v2: the text log of one fold.
  public static let nnunet = LayoutDeclaration(
    name: "nnunet",
    metrics: [
      // What nnU-Net itself ranks by: the moving average of the pseudo dice, logged when it is a new best.
      MetricDeclaration("ema_dice", .ratio, better: .higher, columns: ["New best EMA pseudo Dice:"]),
      MetricDeclaration("val.loss", .number, better: .lower, columns: ["val_loss"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["train_loss"]),
    ])
}
