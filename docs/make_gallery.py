"""Remake docs/gallery.md, and those of its pictures that are missing.

    python docs/make_gallery.py [NAME ...]

makes all missing pictures, or those named, and writes the page. To remake a
picture, remove it from docs/images/gallery first.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator

from gallery_entries import SECTIONS, Entry, Section
from making import PICTURES, ROOT, last_picture

GALLERY = PICTURES / "gallery"
MOST_BYTES = 250_000
HEAD = """# Gallery

<!-- Made by docs/make_gallery.py; change docs/gallery_entries.py, not this page. -->

Everything here was made by this program from pictures that come with it, 400 rows high if the
command does not say otherwise, each with the command under it, in about two and a half minutes on
two cores of an AMD EPYC; by patches it takes longer.

`--scales auto --precision bfloat16 --num_iter 5` is what makes it [fast](performance.md);
leave `--precision bfloat16` out where the program warns that it is slower. Each file here is
the program's own, so `python -m network show docs/images/gallery/china_starry.jpg` tells all of
its settings. `python docs/make_gallery.py` remakes what is missing.

"""
TAIL = """
## Doodles

A drawing of a valley in six colours, and what The Starry Night makes of it; the drawing, the
command and how it is done are in [Neural doodle](doodle.md).

![A valley painted from a drawing](images/doodle_valley.jpg)
"""


def page() -> str:
    """The text of docs/gallery.md."""
    return HEAD + "\n".join(line for section in SECTIONS for line in _section(section)) + TAIL


def _section(section: Section) -> Iterator[str]:
    yield from _paragraphs(f"## {section.title}", section.text)
    for entry in section.entries:
        yield from _paragraphs(
            f"### {entry.title}",
            f"![{entry.title}](images/gallery/{entry.name}.jpg)",
            entry.text,
            f"```bash\npython {entry.command}\n```",
        )


def _paragraphs(*texts: str) -> Iterator[str]:
    for text in texts:
        if text:
            yield text if text[0] in "`![#" else textwrap.fill(text, 99, break_on_hyphens=False)
            yield ""


def make(entry: Entry) -> None:
    """Run an entry's command and keep its last picture."""
    output = ROOT / "images" / "output" / entry.name
    words = shlex.split(entry.command)
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)
    made = output.with_suffix(".jpg")
    if "--output" not in words:
        made = last_picture(words, output)
    if made.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{made}: {made.stat().st_size} bytes; give it --quality 80")
    shutil.copyfile(made, GALLERY / f"{entry.name}.jpg")


def main() -> None:
    GALLERY.mkdir(exist_ok=True)
    names = sys.argv[1:]
    for entry in [entry for section in SECTIONS for entry in section.entries]:
        if not (GALLERY / f"{entry.name}.jpg").exists() and entry.name in (names or [entry.name]):
            make(entry)
    (ROOT / "docs" / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
