"""Values and gradients of a loss on TensorFlow, JAX or PyTorch.

Beside ``devices`` the one module that imports them. Each backend turns ``loss(image, ...)
-> (scalar, terms)`` into a compiled function, which ``evaluate_vector`` calls with a flat
vector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import keras
import numpy as np

__all__ = [
    "Evaluation",
    "compiled",
    "evaluate_vector",
    "pull_back",
    "tensors",
    "value_and_grad",
]

Loss: TypeAlias = Callable[..., tuple[Any, dict[str, Any]]]
Evaluation: TypeAlias = tuple[float, np.ndarray, dict[str, float]]
Evaluate: TypeAlias = Callable[..., tuple[Any, dict[str, Any], Any]]


def value_and_grad(loss: Loss, any_size: bool = False) -> Evaluate:
    """Compile a loss and its gradient.

    Args:
        loss: Takes a float32 image (or what else is sought, nested in tuples and dicts)
            and further tensors, nested as well; returns a scalar and its terms.
            Nothing else may decide what it computes: it is traced once for each set of
            shapes.
        any_size: Whether it may be traced for pictures and features, (N, h, w, C), of
            every height and width at once, and for masks of any number of positions,
            (n,) and (n, 1). TensorFlow can do so, at no cost for what is evaluated.

    Returns:
        A function of the same arguments to the loss, its terms and the gradient for the
        image, all tensors. It follows the device scope it is called in.
    """
    return _VALUE_AND_GRAD[keras.backend.backend()](loss, any_size)


def evaluate_vector(
    objective: Evaluate, vector: np.ndarray, shape: tuple[int, ...], *arguments: Any
) -> Evaluation:
    """Evaluate an objective at a flat vector, as SciPy has it.

    Args:
        objective: As ``value_and_grad`` returns it.
        vector: Float (N,).
        shape: Shape of the image.
        arguments: What the objective takes beside the image.

    Returns:
        The loss, its gradient (float64, (N,)) and its terms.
    """
    image = keras.ops.convert_to_tensor(vector.reshape(shape), "float32")
    value, terms, gradient = objective(image, *arguments)
    return (
        float(value),
        keras.ops.convert_to_numpy(gradient).ravel().astype(np.float64),
        {name: float(term) for name, term in terms.items()},
    )


def tensors(tree: Any) -> Any:
    """Arrays nested in tuples, named or not, and dicts, as tensors; None stays."""
    if tree is None:
        return None
    if isinstance(tree, Mapping):
        return {name: tensors(value) for name, value in tree.items()}
    if isinstance(tree, tuple):
        values = [tensors(value) for value in tree]
        return type(tree)(*values) if hasattr(tree, "_fields") else tuple(values)
    return keras.ops.convert_to_tensor(tree)


def compiled(function: Callable[..., Any], any_size: bool = False) -> Callable[..., Any]:
    """Compile a function of tensors (nested in tuples or dicts), anew for each set of shapes.

    ``any_size`` is as for ``value_and_grad``.
    """
    return _COMPILED[keras.backend.backend()](function, any_size)


def pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    """What carries gradients back through a function.

    Args:
        function: From tensors, nested in tuples or dicts, and further arguments, which
            have no gradient, to tensors.

    Returns:
        A compiled function of ``function``'s first argument, the gradients of its
        results, nested as they are, and the further arguments, to the gradients of the
        first argument. It evaluates ``function`` anew.
    """
    return _PULL_BACK[keras.backend.backend()](function)


def _tensorflow(loss: Loss, any_size: bool) -> Evaluate:
    import tensorflow as tf

    def evaluate(image: Any, *arguments: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(image)
            value, terms = loss(image, *arguments)
        return value, terms, tape.gradient(value, image)

    return _tensorflow_compiled(evaluate, any_size)


def _of_any_size(tensor: Any) -> Any:
    """A tensor's type, its height and width left open: what TensorFlow traces a function for."""
    import tensorflow as tf

    if tensor is None:
        return None
    shape = list(tensor.shape)
    if len(shape) == 4:
        shape[1:3] = None, None
    elif 0 < len(shape) < 3:
        shape[0] = None
    return tf.TensorSpec(shape, tensor.dtype)


def _jax(loss: Loss, any_size: bool) -> Evaluate:
    import jax

    compiled = jax.jit(jax.value_and_grad(loss, has_aux=True))

    def evaluate(image: Any, *arguments: Any) -> Any:
        (value, terms), gradient = compiled(image, *arguments)
        return value, terms, gradient

    return evaluate


def _torch(loss: Loss, any_size: bool) -> Evaluate:
    import torch

    def evaluate(image: Any, *arguments: Any) -> Any:
        image = keras.tree.map_structure(lambda x: x.detach().requires_grad_(True), image)
        value, terms = loss(image, *arguments)
        flat = torch.autograd.grad(value, keras.tree.flatten(image))
        gradient = keras.tree.pack_sequence_as(image, flat)
        return value.detach(), {name: term.detach() for name, term in terms.items()}, gradient

    return evaluate


_VALUE_AND_GRAD: dict[str, Callable[[Loss, bool], Evaluate]] = {
    "tensorflow": _tensorflow,
    "jax": _jax,
    "torch": _torch,
}


def _tensorflow_compiled(
    function: Callable[..., Any], any_size: bool = False
) -> Callable[..., Any]:
    import tensorflow as tf

    compiled: Any = tf.function(function, autograph=False)
    traced: set[tuple[bool, ...]] = set()  # which arguments were None

    def evaluate_any_size(*arguments: Any) -> Any:
        given = tuple(tensor is not None for tensor in tf.nest.flatten(arguments))
        if given not in traced:
            compiled.get_concrete_function(*tf.nest.map_structure(_of_any_size, arguments))
            traced.add(given)
        return compiled(*arguments)

    return evaluate_any_size if any_size else compiled


def _tensorflow_pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    import tensorflow as tf

    def back(inputs: Any, gradients: Any, *constants: Any) -> Any:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            outputs = function(inputs, *constants)
        return tape.gradient(outputs, inputs, gradients)

    return _tensorflow_compiled(back)


def _jax_compiled(function: Callable[..., Any], any_size: bool = False) -> Callable[..., Any]:
    import jax

    result: Callable[..., Any] = jax.jit(function)
    return result


def _jax_pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    import jax

    def back(inputs: Any, gradients: Any, *constants: Any) -> Any:
        return jax.vjp(lambda inputs: function(inputs, *constants), inputs)[1](gradients)[0]

    return _jax_compiled(back)


def _torch_compiled(function: Callable[..., Any], any_size: bool = False) -> Callable[..., Any]:
    import torch

    result: Callable[..., Any] = torch.no_grad()(function)
    return result


def _torch_pull_back(function: Callable[..., Any]) -> Callable[..., Any]:
    import torch

    def back(inputs: Any, gradients: Any, *constants: Any) -> Any:
        inputs = keras.tree.map_structure(lambda x: x.detach().requires_grad_(True), inputs)
        outputs = function(inputs, *constants)
        flat = torch.autograd.grad(
            keras.tree.flatten(outputs), keras.tree.flatten(inputs), keras.tree.flatten(gradients)
        )
        return keras.tree.pack_sequence_as(inputs, flat)

    return back


_COMPILED: dict[str, Callable[[Callable[..., Any], bool], Callable[..., Any]]] = {
    "tensorflow": _tensorflow_compiled,
    "jax": _jax_compiled,
    "torch": _torch_compiled,
}
_PULL_BACK: dict[str, Callable[[Callable[..., Any]], Callable[..., Any]]] = {
    "tensorflow": _tensorflow_pull_back,
    "jax": _jax_pull_back,
    "torch": _torch_pull_back,
}
