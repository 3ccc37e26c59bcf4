"""One training of the real Ultralytics package, tiny and on the processor: told what to do in JSON, tells each epoch in JSON.

Run by realtraining.py, by a Python that has the package."""

import json
import os
import signal
import sys
import time


def data(folder):
    """Twelve made-up images of 64 pixels, each with one box."""
    from PIL import Image, ImageDraw

    if not os.path.exists(f"{folder}/data.yaml"):
        for kind in ("images", "labels"):
            os.makedirs(f"{folder}/{kind}")
        for number in range(12):
            image = Image.new("RGB", (64, 64), (number * 20, 90, 160))
            ImageDraw.Draw(image).rectangle((16, 16, 40 + number, 44), fill=(240, 240, 20 * number))
            image.save(f"{folder}/images/{number}.png")
            with open(f"{folder}/labels/{number}.txt", "w") as file:
                file.write("0 0.45 0.47 0.4 0.44\n")
        with open(f"{folder}/data.yaml", "w") as file:
            file.write(f"path: {folder}\ntrain: images\nval: images\nnames: [box]\n")
    return f"{folder}/data.yaml"


def tell(**words):
    print(json.dumps(words), flush=True)


def main():
    order = json.loads(sys.argv[1])
    from ultralytics import YOLO, __version__

    model = YOLO(order.get("resume") or "yolov8n.yaml")
    spent, guard = [], None
    if "attach" in order:
        from policy_ultralytics import attach

        guard = attach(model, **order["attach"])
        for name in ("epoch", "watch"):
            timed(guard, name, spent)

    def begun(trainer):
        tell(run=str(trainer.save_dir), version=__version__)

    stamps = [time.perf_counter()]

    def epoch(trainer):
        stamps.append(time.perf_counter())
        tell(epoch=trainer.epoch, seconds=stamps[-1] - stamps[-2], ours=sum(spent))
        spent.clear()
        if order.get("kill") == trainer.epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        if order.get("fill") == trainer.epoch:
            fill(str(trainer.save_dir))
        time.sleep(order.get("pause", 0))
        stamps.append(time.perf_counter())

    model.add_callback("on_pretrain_routine_start", begun)
    model.add_callback("on_fit_epoch_end", epoch)
    if order.get("resume"):
        model.train(resume=True)
    else:
        model.train(
            data=data(order["data"]), epochs=order["epochs"], imgsz=64, batch=4, workers=0, device="cpu", verbose=False,
            project=order["project"], name="exp", save_period=1, plots=order.get("plots", True))
    tell(ended=True)


def timed(guard, name, spent):
    """Counts the seconds that a method takes."""
    method = getattr(guard, name)

    def counted(*arguments):
        start = time.perf_counter()
        method(*arguments)
        spent.append(time.perf_counter() - start)

    setattr(guard, name, counted)


def fill(folder):
    """Somebody else's file takes all the room that is left."""
    with open(os.path.join(os.path.dirname(folder), "filler"), "wb") as file:
        try:
            while True:
                file.write(bytes(1 << 16))
                file.flush()
        except OSError:
            pass


if __name__ == "__main__":
    main()
