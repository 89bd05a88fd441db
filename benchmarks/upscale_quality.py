"""What an upscaling network is worth, beside bicubic interpolation, on held-out photos.

    python benchmarks/upscale_quality.py --photos FOLDER [FILE ...] [--network FILE] [--factor 4|2]

Each photo is blurred, reduced and enlarged again. PSNR in dB and SSIM of the luminance (more
is better), and the distance in VGG16's features at conv2_2 over their variance (less is
better): PSNR and SSIM favour blur, the features see texture. --output writes the pictures,
side by side.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import measuring

from network.compute.startup import import_keras

import_keras()

import numpy as np  # noqa: E402
from keras import ops  # noqa: E402

from network import pictures  # noqa: E402
from network.fast import perceptual  # noqa: E402
from network.fast.data import reduced  # noqa: E402
from network.fast.upscaling import Upscaler  # noqa: E402
from network.pictures import color, similarity  # noqa: E402
from network.pictures.sheet import side_by_side  # noqa: E402

MEASURES = ("psnr", "ssim", "vgg")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--photos", nargs="+", required=True, help="folders or files")
    parser.add_argument("--network", help="the network's file (default: the one shipped)")
    parser.add_argument("--factor", type=int, default=4)
    parser.add_argument("--rows", type=int, default=480, help="of pixels of the photos")
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--match_histogram", action="store_true")
    parser.add_argument("--csv", help="a file for all figures")
    parser.add_argument("--output", help="a folder for the pictures")
    options = parser.parse_args(arguments)
    upscaler = Upscaler(options.network, options.precision)
    features = perceptual.feature_function("float32")
    records = []
    for path in [path for given in options.photos for path in measuring.files(given)]:
        photo = fitting(pictures.load(path), options.rows, options.factor)
        small = reduced(photo, options.factor)
        height, width = photo.shape[:2]
        ours = upscaler.upscale(small, options.factor)
        if options.match_histogram:
            ours = color.match_histograms(ours, small)
        panels = {"bicubic": pictures.resize(small, height, width, "bicubic"), "network": ours}
        for name, picture in panels.items():
            records.append({"photo": path.stem, "by": name, **measures(features, photo, picture)})
            print(line(records[-1]), flush=True)
        if options.output:
            Path(options.output).mkdir(parents=True, exist_ok=True)
            target = Path(options.output) / f"{path.stem}.png"
            pictures.save(side_by_side([("photo", photo), *panels.items()]), target)
    for name in ("bicubic", "network"):
        of_name = [record for record in records if record["by"] == name]
        means = {measure: np.mean([each[measure] for each in of_name]) for measure in MEASURES}
        print(line({"photo": f"mean of {len(of_name)}", "by": name, **means}))
    if options.csv:
        with Path(options.csv).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(records[0]))
            writer.writeheader()
            writer.writerows(records)


def fitting(photo: np.ndarray, rows: int, factor: int) -> np.ndarray:
    """A photo of so many rows, its sides multiples of the factor."""
    height, width = (
        max(round(side * rows / photo.shape[0] / factor), 1) * factor for side in photo.shape[:2]
    )
    return pictures.resize(photo, height, width, "bicubic")


def measures(features: Any, photo: np.ndarray, picture: np.ndarray) -> dict[str, float]:
    """How near a picture is to the photo."""
    layer = perceptual.DETAIL_LAYERS["content"]
    seen, aimed_at = (
        ops.convert_to_numpy(
            features(ops.convert_to_tensor(each[np.newaxis].astype(np.float32)), layer)[layer]
        )
        for each in (picture, photo)
    )
    distance = np.square(seen - aimed_at).mean() / aimed_at.var(axis=(0, 1, 2)).mean()
    return {
        "psnr": similarity.psnr(photo, picture),
        "ssim": similarity.ssim(photo, picture),
        "vgg": float(distance),
    }


def line(record: dict[str, Any]) -> str:
    return (
        f"{record['photo']:<40} {record['by']:<8} {record['psnr']:6.2f} dB  "
        f"SSIM {record['ssim']:.4f}  VGG {record['vgg']:.4f}"
    )


if __name__ == "__main__":
    main()
