"""What a comparison found, as figures, as a table, for JSON and as a sheet of pictures."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from network.methods.judging import MEASURES, Quality
from network.pictures import sheet

if TYPE_CHECKING:
    from network.features.weights import WeightsFile

__all__ = ["Comparison", "Distances", "TargetDistances"]

TIE = 0.01  # distances within a hundredth of each other tell nothing
GAIN = 4  # of the difference on the sheet, which would be too dark to see


@dataclass(frozen=True)
class Distances:
    """How far A and B are from a target and from each other, in one unit."""

    a: float
    b: float
    between: float

    @property
    def nearer(self) -> str | None:
        """ "A", "B", or None where they differ by less than a hundredth."""
        if math.isclose(self.a, self.b, rel_tol=TIE):
            return None
        return "A" if self.a < self.b else "B"


@dataclass(frozen=True)
class TargetDistances:
    """A content or style picture, and how far A and B are from it.

    Attributes:
        name: The picture's.
        image: uint8 (rows, columns, 3), in its own shape.
        colors: Distances of the colour histograms, 0 to 1.
        layers: For each layer the distances of its features (content) or Gram
            matrices (style); 0 is the target itself.
        unit: What a layer's distance of 1 is.
    """

    name: str
    image: np.ndarray
    colors: Distances
    layers: Mapping[str, Distances]
    unit: str

    @property
    def mean(self) -> Distances:
        """The mean over the layers."""
        figures = [(layer.a, layer.b, layer.between) for layer in self.layers.values()]
        return Distances(*map(float, np.mean(figures, axis=0)))


@dataclass(frozen=True)
class Comparison:
    """What ``compare`` found; ``str`` of it is a table.

    Attributes:
        names: Of A and B.
        images: A and B as they were compared, uint8 (height, width, 3) RGB.
        ssim: Structural similarity of A and B, at most 1.
        psnr: Peak signal-to-noise ratio of A and B in dB; may be infinite.
        histogram: Distance of the colour histograms of A and B, 0 to 1.
        content: The distances from the content, or None.
        styles: The distances from each style.
        weights: The weights file of the network, or None.
        quality: What ``methods.judging`` finds of A and of B, or None.
    """

    names: tuple[str, str]
    images: tuple[np.ndarray, np.ndarray]
    ssim: float
    psnr: float
    histogram: float
    content: TargetDistances | None = None
    styles: tuple[TargetDistances, ...] = ()
    weights: WeightsFile | None = None
    quality: tuple[Quality, Quality] | None = None

    def __str__(self) -> str:
        """The table that the command line shows."""
        height, width = self.images[0].shape[:2]
        with_weights = "" if self.weights is None else f" with {self.weights}"
        lines = [
            *(f"{letter}  {name}" for letter, name in zip("AB", self.names, strict=True)),
            f"compared at {height} x {width}{with_weights}",
            "",
            _row("", "", "", "A to B"),
            _row("SSIM", "", "", f"{self.ssim:.3f}", "1: the same; 0: no structure in common"),
            _row("PSNR", "", "", f"{self.psnr:.1f} dB", "inf: the same; above 40: looks the same"),
            _row("colours", "", "", f"{self.histogram:.3f}", "0: the same; 1: none in common"),
        ]
        verdicts = []
        for kind, target in self._targets():
            lines += [
                "",
                _row(f"from the {kind}", "A", "B", "A to B", target.name),
                _distances_row("colours", target.colors),
            ]
            lines += [_distances_row(*item) for item in target.layers.items()]
            mean = target.mean
            if len(target.layers) > 1:
                lines.append(_distances_row("mean of the layers", mean))
            lines.append(f"  layers: 0: this picture itself; 1: {target.unit}")
            verdicts.append(
                f"nearer to the {kind} {target.name}: {mean.nearer or 'neither'} "
                f"(A {mean.a:.3f}, B {mean.b:.3f})"
            )
        if self.quality is not None:
            lines += _quality_rows(*self.quality)
        return "\n".join([*lines, *([""] if verdicts else []), *verdicts])

    def to_dict(self) -> dict[str, Any]:
        """Everything but the pixels, of types that JSON has; an infinite PSNR is None."""
        found: dict[str, Any] = {
            "a": self.names[0],
            "b": self.names[1],
            "size": list(self.images[0].shape[:2]),
            "weights": None if self.weights is None else str(self.weights),
            "ssim": self.ssim,
            "psnr": self.psnr if math.isfinite(self.psnr) else None,
            "colors": self.histogram,
            "content": None if self.content is None else _target_dict(self.content),
            "styles": [_target_dict(style) for style in self.styles],
        }
        if self.quality is not None:
            letters = zip("ab", self.quality, strict=True)
            found["quality"] = {letter: dataclasses.asdict(each) for letter, each in letters}
        return found

    def sheet(self) -> np.ndarray:
        """Content, styles, A, B and their difference side by side, uint8 (h, w, 3) RGB."""
        a, b = self.images
        difference = (GAIN * np.abs(a.astype(np.int16) - b)).clip(0, 255).astype(np.uint8)
        targets = self._targets()
        captions = ["A", "B"]
        for index, name in enumerate(self.names):
            captions[index] += f"\n{Path(name).name}"
            for kind, target in targets:
                distance = (target.mean.a, target.mean.b)[index]
                captions[index] += f"\nfrom the {kind} {distance:.3f}"
        return sheet.side_by_side(
            [
                *((f"{kind}\n{Path(target.name).name}", target.image) for kind, target in targets),
                *zip(captions, self.images, strict=True),
                (
                    f"difference, {GAIN} |A - B|\nSSIM {self.ssim:.3f}\nPSNR {self.psnr:.1f} dB",
                    difference,
                ),
            ]
        )

    def _targets(self) -> list[tuple[str, TargetDistances]]:
        """The targets, and what to call them."""
        content = [] if self.content is None else [("content", self.content)]
        number = len(self.styles) > 1
        return content + [
            (f"style {index}" if number else "style", style)
            for index, style in enumerate(self.styles, start=1)
        ]


def _row(label: str, a: str, b: str, between: str, note: str = "") -> str:
    return f"{label:<20} {a:>7} {b:>7} {between:>8}   {note}".rstrip()


def _distances_row(label: str, distances: Distances) -> str:
    figures = (distances.a, distances.b, distances.between)
    return _row(f"  {label}", *(f"{figure:.3f}" for figure in figures))


def _quality_rows(a: Quality, b: Quality) -> list[str]:
    rows = ["", _row("quality", "A", "B", "")]
    for name, (label, note) in MEASURES.items():
        of_a, of_b = (quality_text(each.figures[name]) for each in (a, b))
        rows.append(_row(f"  {label}", of_a, of_b, "", note))
    return rows


def quality_text(figure: float | None) -> str:
    """A measure as tables show it: a count without decimals, and a dash for none."""
    if figure is None:
        return "-"
    return f"{figure}" if isinstance(figure, int) else f"{figure:.3f}"


def _target_dict(target: TargetDistances) -> dict[str, Any]:
    return {
        "name": target.name,
        "distance": {**dataclasses.asdict(target.mean), "nearer": target.mean.nearer},
        "unit": target.unit,
        "layers": {layer: dataclasses.asdict(found) for layer, found in target.layers.items()},
        "colors": dataclasses.asdict(target.colors),
    }
