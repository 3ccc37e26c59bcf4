/// The layouts that this version reads, as data. The checker takes names and types from here, the scanner the columns.
///
/// One name means one thing, with one type and one direction, in all of them: conditions do not say which layout they
/// speak of. A figure that a framework counts to 100 is a ratio here.
public enum BuiltInLayouts {
  public static let all: [LayoutDeclaration] = [
    ultralytics, yolov5, yolov7, lightning, huggingface, mmengine, detectron2, rtdetr, keras, nnunet, yolox, mlflow,
    wandb,
  ]
}
