extension BuiltInLayouts {
  /// YOLOX and ByteTrack: the text log of one experiment.
  public static let yolox = LayoutDeclaration(
    name: "yolox",
    metrics: [
      MetricDeclaration("mAP50", .ratio, better: .higher, columns: ["IoU=0.50"]),
      MetricDeclaration("mAP50-95", .ratio, better: .higher, columns: ["IoU=0.50:0.95"]),
      MetricDeclaration("train.loss", .number, better: .lower, columns: ["total_loss"]),
    ])
}
