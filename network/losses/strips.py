"""The loss and its gradient strip by strip: little memory, for one more forward pass.

Gram matrices, content loss and poolings of a picture are sums or rows of those of
its strips. So each block of the network runs over horizontal strips, with as many
rows above and below as its convolutions can see, and nothing of a strip is kept but
its sums and its pooled rows; on the way back its features are computed anew. The
result is that of ``objective.make_loss``, rounding aside.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from keras import ops

from network.compute import backend
from network.features import torus, vgg
from network.features.layers import channels
from network.losses import terms
from network.losses.objective import make_terms
from network.losses.terms import Targets, Term

if TYPE_CHECKING:
    import numpy as np

    from network.features.extractor import Extractor
    from network.losses.functional import Tensor
    from network.losses.objective import Objective
    from network.losses.settings import LossSettings
    from network.losses.terms import Grams, LayerMasks

__all__ = [
    "arguments",
    "compile_objective",
    "measure_content",
    "measure_layers",
    "measure_style",
]

Sums: TypeAlias = "dict[str, Any]"  # for every term what it measured

# Values of one layer in a strip, 32 MiB of float32. Four times as many take a gigabyte
# more in all and save a fifteenth of the time.
STRIP_VALUES = 2**23
LEAST_ROWS = 16  # of a strip: more than twice what the neighbours see of it


@dataclass(frozen=True)
class _Strip:
    """Some rows of a block: ``rows`` its own, ``seen`` those with their neighbours.

    Those seen are counted in the block's rows with ``margin`` more above and below.
    """

    rows: slice
    seen: slice
    margin: int = 0

    @property
    def own(self) -> slice:
        """Its own rows among those it sees."""
        first = self.rows.start + self.margin - self.seen.start
        return slice(first, first + self.rows.stop - self.rows.start)

    @property
    def pooled(self) -> slice:
        return slice(self.rows.start // 2, self.rows.stop // 2)


def _strips(block: vgg.Block, height: int, width: int, seamless: bool = False) -> list[_Strip]:
    rows = max(STRIP_VALUES // (width * channels(block.names[0])), LEAST_ROWS) // 2 * 2
    reach = len(block.names)  # each 3 x 3 convolution sees one row farther
    starts = list(range(0, max(height - LEAST_ROWS, 1), rows))
    # A seamless picture's first and last rows see each other; in one strip they do anyway.
    margin = reach if seamless and len(starts) > 1 else 0
    return [
        _Strip(
            slice(start, stop),
            slice(max(start + margin - reach, 0), min(stop + margin + reach, height + 2 * margin)),
            margin,
        )
        for start, stop in zip(starts, [*starts[1:], height], strict=True)
    ]


def _features(
    block: vgg.Block, strip: _Strip, part: Tensor, dtype: str
) -> tuple[dict[str, Tensor], Tensor]:
    """A strip's own features, and their pooled rows (None after the last block)."""
    outputs = {name: rows[:, strip.own] for name, rows in block.convolutions(part).items()}
    pooled = None if block.pooling is None else block.pooling(outputs[block.names[-1]])
    return {name: ops.cast(rows, dtype) for name, rows in outputs.items()}, pooled


def measure_content(extractor: Extractor, picture: np.ndarray, settings: LossSettings) -> Tensor:
    """As ``objective.measure_content``."""
    layer = settings.content_layer
    return measure_layers(extractor, picture, (layer,))[layer]


def measure_layers(
    extractor: Extractor, picture: np.ndarray, layers: Sequence[str]
) -> dict[str, Tensor]:
    """As ``objective.measure_layers``."""
    parts: dict[str, list[Tensor]] = {layer: [] for layer in layers}

    def keep(features: dict[str, Tensor], rows: Mapping[str, slice]) -> Sums:
        for layer in set(parts) & set(features):
            parts[layer].append(features[layer])
        return {}

    _walk(extractor, picture, keep)
    return {
        layer: ops.cast(ops.concatenate(found, axis=1), "float32") for layer, found in parts.items()
    }


def measure_style(
    extractor: Extractor, picture: np.ndarray, masks: LayerMasks | None, settings: LossSettings
) -> Grams:
    """As ``objective.measure_style``."""
    # Its Gram matrices are measured as those of a picture that its own masks limit.
    term = terms.style_term(settings)
    itself = Targets(None, (), (masks,))

    def measure(features: dict[str, Tensor], rows: Mapping[str, slice]) -> Sums:
        return {"grams": term.measure(features, backend.tensors(term.arguments(itself, rows)))}

    (grams,) = _walk(extractor, picture, measure)["grams"]
    found: Grams = grams
    return found


def _walk(
    extractor: Extractor,
    picture: np.ndarray,
    measure: Callable[[dict[str, Tensor], Mapping[str, slice]], Sums],
) -> Sums:
    """Take a picture through the network once; the sums of what ``measure`` finds."""
    x = ops.convert_to_tensor(picture)
    sums: Sums = {}
    for block in extractor.blocks():
        pooled = []
        height, width = x.shape[1:3]
        strips = _strips(block, height, width, extractor.seamless)
        x = torus.wrap_rows(x, strips[0].margin)
        for strip in strips:
            features, pool = _features(block, strip, x[:, strip.seen], extractor.dtype)
            sums = _add(sums, measure(features, dict.fromkeys(block.names, strip.rows)))
            pooled.append(pool)
        if block.pooling is not None:
            x = ops.concatenate(pooled, axis=1)
    return sums


def _add(sums: Any, more: Any) -> Any:
    """The sum of two trees of tensors; a branch that one of them lacks is the other's."""
    if isinstance(more, dict):
        names = dict.fromkeys([*sums, *more])
        return {
            name: _add(sums[name], more[name])
            if name in sums and name in more
            else (sums if name in sums else more)[name]
            for name in names
        }
    if isinstance(more, tuple):
        return tuple(map(_add, sums, more)) if sums else more
    return sums + more


def arguments(extractor: Extractor, settings: LossSettings, targets: Targets) -> Any:
    """As ``objective.arguments``: for every strip of every block, the picture, and all of it."""
    parts = make_terms(settings)
    height, width = targets.size
    of_strips = []
    for block in extractor.blocks():
        strips = _strips(block, height, width, extractor.seamless)
        of_strips.append(
            tuple(
                {
                    term.name: backend.tensors(
                        term.arguments(targets, dict.fromkeys(block.names, strip.rows))
                    )
                    for term in _seen_in(parts, block)
                }
                for strip in strips
            )
        )
        height, width = height // 2, width // 2
    against = {term.name: backend.tensors(term.targets(targets)) for term in parts}
    whole = {
        term.name: backend.tensors(term.arguments(targets, None))
        for term in parts
        if not term.layers
    }
    return tuple(of_strips), whole, against


def _seen_in(parts: Sequence[Term], block: vgg.Block) -> list[Term]:
    """The terms that look at a layer of a block."""
    return [term for term in parts if set(term.layers) & set(block.names)]


@dataclass(frozen=True)
class _Piece:
    """A strip's way forward, to what its terms measured and pooled rows, and its way back."""

    strip: _Strip
    forward: Callable[[Tensor, Any], dict[str, Any]]
    backward: Callable[[Tensor, dict[str, Any], Any], Tensor]


def _piece(block: vgg.Block, strip: _Strip, parts: Sequence[Term], dtype: str) -> _Piece:
    def forward(part: Tensor, compared: Any) -> dict[str, Any]:
        features, pooled = _features(block, strip, part, dtype)
        sums = {term.name: term.measure(features, compared[term.name]) for term in parts}
        return {"sums": sums, "pooled": pooled} if pooled is not None else {"sums": sums}

    return _Piece(strip, backend.compiled(forward), backend.pull_back(forward))


def _costs_of_sums(
    parts: Sequence[Term], sums: Sums, against: Any, weights: Any
) -> dict[str, Tensor]:
    """What terms cost, by name."""
    return {
        term.name: term.cost(sums[term.name], against[term.name], weights[term.name])
        for term in parts
    }


def _costs_of_picture(
    parts: Sequence[Term], image: Tensor, compared: Any, against: Any, weights: Any
) -> dict[str, Tensor]:
    """What terms that look at the picture itself cost, by name."""
    sums = {term.name: term.measure(image, compared[term.name]) for term in parts}
    return _costs_of_sums(parts, sums, against, weights)


def _both_ways(function: Callable[..., Any]) -> tuple[Callable[..., Any], Callable[..., Any]]:
    return backend.compiled(function), backend.pull_back(function)


def compile_objective(
    extractor: Extractor, settings: LossSettings, size: tuple[int, int]
) -> Objective:
    """As ``objective.compile_objective``, piece by piece, for pictures of a height and width."""
    height, width = size
    parts = make_terms(settings)
    of_features = [term for term in parts if term.layers]
    of_picture = [term for term in parts if not term.layers]
    pieces = []
    for block in extractor.blocks():
        seen = _seen_in(of_features, block)
        strips = _strips(block, height, width, extractor.seamless)
        pieces.append([_piece(block, strip, seen, extractor.dtype) for strip in strips])
        height, width = height // 2, width // 2

    combine, combine_back = _both_ways(functools.partial(_costs_of_sums, of_features))
    whole, whole_back = _both_ways(functools.partial(_costs_of_picture, of_picture))

    def evaluate(image: Tensor, targets: Any, weights: Any) -> tuple[Tensor, Any, Tensor]:
        of_strips, of_whole, against = targets
        x, passed = image, []
        sums: Sums = {}
        for block, compared in zip(pieces, of_strips, strict=True):
            x = torus.wrap_rows(x, block[0].strip.margin)
            found = [
                piece.forward(x[:, piece.strip.seen], own)
                for piece, own in zip(block, compared, strict=True)
            ]
            of_block = functools.reduce(_add, [part["sums"] for part in found])
            passed.append((block, compared, x, of_block))
            sums = _add(sums, of_block)
            if "pooled" in found[0]:
                x = ops.concatenate([part["pooled"] for part in found], axis=1)
        costs = {**combine(sums, against, weights), **whole(image, of_whole, against, weights)}
        one = {name: ops.ones(()) for name in costs}
        of_sums = combine_back(
            sums, {term.name: one[term.name] for term in of_features}, against, weights
        )
        gradient = None  # of the pooled rows, which are the next block's input
        while passed:
            block, compared, x, of_block = passed.pop()
            gradient = _back(block, compared, x, _same_branches(of_sums, of_block), gradient)
        direct = whole_back(
            image, {term.name: one[term.name] for term in of_picture}, of_whole, against, weights
        )
        return sum(costs.values()), costs, gradient + direct

    return evaluate


def _same_branches(tree: Any, pattern: Any) -> Any:
    """What a tree has at the branches of another."""
    if isinstance(pattern, dict):
        return {name: _same_branches(tree[name], value) for name, value in pattern.items()}
    if isinstance(pattern, tuple):
        return tuple(map(_same_branches, tree, pattern))
    return tree


def _back(
    pieces: Sequence[_Piece],
    compared: Sequence[Any],
    x: Tensor,
    of_sums: Sums,
    of_pooled: Tensor | None,
) -> Tensor:
    """Carry gradients back through a block, from its sums and pooled rows to its input."""
    joined = []
    shared = None  # the last rows of a strip's gradient, which the next strip adds to
    for piece, own, following in zip(pieces, compared, [*pieces[1:], None], strict=True):
        strip = piece.strip
        outer: dict[str, Any] = {"sums": of_sums}
        if of_pooled is not None:
            outer["pooled"] = of_pooled[:, strip.pooled]
        gradient = piece.backward(x[:, strip.seen], outer, own)
        if shared is not None:
            joined.append(gradient[:, : shared.shape[1]] + shared)
            gradient = gradient[:, shared.shape[1] :]
        if following is not None:
            overlap = strip.seen.stop - following.strip.seen.start
            shared = gradient[:, -overlap:]
            gradient = gradient[:, :-overlap]
        joined.append(gradient)
    return torus.unwrap_rows(ops.concatenate(joined, axis=1), pieces[0].strip.margin)
