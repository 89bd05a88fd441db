import subprocess
import sys

from conftest import ROOT

from network.app.main import main


def test_without_its_extra_it_says_which_install_brings_it():
    code = (
        "import sys\n"
        "sys.modules['starlette'] = sys.modules['uvicorn'] = None\n"
        "from network.app.main import main\n"
        "sys.exit(main(['page', '--no_browser']))\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert process.returncode == 2
    assert process.stderr.startswith("error: page: ")
    assert "pip install '.[web]'" in process.stderr
    assert process.stderr.count("\n") == 1


def test_a_wrong_port_is_one_line(capsys):
    assert main(["page", "--port", "70000"]) == 2
    assert "from 0 to 65535, got 70000" in capsys.readouterr().err
