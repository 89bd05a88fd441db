"""Remake the pictures of docs/masks_and_colors.md and docs/guide.md with their commands.

    python docs/make_pictures.py [NAME ...]

makes all of them, or docs/images/NAME.jpg. Runs that build/pictures holds already
are not repeated.
"""

from __future__ import annotations

import sys
from pathlib import Path

from making import PICTURES, ROOT, run_once, strip

from network import pictures
from network.pictures import segments

FOLDER = ROOT / "build" / "pictures"
CONTENT, STYLE, MASK = (f"images/inputs/{kind}" for kind in ("content", "style", "mask"))
CHINA, STARRY = f"{CONTENT}/china.jpg", f"{STYLE}/starry_night.jpg"
SMALL = ["--image_size", "240", "--num_iter", "4"]
REGIONS = [
    *[CHINA, STARRY, f"{STYLE}/ihc.png", f"{STYLE}/hubble_deep_field.jpg", "{prefix}"],
    *["--style_masks", *[f"{MASK}/china_{part}.png" for part in ("sky", "building", "trees")]],
    *["--style_weight", "1", "1", "1", "--image_size", "300", "--num_iter", "5"],
]
# As the gallery's: at its size, coarse to fine.
LARGE = [
    *[word for word in REGIONS if word not in ("--image_size", "300")],
    *["--scales", "auto", "--precision", "bfloat16", "--output_format", "jpeg"],
]
CLEAN = ["--mask_norm", "root", "--mask_edges", "clean", "--init_image", "recolored"]
RUNS = {
    "regions": REGIONS,
    "regions_grey": [*LARGE, "--mask_norm", "area"],
    "regions_clean": [*LARGE, *CLEAN],
    "regions_area": [*REGIONS, "--mask_norm", "area"],
    "sky": [CHINA, STARRY, "{prefix}", "--content_mask", f"{MASK}/china_sky.png", *SMALL],
    "roofs": [CHINA, STARRY, "{prefix}", "--color_mask", f"{MASK}/china_building.png", *SMALL],
    **{
        f"coffee_{word}": [
            *[f"{CONTENT}/coffee.png", STARRY, "{prefix}", "--preserve_color", word],
            *SMALL,
        ]
        for word in ("none", "luminance", "histogram", "matched")
    },
}
# Photos, and into how many regions they are divided.
DIVIDED = {
    f"{Path(path).stem}_{number}": (path, number)
    for path, number in ((CHINA, 2), (f"{CONTENT}/rocket.jpg", 2), (f"{CONTENT}/coffee.png", 5))
}
# What the runs of docs/guide.md add to its command, GUIDE.
GUIDE = "--image_size 200 --num_iter 4 --scales 2 --precision bfloat16"
KNOBS = {
    "default": "",
    "content_weight_2.5": "--content_weight 2.5",
    "content_weight_25": "--content_weight 25",
    "tv_0": "--total_variation_weight 0",
    "tv_0.5": "--total_variation_weight 0.5",
    "conv4_2": "--content_layer conv4_2",
    "conv2_2": "--content_layer conv2_2",
    "ave": "--pool_type ave",
    "scales_1": "--scales 1",
    "scales_3": "--scales 3",
    "size_100": "--image_size 100",
    "gray": "--init_image gray",
    "noise": "--init_image noise --seed 1",
}
RUNS |= {
    f"guide_{name}": [f"{CONTENT}/astronaut.png", STARRY, "{prefix}", *GUIDE.split(), *knob.split()]
    for name, knob in KNOBS.items()
}
# By name of docs/images/NAME.jpg: captions, maybe empty, with runs or pictures.
STRIPS = {
    "regions": [
        *[("", f"{MASK}/china_{part}.png") for part in ("sky", "building", "trees")],
        *[("", "regions"), ("", "regions_area")],
    ],
    "regions_clean": [
        ("--mask_norm area", "regions_grey"),
        ("root, clean, recolored", "regions_clean"),
    ],
    "auto_masks": [
        panel
        for name, (path, number) in DIVIDED.items()
        for panel in (("", path), (f"--auto_masks {number}", name))
    ],
    "content_mask": [("", CHINA), ("", "sky")],
    "preserve_color": [
        ("", f"coffee_{word}") for word in ("none", "luminance", "histogram", "matched")
    ],
    "color_mask": [("", CHINA), ("", "roofs")],
    "guide_content_weight": [
        ("0.025 (default)", "guide_default"),
        ("--content_weight 2.5", "guide_content_weight_2.5"),
        ("--content_weight 25", "guide_content_weight_25"),
    ],
    "guide_total_variation": [
        ("--total_variation_weight 0", "guide_tv_0"),
        ("8.5e-5 (default)", "guide_default"),
        ("--total_variation_weight 0.5", "guide_tv_0.5"),
    ],
    "guide_content_layer": [
        ("conv5_2 (default)", "guide_default"),
        ("--content_layer conv4_2", "guide_conv4_2"),
        ("--content_layer conv2_2", "guide_conv2_2"),
    ],
    "guide_pooling": [("max (default)", "guide_default"), ("--pool_type ave", "guide_ave")],
    "guide_scales": [
        (f"--scales {number}", name)
        for number, name in ((1, "guide_scales_1"), (2, "guide_default"), (3, "guide_scales_3"))
    ],
    "guide_size": [
        (f"--image_size {rows}", name)
        for rows, name in ((100, "guide_size_100"), (200, "guide_default"))
    ],
    "guide_start": [
        ("content (default)", "guide_default"),
        ("--init_image gray", "guide_gray"),
        ("--init_image noise", "guide_noise"),
    ],
}


def picture(name: str) -> Path:
    """The last picture of a run, made if it is not there; regions; or the picture of that path."""
    if name in DIVIDED:
        path, number = DIVIDED[name]
        FOLDER.mkdir(parents=True, exist_ok=True)
        regions = segments.show(segments.divide(pictures.load(ROOT / path), number))
        pictures.save(regions, FOLDER / f"{name}.png")
        return FOLDER / f"{name}.png"
    if name not in RUNS:
        return ROOT / name
    arguments = [text.format(prefix=FOLDER / name) for text in RUNS[name]]
    return run_once(["INetwork.py"], [*arguments, "--model", "vgg16"], FOLDER / name)


def main() -> None:
    for name in sys.argv[1:] or STRIPS:
        panels = [(caption, picture(run)) for caption, run in STRIPS[name]]
        strip(panels, 200).save(PICTURES / f"{name}.jpg", quality=88)


if __name__ == "__main__":
    main()
