"""The documents say what the program does: commands run, links lead somewhere."""

import ast
import configparser
import dataclasses
import json
import re
import shlex

import make_gallery
import make_parameters
import pytest
from conftest import ROOT
from PIL import Image

import network
from network import pictures
from network.app.commands import COMMANDS, parser
from network.app.main import main, parse_transfer
from network.fast import perceptual, styles, train
from network.runs import provenance
from tests.fast.conftest import (
    TINY,
    TINY_RECONSTRUCTOR,
    TINY_UPSCALER,
    eyes,
    tiny_reconstructor,
    tiny_styles,
    tiny_upscaler,
)

pytestmark = pytest.mark.usefixtures("tiny_sessions_share")

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("[a-z]*/*.md")])
EACH_PAGE = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT)).replace("/", ":")
)
SCRIPTS = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for folder in ("docs", "benchmarks")
    for path in (ROOT / folder).glob("*.py")
}
# Pictures that pages name and that are the reader's own, or not ours to ship.
STAND_INS = (
    *("photo.jpg", "painting.jpg", "a.jpg", "b.jpg", "a.png", "b.png"),
    *("winter-wolf.jpg", "the_scream.jpg", "winter-wolf-mask.jpg", "bamboo_forest.jpg"),
    *("blue-moon-lake.jpg", "starry_night.jpg", "red-canna.jpg"),
)

# What commands are given so that they take no time.
SMALL = {
    "--image_size": "32",
    "--img_size": "32",
    "--size": "32",
    "--steps": "2",
    "--batch_size": "1",
    "--crop_size": "32",
}
# Of other programs, as dask, SLURM and kubectl, whose commands a page shows.
FOREIGN = (
    *("--scheduler-file", "--nthreads", "--nworkers", "--memory-limit", "--local-directory"),
    *("--job-name", "--ntasks", "--cpus-per-task", "--mem-per-cpu", "--time", "--gpus-per-task"),
    *("--tag", "--file", "--repo", "--create-namespace", "--namespace", "--generate-name"),
    *("--filename", "--follow", "--replicas", "--no-cache-dir", "--name"),
)
ELSEWHERE = ("--workers", "--scheduler", "--scheduler_file")  # whose processes are no test's
LEARNT = {"waves": "starry_night", "dots": "scream"}  # the tiny network's styles, for pages


def commands(page):
    """The commands that a page shows, in order: in blocks, and in its text."""
    shown = re.finditer(
        r"^```bash\n(.*?)^```"
        r"|^    ((?:\.venv/bin/)?python [^\n]*)$"
        r"|`((?:\.venv/bin/)?python [^`\n]+)`",
        page.read_text(encoding="utf-8"),
        re.DOTALL | re.MULTILINE,
    )
    for line in [line for found in shown for line in found[found.lastindex].splitlines()]:
        for command in re.sub(r"\s+#.*", "", line).split(" && "):
            yield re.sub(r"^(\w+=\S+ )*(\.venv/bin/)?", "", command)


def is_usage(command):
    """Whether a command has placeholders, which are in capitals."""
    return re.search(r"(^|[ \[])[A-Z]+($|[\] .])", command) or "[" in command


def arguments(command):
    """A command's words, a usage line's brackets left out."""
    return shlex.split(re.sub(r"\[options\]|\[|\]| \.\.\.", "", command))


def understand(words):
    """Parse a command, or look up what it names.

    Returns:
        What runs it at a small size, without arguments; None where that is nothing to run.
    """
    match words:
        case ["python", "INetwork.py", *rest]:
            return understand(["python", "-m", "network", "transfer", *rest])
        case ["python", "-m", "network", name, *rest]:
            made = parser(name, name)
            if rest:
                made.parse(rest)
                if name == "transfer":
                    parse_transfer(rest, name)
            sizes = SMALL.keys() & set(made._option_string_actions)
            if name == "batch":
                sizes = set() if "--paint" in rest else sizes
                given = iter(rest)
                rest = [word for word in given if word not in ELSEWHERE or not next(given)]
            small = [word for size in sizes for word in (size, SMALL[size])]
            return (lambda: main([name, *rest, *small])) if rest or not small else None
        case ["python", script, *rest] if script in SCRIPTS:
            for word in rest:
                assert not word.startswith("--") or f'"{word}"' in SCRIPTS[script], word
        case ["pip", "install", *names]:
            setup = configparser.ConfigParser()
            setup.read(ROOT / "setup.cfg")
            for extra in re.findall(r"\.\[([\w,]+)\]", " ".join(names)):
                assert set(extra.split(",")) <= set(setup["options.extras_require"])
        case ["dask", "scheduler" | "worker", *rest]:
            assert {word for word in rest if word.startswith("--")} <= set(FOREIGN)
        case ["curl", "-LO", address]:
            assert address.startswith("https://raw.githubusercontent.com/titu1994/")
        case ["python3", "-m", "venv", ".venv"] | ["python", "-m", "pytest", "-n", "2"]:
            pass
        case _:
            pytest.fail(f"do not know what to make of: {shlex.join(words)}")
    return None


@pytest.fixture
def user_folder(tmp_path, monkeypatch, picture):
    """A folder with the shipped pictures and some of a user's own."""
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "inputs").symlink_to(ROOT / "images" / "inputs")
    (tmp_path / "docs").symlink_to(ROOT / "docs")
    for name in STAND_INS:
        Image.fromarray(picture).rotate(30 * STAND_INS.index(name)).save(tmp_path / name)
    (tmp_path / "photos").mkdir()
    Image.fromarray(picture).resize((64, 48)).save(tmp_path / "photos" / "1.jpg")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def one_pass(tmp_path, monkeypatch):
    """Tiny networks that paint in one pass: those that are shipped, and those trained."""
    tiny = tiny_styles()
    named = [dataclasses.replace(row, style=LEARNT.get(row.style, row.style)) for row in tiny.rows]
    styles.save(dataclasses.replace(tiny, rows=tuple(named)), tmp_path / styles.SHIPPED["repaint"])
    styles.save(tiny_upscaler(), tmp_path / styles.SHIPPED["enlarge"])
    styles.save(tiny_reconstructor(), tmp_path / styles.SHIPPED["reconstruct"])
    monkeypatch.setattr(styles, "shipped", lambda task="repaint": tmp_path / styles.SHIPPED[task])
    monkeypatch.setattr(perceptual, "feature_function", lambda *given, **named: eyes)
    monkeypatch.setattr(train, "Architecture", lambda: TINY)
    monkeypatch.setattr(train, "UPSCALER", TINY_UPSCALER)
    monkeypatch.setattr(train, "RECONSTRUCTOR", TINY_RECONSTRUCTOR)


@pytest.fixture
def at_once(tiny_sessions_share, monkeypatch):
    """The package's functions are one session's: what an example needs is compiled once."""
    with network.Session(model="vgg16") as session:

        def loss_and_gradient(content, styles, config, image=None):
            return session.loss_and_gradient(session.job(content, styles, config), image)

        monkeypatch.setattr(network, "transfer", session.transfer)
        monkeypatch.setattr(network, "loss_and_gradient", loss_and_gradient)
        yield


@EACH_PAGE
def test_every_command_shown_is_understood(page):
    for command in commands(page):
        understand(arguments(command))


@EACH_PAGE
@pytest.mark.filterwarnings("ignore::network.StyleTransferWarning")
def test_every_command_shown_runs(page, user_folder, toy, one_pass):
    for command in commands(page):
        run = understand(arguments(command))
        if run is None or is_usage(command) or "--download" in command or "network page" in command:
            continue
        if "network plot" in command:
            pytest.importorskip("matplotlib")
        assert run() == 0, command


@EACH_PAGE
def test_every_option_named_is_there(page):
    known = {option for name in COMMANDS for option in parser(name, name)._option_string_actions}
    text = page.read_text(encoding="utf-8")
    for option in re.findall(r"(?<![\w-])--[a-z][\w-]*", text):
        ours = any(option in script for script in SCRIPTS.values())
        assert (
            ours or option in FOREIGN or option.replace("-", "_").replace("__", "--", 1) in known
        ), option


@EACH_PAGE
def test_links_and_pictures_are_there(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)", text) + re.findall(r'src="([^"]+)"', text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        linked = page.parent / path if path else page
        assert linked.exists(), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.M)
            slugs = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
            assert anchor in [slug.replace(" ", "-") for slug in slugs], target


def test_the_picture_of_the_house_names_modules():
    drawn = (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8")
    paths = list((ROOT / "network").rglob("*.py"))
    modules = {path.stem for path in paths} | {path.parent.name for path in paths}  # and wings
    for names in re.findall(r'class="module"[^>]*>([^<]+)<', drawn):
        assert set(names.split()) <= modules


def test_every_page_is_reached_from_the_readme():
    reached, waiting = set(), {ROOT / "README.md"}
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for target in re.findall(r"\]\(([^)#\s]+\.md)", page.read_text(encoding="utf-8")):
            waiting |= {(page.parent / target).resolve()} - reached
    assert reached == set(PAGES)


@pytest.mark.parametrize(
    "name", ["python_api.md", "compare.md", "doodle.md", "instant.md", "batch.md", "textures.md"]
)
def test_the_python_examples_run(name, user_folder, at_once, one_pass):
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    names = {}
    for block in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S):
        exec(compile(block, name, "exec"), names)


def test_what_a_cluster_is_started_with_parses():
    text = (ROOT / "docs" / "batch.md").read_text(encoding="utf-8")
    blocks = dict(re.findall(r"^```(py|yaml)\n(.*?)^```", text, re.M | re.S))
    ast.parse(blocks["py"])
    yaml = pytest.importorskip("yaml")
    cluster, job = yaml.safe_load_all(blocks["yaml"])
    scheduler = cluster["spec"]["scheduler"]
    (container,) = scheduler["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert {port["targetPort"]: port["port"] for port in scheduler["service"]["ports"]} == ports
    name = cluster["metadata"]["name"]
    assert scheduler["service"]["selector"]["dask.org/cluster-name"] == name
    (batch,) = job["spec"]["template"]["spec"]["containers"]
    parsed = parser("batch", "batch").parse(batch["args"][4:])
    assert parsed.scheduler == f"tcp://{name}-scheduler:{ports['tcp-comm']}"
    (worker,) = cluster["spec"]["worker"]["spec"]["containers"]
    for mounting in (job["spec"]["template"]["spec"], cluster["spec"]["worker"]["spec"]):
        (volume,) = mounting["volumes"]
        assert mounting["containers"][0]["volumeMounts"][0]["name"] == volume["name"]
    assert batch["volumeMounts"] == worker["volumeMounts"]  # the same names for the same folders


def test_the_notebook_runs_from_top_to_bottom(user_folder, at_once):
    notebook = json.loads((ROOT / "docs" / "notebook.ipynb").read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(set(ids)) == len(ids)
    names = {}
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            assert cell["outputs"] == [] and cell["execution_count"] is None
            smaller = source.replace("ROWS, ITERATIONS = 96, 2", "ROWS, ITERATIONS = 24, 1")
            exec(compile(smaller, cell["id"], "exec"), names)
    assert (names["ROWS"], names["ITERATIONS"]) == (24, 1)  # else this test takes long


def test_the_option_page_is_what_the_parser_makes():
    text = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    assert text == make_parameters.page(), "run python docs/make_parameters.py"


def test_the_option_page_has_every_option():
    text = (ROOT / "docs" / "parameters.md").read_text(encoding="utf-8")
    for command in COMMANDS:
        for action in parser(command, "program")._actions:
            for name in action.option_strings or [action.metavar]:
                assert f"`{name}`" in text


ENTRIES = [entry for section in make_gallery.SECTIONS for entry in section.entries]


def test_the_gallery_page_is_what_its_script_makes():
    assert (ROOT / "docs" / "gallery.md").read_text(encoding="utf-8") == make_gallery.page(), (
        "run python docs/make_gallery.py"
    )


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_a_gallery_picture_was_made_by_the_command_shown(entry):
    path = make_gallery.GALLERY / f"{entry.name}.jpg"
    assert path.stat().st_size <= 250_000
    with Image.open(path) as picture:
        height = picture.height
    told = shlex.split(provenance.command(pictures.read_metadata(path)))
    if entry.program:
        shown = shlex.split(entry.command)
        assert told[:4] == ["python", *shown[:3]]
        actual, desired = (
            vars(parser(entry.program, entry.program).parse(words))
            for words in (told[4:], shown[3:])
        )
        for filled_in in {"seed", "style_size"} & desired.keys():
            if desired[filled_in] is None:
                desired[filled_in] = actual[filled_in]
        assert actual == desired
        assert str(height) == desired.get("size", f"{height}").partition("x")[0]
        assert height == desired.get("image_size", height)
        return
    actual, desired = (
        parse_transfer(words, "INetwork.py")
        for words in (told[told.index("transfer") + 1 :], shlex.split(entry.command)[1:])
    )
    assert actual[:2] + actual[3:] == desired[:2] + desired[3:]  # content, styles, prefix
    assert dataclasses.replace(actual[2], seed=desired[2].seed) == desired[2]
    assert height == desired[2].image_size
