"""What docs/make_gallery.py shows: every picture, its words and its command."""

from __future__ import annotations

from dataclasses import dataclass

CHINA, CHELSEA, ASTRONAUT, COFFEE, ROCKET = (
    f"images/inputs/content/{name}"
    for name in ("china.jpg", "chelsea.png", "astronaut.png", "coffee.png", "rocket.jpg")
)
STARRY, HUBBLE, TISSUE, GRAVEL = (
    f"images/inputs/style/{name}"
    for name in ("starry_night.jpg", "hubble_deep_field.jpg", "ihc.png", "gravel.png")
)
DOODLE = "images/inputs/doodle"
REGIONS = (
    "--style_masks images/inputs/mask/china_sky.png images/inputs/mask/china_building.png "
    "images/inputs/mask/china_trees.png --style_weight 1 1 1 --mask_norm root "
    "--mask_edges clean --init_image recolored"
)
SETTINGS = "--model vgg16 --num_iter 5 --scales auto --precision bfloat16"
OUTPUTS = {  # how a command is told where its pictures go
    "": "{}",
    "analogy": "{}",
    "doodle": "--target_image_prefix {}",
    "paint": "--output {}.jpg",
    "preview": "--output {}.jpg",
    "texture": "--output {}.jpg",
}

IN_ONE_PASS = ("paint", "preview")


@dataclass(frozen=True)
class Entry:
    """A picture: its name, its title and what to say of it, its command's inputs and options.

    ``program`` is a command of ``python -m network``, one of ``OUTPUTS``; empty: a transfer.
    """

    name: str
    title: str
    text: str
    inputs: str
    options: str = ""
    program: str = ""

    @property
    def command(self) -> str:
        """What follows ``python``."""
        program = f"-m network {self.program}" if self.program else "INetwork.py"
        output = OUTPUTS[self.program].format(f"images/output/{self.name}")
        ending = "" if "--output" in output else "--output_format jpeg"
        settings = "" if self.program in IN_ONE_PASS else SETTINGS
        words = [program, self.inputs, output, self.options, settings, ending]
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Section:
    """Pictures that belong together, under one heading."""

    title: str
    text: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        "One photo, several styles",
        "",
        (
            Entry(
                "china_starry",
                "The Summer Palace under the Starry Night",
                "The plainest command: one photo, one painting, nothing else turned.",
                f"{CHINA} {STARRY}",
            ),
            Entry(
                "china_tissue",
                "The same, from stained tissue",
                "A style need not be a painting: this is tissue under a microscope, stained brown "
                "and blue.",
                f"{CHINA} {TISSUE}",
            ),
            Entry(
                "china_two",
                "Both at once",
                "Two styles share the picture; `--style_weight` says how much each counts.",
                f"{CHINA} {STARRY} {TISSUE}",
                "--style_weight 0.5 0.5",
            ),
            Entry(
                "china_regions",
                "Each in its region",
                "The sky by van Gogh, the tower from tissue, the trees from the Hubble telescope's "
                "deep field: one mask per style, [more about them](masks_and_colors.md). "
                "`--mask_norm root` pulls every pixel as hard, `--mask_edges clean` and the "
                "recoloured start leave less grey along the borders.",
                f"{CHINA} {STARRY} {TISSUE} {HUBBLE}",
                REGIONS,
            ),
        ),
    ),
    Section(
        "One style, several photos",
        "",
        (
            Entry(
                "chelsea_starry",
                "Chelsea the cat",
                "The style takes hold of the fur at once. Where the photo is out of focus there is "
                "little content to keep, and the painting has its way.",
                f"{CHELSEA} {STARRY}",
            ),
            Entry(
                "astronaut_starry",
                "The astronaut",
                "Helmets and badges are forms that the painting has none of: they are built of its "
                "strokes.",
                f"{ASTRONAUT} {STARRY}",
            ),
        ),
    ),
    Section(
        "Content against style",
        "A hundred and a thousand times the content weight of "
        "[the astronaut above](#the-astronaut), all else the same.",
        (
            Entry(
                "astronaut_content_2.5",
                "A hundred times",
                "The photo's colours come through, and her face is her own again.",
                f"{ASTRONAUT} {STARRY}",
                "--content_weight 2.5",
            ),
            Entry(
                "astronaut_content_25",
                "A thousand times",
                "The photo, with brushwork. The range is wide: change weights in factors of ten.",
                f"{ASTRONAUT} {STARRY}",
                "--content_weight 25",
            ),
        ),
    ),
    Section(
        "Pooling",
        "",
        (
            Entry(
                "china_average",
                "Average pooling",
                "Average pooling makes longer, softer strokes, and puts the moon where it likes. "
                "titu1994 liked it for this very painting.",
                f"{CHINA} {STARRY}",
                "--pool_type ave",
            ),
        ),
    ),
    Section(
        "From noise",
        "",
        (
            Entry(
                "coffee_noise",
                "A cup of coffee out of noise",
                "It knows the photo from the content loss alone, whose weight is therefore raised.",
                f"{COFFEE} {STARRY}",
                "--init_image noise --seed 1 --content_weight 0.25",
            ),
        ),
    ),
    Section(
        "Colours kept",
        "",
        (
            Entry(
                "astronaut_matched",
                "In her own colours",
                "The painting's palette is changed to the photo's before the run: its moon is as "
                "orange as her suit. [Other ways](masks_and_colors.md#keeping-the-photos-colours).",
                f"{ASTRONAUT} {STARRY}",
                "--preserve_color matched",
            ),
        ),
    ),
    Section(
        "Textures",
        "With a content weight of 0 and a start from noise nothing is left of the photo but its "
        "size: what remains is what the network takes for the style.",
        (
            Entry(
                "texture_tissue",
                "Tissue",
                "Cells and fibres out of noise, beside "
                "[the style picture](../images/inputs/style/ihc.png).",
                f"{ASTRONAUT} {TISSUE}",
                "--content_weight 0 --init_image noise --seed 1",
            ),
        ),
    ),
    Section(
        "Patches and textures",
        "Instead of what a whole region has in common, its small pieces, each like one of the "
        "painting's: [patches](patches.md).",
        (
            Entry(
                "china_patches",
                "The Summer Palace, part by part",
                "A [doodle by patches](doodle.md#by-patches): a map of the painting and one of the "
                "photo say what goes where.",
                f"--style_image {STARRY} --style_mask {DOODLE}/starry_night_as_china.png "
                f"--target_mask {DOODLE}/china.png --content_image {CHINA}",
                "--style_loss patch --img_size 300",
                "doodle",
            ),
            Entry(
                "valley_analogy",
                "What the valley's map would be",
                "An [analogy](patches.md#image-analogies): what the painting is to its map, this "
                "is to the map of a valley.",
                f"{DOODLE}/starry_night.png {STARRY} {DOODLE}/valley.png",
                "--image_size 300",
                "analogy",
            ),
            Entry(
                "coffee_nearest",
                "Coffee of stained tissue",
                "[Nearest columns](patches.md#nearest-columns): every place is like the most "
                "similar one of the style, so that things stay apart.",
                f"{COFFEE} {TISSUE}",
                "--style_loss nearest --content_weight 0 --content_layer conv4_2 --image_size 240",
            ),
            Entry(
                "gravel_seamless",
                "Gravel without a seam",
                "A [seamless texture](textures.md), out of noise: copies of it fit side by side.",
                GRAVEL,
                "--seamless --size 160x240 --style_size 256",
                "texture",
            ),
        ),
    ),
    Section(
        "In one pass",
        "By networks that [learnt a style](instant.md) beforehand: within a second, once the "
        "program has started.",
        (
            Entry(
                "china_in_one_pass",
                "The Summer Palace as by Munch",
                "The sky is that of The Scream, whose strokes go all over the picture.",
                CHINA,
                "--style scream --precision float32",
                "paint",
            ),
            Entry(
                "chelsea_in_one_pass",
                "The cat between two paintings",
                "Two parts of The Scream and one of The Starry Night.",
                CHELSEA,
                "--style scream --style starry_night --blend 2 1 --precision float32",
                "paint",
            ),
            Entry(
                "rocket_first_look",
                "A first look at a rocket in stained tissue",
                "No network has learnt this style: the photo's features are given the mean and "
                "covariance of the tissue's, and made a picture again.",
                f"{ROCKET} {TISSUE}",
                "--precision float32",
                "preview",
            ),
        ),
    ),
    Section(
        "Space",
        "",
        (
            Entry(
                "rocket_hubble",
                "A rocket among galaxies",
                "The eXtreme Deep Field has neither edges nor shades: the rocket has to be made of "
                "galaxies.",
                f"{ROCKET} {HUBBLE}",
            ),
        ),
    ),
)
