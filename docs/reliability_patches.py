"""Faults of patches, textures, maps, analogies and regions, for docs/reliability.md.

``ATTEMPTS`` has them, each with what is tried; ``make_reliability`` makes cases of them.
"""

from __future__ import annotations

from reliability_faults import Attempt, both, flat, nothing, painted, picture, refused

TEXTURE = "style.png --output out.png --size"
DOODLE = "--style_image style.png --style_mask a.png --target_mask b.png --target_image_prefix out"
PATCHES = "content.png style.png out --model vgg16 --style_loss patch"
REGIONS = "odd.png style.png out --model vgg16"
MAPS = both(flat("red", "blue", name="a.png"), flat("red", "blue", name="b.png"))
OTHERS = both(flat("red", "blue", name="a.png"), flat("red", "lime", name="b.png"))
THIRDS = flat("red", "lime", "blue", name="odd.png")

ATTEMPTS: dict[str, Attempt] = {
    "a texture of 0 x 0": refused(
        nothing, f"{TEXTURE} 0x0", "expected 16 x 16 or more", program="texture"
    ),
    "a texture of 100000 x 100000": refused(
        nothing, f"{TEXTURE} 100000x100000", "at most 89478485", program="texture"
    ),
    "a texture smaller than a patch": refused(
        nothing, f"{TEXTURE} 16 --style_loss patch", "24 x 24 or more", program="texture"
    ),
    "a picture smaller than a patch": refused(nothing, f"{PATCHES} --image_size 16", "use 24"),
    "a style smaller than a patch, which is enlarged": painted(
        picture(4, 4), "content.png odd.png out --style_loss patch --style_size 16"
    ),
    "nearest columns with `--low_memory`": refused(
        nothing, f"{PATCHES.replace('patch', 'nearest')} --low_memory", "use a smaller image_size"
    ),
    "patches in 500 MB": refused(nothing, f"{PATCHES} --memory_limit 500MB", "are free; use"),
    "maps whose colours do not meet": refused(
        OTHERS, DOODLE, "b.png has colours that a.png lacks", program="doodle"
    ),
    "a photo as a map": refused(
        both(MAPS, picture(24, 24)),
        DOODLE.replace("b.png", "content.png"),
        "at most 16 flat colours",
        program="doodle",
    ),
    "more labels than colours": refused(
        OTHERS, f"{DOODLE} --nlabels 9", "at most 3", program="doodle"
    ),
    "more labels than `--memory_limit` allows": refused(
        MAPS, f"{DOODLE} --style_loss patch --memory_limit 500MB", "are free; use", program="doodle"
    ),
    "`--scales 9` of 24 rows": painted(
        MAPS, f"{DOODLE} --style_loss patch --scales 9", "9 are too many", program="doodle"
    ),
    "an analogy's pair of two sizes": refused(
        picture(48, 24),
        "odd.png style.png content.png out",
        "expected the size of style.png",
        program="analogy",
    ),
    "`auto:9` of 3 regions": refused(
        THIRDS, f"{REGIONS} --auto_masks 3 --style_masks auto:9", "auto:1 to auto:3"
    ),
    "`auto:1` without `--auto_masks`": refused(
        THIRDS, f"{REGIONS} --style_masks auto:1", "expected auto_masks"
    ),
}
