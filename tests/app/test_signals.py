"""In processes of their own: pytest keeps its handlers."""

import signal
import subprocess
import sys

import pytest
from conftest import ROOT

from network.app import signals

PROGRAM = """
import sys, time, types
from network.app import commands, main, signals

def add_arguments(parser):
    parser.add_argument("when", nargs="*")

def work(options):
    with signals.handled(lambda text: print(text, flush=True)) as interrupts:
        if "early" not in options.when:
            interrupts.check()
        print("ready", flush=True)
        {hold}
        print("finished", flush=True)
        try:
            interrupts.check()
        finally:
            interrupts.check()  # what is saved then is not interrupted again
    return 0

commands.COMMANDS["work"] = ""
sys.modules["network.app.commands.work"] = types.SimpleNamespace(
    USAGE="", DESCRIPTION="", add_arguments=add_arguments, run=work
)
sys.exit(main.main(["work", *sys.argv[1:]]))
"""
# One call that does not come back to Python between two signals, as an evaluation may.
HOLD = "import ctypes; [ctypes.CDLL(None).sleep(1) for _ in range(3)]"
SLEEP = "time.sleep(0.5)"


def start(*arguments, hold=SLEEP):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM.format(hold=hold), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_at_hand_is_finished_first(number, code):
    process = start()
    process.send_signal(number)
    out, err = process.communicate()
    assert out.splitlines() == [
        "interrupted: finishing the evaluation at hand (once more: end at once)",
        "finished",
    ]
    assert err == "interrupted\n"
    assert process.returncode == code


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_before_anything_is_at_hand_it_ends_at_once(number, code):
    process = start("early")
    process.send_signal(number)
    out, err = process.communicate()
    assert (out, err, process.returncode) == ("", "interrupted\n", code)


def test_a_second_ctrl_c_ends_at_once_even_within_one_long_call():
    process = start(hold=HOLD)
    process.send_signal(signal.SIGINT)
    assert process.stdout.readline().startswith("interrupted: finishing")
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate()
    assert out == ""
    assert process.returncode == 130


def test_the_handlers_of_before_come_back():
    before = [signal.getsignal(number) for number in signals.SIGNALS]
    with signals.handled(print):
        assert [signal.getsignal(number) for number in signals.SIGNALS] != before
    assert [signal.getsignal(number) for number in signals.SIGNALS] == before
