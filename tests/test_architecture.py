"""The house: which module may import which, and what stays unloaded."""

import ast
import re
import subprocess
import sys

import pytest
from conftest import ROOT

import network

LAYERS = {
    0: {"encoders", "errors", "layers", "results"},
    1: {"startup", "color", "config", "files", "images", "lock", "masks", "sheet", "similarity"},
    2: {
        *{"backend", "checkpoint", "lbfgs", "losses", "memory", "metadata", "scales", "tools"},
        "weights",
    },
    3: {"vgg"},
    4: {"objective", "run", "strips"},
    5: {"comparison", "doodles", "workflow"},
    6: {"cli", "loss_log", "progress", "signals", "__main__"},
}
LEVEL = {module: level for level, modules in LAYERS.items() for module in modules}
PEERS = {
    *{("color", "images"), ("masks", "images"), ("images", "files"), ("strips", "objective")},
    ("doodles", "workflow"),
    *{("cli", "loss_log"), ("cli", "progress"), ("cli", "signals"), ("__main__", "cli")},
}
BACKENDS = {"tensorflow", "jax", "torch"}


def imports(path):
    """Every module a file imports, but for type checkers alone."""
    tree = ast.parse(path.read_text())
    ignored = {
        node
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and ast.unparse(block.test) == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if node in ignored:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


MODULES = sorted(path for path in (ROOT / "network").glob("*.py") if path.stem != "__init__")


def test_every_module_has_a_place():
    assert {path.stem for path in MODULES} == set(LEVEL)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_imports_from_lower_layers_only(path):
    for name in imports(path):
        match = re.fullmatch(r"network\.(\w+)", name)
        if match and match[1] in LEVEL:
            imported = match[1]
            assert LEVEL[imported] < LEVEL[path.stem] or (path.stem, imported) in PEERS, (
                f"{path.stem} imports {imported}"
            )


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_only_backend_imports_a_backend(path):
    if path.stem != "backend":
        assert not {name.partition(".")[0] for name in imports(path)} & BACKENDS


def test_every_module_has_a_test_module():
    tested = {path.stem.removeprefix("test_") for path in (ROOT / "tests").glob("test_*.py")}
    assert set(LEVEL) - tested <= {"__main__", "errors", "results"}


def test_the_architecture_page_lists_every_module():
    page = (ROOT / "docs" / "architecture.md").read_text()
    for module in set(LEVEL) - {"__main__"}:
        assert f"| `{module}` |" in page


def test_importing_the_package_loads_neither_keras_nor_scipy():
    code = (
        "import sys, network\n"
        "network.TransferConfig()\n"
        "assert not {'keras', 'scipy', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_public_name_is_there():
    for name in network.__all__:
        assert getattr(network, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = network.nothing


def test_the_program_is_short():
    assert len((ROOT / "INetwork.py").read_text().splitlines()) <= 30
