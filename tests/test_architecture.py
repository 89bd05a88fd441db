"""The house: which module may import which, how large a room is, and what stays unloaded."""

import ast
import configparser
import functools
import graphlib
import subprocess
import sys
from dataclasses import dataclass

import pytest
from conftest import ROOT

import network

# From the ground up. A wing's name is a folder's or a module's; a module that more depends
# on than its wing stands lower than it, under its own name.
FLOORS = (
    ("errors", "options", "features.layers", "bundled_weights", "__version__"),
    ("pictures", "choices", "rules"),
    ("objective_settings",),
    ("config", "style", "recipes", "events"),
    ("compute", "features"),
    ("losses", "optimize"),
    ("runs", "fast", "frames"),
    ("session", "methods"),
    ("batches",),
    ("app", "__main__", "notebook", "page"),
)
FLOOR = {place: number for number, places in enumerate(FLOORS) for place in places}
# Neighbours on one floor of which the first may import the second.
NEIGHBOURS = {
    ("options", "errors"),
    ("features.layers", "errors"),
    ("runs", "fast"),
    ("runs", "frames"),
    ("frames", "fast"),
    ("methods", "session"),
    ("session", "methods"),
    ("__main__", "app"),
    ("notebook", "app"),
    ("page", "app"),
}
BACKENDS = {"tensorflow", "jax", "torch"}
# Modules that are tested with others, and where.
TESTED_IN = {
    "__main__": "app/test_main.py",
    "choices": "test_config.py",
    "events": "methods/test_transfer.py",
    "fast.kept": "fast/test_apply.py",
    "fast.names": "fast/test_styles.py",
    "objective_settings": "test_config.py",
    "optimize.minimum": "optimize/test_lbfgs.py",
    "runs.metadata": "runs/test_provenance.py",
    "runs.starts": "runs/test_problem.py",
}
# Extras that a wing is made for; it is itself imported where it is used.
EXTRAS = {"app.page": {"starlette", "uvicorn"}}
MOST_LINES = {"module": 350, "function": 60}


@dataclass(frozen=True, eq=False)
class Import:
    """A module that a file imports, and whether that happens as soon as it is loaded itself."""

    name: str
    at_once: bool


def dotted(path):
    """A module's name below ``network``: "pictures.masks", and "pictures" for the folder's own."""
    parts = path.relative_to(ROOT / "network").with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


PATHS = {dotted(path): path for path in sorted((ROOT / "network").rglob("*.py"))}
ROOMS = [name for name, path in PATHS.items() if path.stem != "__init__"]
SCRIPTS = sorted([*(ROOT / "docs").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")])
EACH_MODULE = pytest.mark.parametrize("name", [name for name in PATHS if name])
EACH_FILE = pytest.mark.parametrize(
    "path", [*PATHS.values(), *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT))
)


@functools.cache
def parsed(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(tree, at_once=True):
    """Every ``Import`` of a file but those for type checkers alone."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            yield from (Import(alias.name, at_once) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            for alias in node.names:
                longer = f"{node.module}.{alias.name}"
                # Of the package itself a module takes modules, and what the table allows.
                whole = node.module == "network" or longer.removeprefix("network.") in PATHS
                yield Import(longer if whole else node.module, at_once)
        is_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        yield from imports(node, at_once and not is_function)


def imported_rooms(name):
    """The package's own modules that one of them imports."""
    found = (found.name for found in imports(parsed(PATHS[name])))
    return {each.removeprefix("network.") for each in found if each.startswith("network.")}


def floor(name):
    """The floor of a module, or of the narrowest place around it that the table has."""
    parts = name.split(".")
    places = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((FLOOR[place] for place in places if place in FLOOR), len(FLOORS))


@EACH_MODULE
def test_every_module_has_a_place(name):
    assert floor(name) < len(FLOORS)


@EACH_MODULE
def test_a_module_imports_from_lower_floors_or_its_own_wing(name):
    wing = name.partition(".")[0]
    for imported in imported_rooms(name):
        other = imported.partition(".")[0]
        are_neighbours = (wing, other) in NEIGHBOURS or (name, imported) in NEIGHBOURS
        beside = floor(imported) == floor(name) and (other == wing or are_neighbours)
        assert beside or floor(imported) < floor(name), f"{name} imports {imported}"


def test_no_modules_import_each_other_in_a_circle():
    arrows = {name: imported_rooms(name) for name in PATHS}
    graphlib.TopologicalSorter(arrows).prepare()  # raises CycleError, which names the circle


@EACH_MODULE
def test_only_backend_and_devices_import_a_backend(name):
    found = {found.name.partition(".")[0] for found in imports(parsed(PATHS[name]))}
    assert name in ("compute.backend", "compute.devices") or not found & BACKENDS


@EACH_MODULE
def test_what_is_loaded_at_once_is_installed_with_the_package(name):
    """Extras are imported where they are used: without them everything else works."""
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    required = setup["options"]["install_requires"].split()
    ours = {requirement.partition(">=")[0].replace("pillow", "PIL") for requirement in required}
    found = {
        found.name.partition(".")[0] for found in imports(parsed(PATHS[name])) if found.at_once
    }
    extras = EXTRAS.get(name.rpartition(".")[0], set())
    assert found - ours - set(sys.stdlib_module_names) <= {"network"} | extras


@EACH_MODULE
def test_what_needs_an_extra_is_imported_at_once_by_its_own_wing_alone(name):
    at_once = (found for found in imports(parsed(PATHS[name])) if found.at_once)
    for imported in (found.name.removeprefix("network.") for found in at_once):
        wing = imported.rpartition(".")[0]
        if wing in EXTRAS and name.rpartition(".")[0] != wing:
            loaded = {found.name.partition(".")[0] for found in imports(parsed(PATHS[imported]))}
            assert not loaded & EXTRAS[wing], f"{name} imports {imported}"


@pytest.mark.parametrize("name", ROOMS)
def test_every_module_has_a_test_module_in_the_same_place(name):
    wing, _, module = name.rpartition(".")
    mirrored = f"{wing.replace('.', '/')}/test_{module}.py".lstrip("/")
    if name != "errors":  # it has nothing that could go wrong
        assert (ROOT / "tests" / TESTED_IN.get(name, mirrored)).exists()


def test_the_exceptions_are_of_modules_that_are_there():
    assert set(TESTED_IN) <= set(ROOMS)


@EACH_FILE
def test_no_module_and_no_function_is_long(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES["module"]
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            num_lines = node.end_lineno - node.lineno + 1
            assert num_lines <= MOST_LINES["function"], f"{node.name} has {num_lines} lines"


def test_the_architecture_page_has_every_module_by_its_first_line():
    lines = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines()

    def row(name):
        wing, _, module = name.rpartition(".")
        first = ast.get_docstring(parsed(PATHS[name])).splitlines()[0].rstrip(".")
        words = f"`{wing}`" if wing else "", f"`{module}`", first.replace("``", "`")
        return f"| {' | '.join(words)} |"

    assert [name for name in ROOMS if row(name) not in lines] == []


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, network\n"
        "network.TransferConfig()\n"
        "assert not {'keras', 'numpy', 'scipy', 'tensorflow'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_every_public_name_is_there():
    for name in network.__all__:
        assert getattr(network, name).__doc__
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = network.nothing


def test_the_program_is_short():
    assert len((ROOT / "INetwork.py").read_text().splitlines()) <= 30
