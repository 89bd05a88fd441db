"""The loss and its gradient strip by strip: little memory, for one more forward pass.

Gram matrices, content loss and poolings of a picture are sums or rows of those of
its strips. So each block of the network runs over horizontal strips, with as many
rows above and below as its convolutions can see, and nothing of a strip is kept but
its sums and its pooled rows; on the way back its features are computed anew. The
result is that of ``objective.make_loss``, rounding aside.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keras import ops

from network.compute import backend
from network.features import vgg
from network.features.layers import channels, style_layer_weights
from network.losses import objective

if TYPE_CHECKING:
    import keras
    import numpy as np

    from network.config import TransferConfig
    from network.losses.functional import Tensor
    from network.losses.objective import StyleInput, Targets

__all__ = ["compute_targets", "value_and_grad"]

# Values of one layer in a strip, 32 MiB of float32. Four times as many take a gigabyte
# more in all and save a fifteenth of the time.
STRIP_VALUES = 2**23
LEAST_ROWS = 16  # of a strip: more than twice what the neighbours see of it


@dataclass(frozen=True)
class _Strip:
    """Some rows of a block: ``rows`` its own, ``seen`` those with their neighbours."""

    rows: slice
    seen: slice

    @property
    def own(self) -> slice:
        """Its own rows among those it sees."""
        return slice(self.rows.start - self.seen.start, self.rows.stop - self.seen.start)

    @property
    def pooled(self) -> slice:
        return slice(self.rows.start // 2, self.rows.stop // 2)


def _strips(block: vgg.Block, height: int, width: int) -> list[_Strip]:
    rows = max(STRIP_VALUES // (width * channels(block.names[0])), LEAST_ROWS) // 2 * 2
    reach = len(block.names)  # each 3 x 3 convolution sees one row farther
    starts = list(range(0, max(height - LEAST_ROWS, 1), rows))
    return [
        _Strip(slice(start, stop), slice(max(start - reach, 0), min(stop + reach, height)))
        for start, stop in zip(starts, [*starts[1:], height], strict=True)
    ]


def _features(block: vgg.Block, strip: _Strip, part: Tensor) -> tuple[dict[str, Tensor], Tensor]:
    """A strip's own features, and their pooled rows (None after the last block)."""
    outputs = {name: rows[:, strip.own] for name, rows in block.convolutions(part).items()}
    pooled = None if block.pooling is None else block.pooling(outputs[block.names[-1]])
    return outputs, pooled


def compute_targets(
    features: keras.Model,
    content: np.ndarray,
    styles: Sequence[StyleInput],
    model: str,
    config: TransferConfig,
) -> Targets:
    """As ``objective.compute_targets``."""
    style_layers = style_layer_weights(model, config.style_loss)
    parts: list[Tensor] = []

    def keep_content(outputs: dict[str, Tensor], rows: slice) -> dict[str, Tensor]:
        if config.content_layer in outputs:
            parts.append(ops.cast(outputs[config.content_layer], "float32"))
        return {}

    _walk(features, content, keep_content)
    grams = []
    for style in styles:
        # A style's own Gram matrices are those of an image that its own mask limits.
        itself = [objective.StyleInput(style.image, 1.0, None, style.style_mask)]

        def measure(
            outputs: dict[str, Tensor], rows: slice, itself: list[StyleInput] = itself
        ) -> dict[str, Tensor]:
            layers = [layer for layer in outputs if layer in style_layers]
            return objective.image_grams(outputs, layers, itself, config, rows)

        sums = _walk(features, style.image, measure)
        grams.append({layer: sums[f"{layer}/0"] for layer in style_layers})
    return objective.Targets(ops.concatenate(parts, axis=1), tuple(grams))


Measure = Callable[[dict[str, "Tensor"], slice], dict[str, "Tensor"]]


def _walk(features: keras.Model, image: np.ndarray, measure: Measure) -> dict[str, Tensor]:
    """Take an image through the network once; the sums of what ``measure`` finds."""
    x = ops.convert_to_tensor(image)
    sums: dict[str, Tensor] = {}
    for block in vgg.blocks(features):
        pooled = []
        for strip in _strips(block, *x.shape[1:3]):
            outputs, pool = _features(block, strip, x[:, strip.seen])
            _add(sums, measure(outputs, strip.rows))
            pooled.append(pool)
        if block.pooling is not None:
            x = ops.concatenate(pooled, axis=1)
    return sums


def _add(sums: dict[str, Tensor], more: dict[str, Tensor]) -> None:
    for name, value in more.items():
        sums[name] = sums[name] + value if name in sums else value


@dataclass(frozen=True)
class _Piece:
    """A strip's way forward, to {sum: value} and pooled rows, and its way back."""

    strip: _Strip
    forward: Callable[[Tensor], dict[str, Any]]
    backward: Callable[[Tensor, dict[str, Any]], Tensor]


def value_and_grad(
    features: keras.Model,
    targets: Targets,
    styles: Sequence[StyleInput],
    model: str,
    config: TransferConfig,
    shape: tuple[int, ...],
) -> Callable[[np.ndarray], backend.Evaluation]:
    """The function to minimise, compiled piece by piece.

    Args:
        features: The feature model.
        targets: Of ``compute_targets``.
        styles: The styles that the targets are of.
        model: vgg16 or vgg19.
        config: The settings.
        shape: Shape of the image, (1, height, width, 3).

    Returns:
        As ``backend.value_and_grad``.
    """
    size = shape[1] * shape[2]
    layer_weights = style_layer_weights(model, config.style_loss)

    def piece(block: vgg.Block, strip: _Strip) -> _Piece:
        def forward(part: Tensor) -> dict[str, Any]:
            outputs, pooled = _features(block, strip, part)
            layers = [layer for layer in outputs if layer in layer_weights]
            sums = objective.image_grams(outputs, layers, styles, config, strip.rows)
            if config.content_layer in outputs:
                sums["content"] = objective.content_term(
                    outputs[config.content_layer], targets.content[:, strip.rows], size, config
                )
            return {"sums": sums, "pooled": pooled} if pooled is not None else {"sums": sums}

        return _Piece(strip, backend.compiled(forward), backend.pull_back(forward))

    pieces = []
    height, width = shape[1:3]
    for block in vgg.blocks(features):
        pieces.append([piece(block, strip) for strip in _strips(block, height, width)])
        height, width = height // 2, width // 2

    def terms_of_sums(sums: dict[str, Tensor]) -> dict[str, Tensor]:
        style = objective.style_term(sums, targets, styles, layer_weights, size, config)
        return {"content": sums["content"], "style": style}

    combine, combine_back = backend.compiled(terms_of_sums), backend.pull_back(terms_of_sums)

    def tv(image: Tensor) -> Tensor:
        return objective.tv_term(image, config)

    tv_term, tv_back = backend.compiled(tv), backend.pull_back(tv)
    one = ops.ones(())

    def evaluate(image: np.ndarray) -> tuple[Tensor, dict[str, Tensor], Tensor]:
        start = ops.convert_to_tensor(image)
        x, passed = start, []
        sums: dict[str, Tensor] = {}
        for block in pieces:
            pooled = []
            for piece in block:
                found = piece.forward(x[:, piece.strip.seen])
                _add(sums, found["sums"])
                pooled.append(found.get("pooled"))
            passed.append((block, x, tuple(found["sums"])))
            if pooled[0] is not None:
                x = ops.concatenate(pooled, axis=1)
        terms = {**combine(sums), "tv": tv_term(start)}
        of_sums = combine_back(sums, {"content": one, "style": one})
        gradient = None  # of the pooled rows, which are the next block's input
        while passed:
            block, x, names = passed.pop()
            gradient = _back(block, x, {name: of_sums[name] for name in names}, gradient)
        value = terms["content"] + terms["style"] + terms["tv"]
        return value, terms, ops.convert_to_numpy(gradient + tv_back(start, one))

    return backend.for_scipy(evaluate, shape)


def _back(
    pieces: Sequence[_Piece], x: Tensor, of_sums: dict[str, Tensor], of_pooled: Tensor | None
) -> Tensor:
    """Carry gradients back through a block, from its sums and pooled rows to its input."""
    joined = []
    shared = None  # the last rows of a strip's gradient, which the next strip adds to
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        strip = piece.strip
        outer: dict[str, Any] = {"sums": of_sums}
        if of_pooled is not None:
            outer["pooled"] = of_pooled[:, strip.pooled]
        gradient = piece.backward(x[:, strip.seen], outer)
        if shared is not None:
            joined.append(gradient[:, : shared.shape[1]] + shared)
            gradient = gradient[:, shared.shape[1] :]
        if following is not None:
            overlap = strip.seen.stop - following.strip.seen.start
            shared = gradient[:, -overlap:]
            gradient = gradient[:, :-overlap]
        joined.append(gradient)
    return ops.concatenate(joined, axis=1)
