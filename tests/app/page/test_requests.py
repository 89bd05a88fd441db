"""What is taken of a request."""

import asyncio
import json
from types import SimpleNamespace

import pytest

from network import ConfigError, OutputError
from network.app.page.limits import Limits

pytest.importorskip("starlette")

from network.app.page import requests

LIMITS = Limits(upload_bytes=10, message_bytes=30, silence=0.2)


def request(*parts, seconds=0.0):
    async def stream():
        for part in parts:
            await asyncio.sleep(seconds)
            yield part

    return SimpleNamespace(stream=stream)


def test_a_body_is_written_up_to_the_last_byte_allowed(tmp_path):
    asyncio.run(requests.receive(request(b"12345", b"67890"), tmp_path / "a", LIMITS))
    assert (tmp_path / "a").read_bytes() == b"1234567890"
    with pytest.raises(requests.TooLarge):
        asyncio.run(requests.receive(request(b"12345", b"678901"), tmp_path / "a", LIMITS))


def test_an_endless_body_is_not_read_to_its_end(tmp_path):
    taken = []

    async def stream():
        while True:
            taken.append(1)
            yield b"1"

    with pytest.raises(requests.TooLarge):
        asyncio.run(requests.receive(SimpleNamespace(stream=stream), tmp_path / "a", LIMITS))
    assert len(taken) == LIMITS.upload_bytes + 1


def test_silence_is_waited_for_no_longer_than_allowed():
    with pytest.raises(requests.TooLarge, match="time"):
        asyncio.run(requests.message(request(b"{", b"}", seconds=30), LIMITS))


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(OutputError, match="cannot write"):
        asyncio.run(requests.receive(request(b"1"), tmp_path / "no" / "a", LIMITS))


def test_a_message_is_an_object():
    assert asyncio.run(requests.message(request(b'{"a":', b" 1}"), LIMITS)) == {"a": 1}
    assert asyncio.run(requests.message(request(), LIMITS)) == {}
    with pytest.raises(ConfigError, match="expected a JSON object"):
        asyncio.run(requests.message(request(b"[1]"), LIMITS))


@pytest.mark.parametrize(
    "name", ["", "a" * 31, "a" * 33, "A" * 32, "../" + "a" * 29, "a" * 31 + "\n"]
)
def test_an_id_is_32_hexadecimal_digits(name):
    with pytest.raises(ConfigError, match="32 hexadecimal"):
        requests.identifier(SimpleNamespace(path_params={"id": name}))
    assert requests.identifier(SimpleNamespace(path_params={"id": "0f" * 16})) == "0f" * 16


def test_a_refusal_tells_the_option_and_a_full_disk():
    answer = asyncio.run(requests.refused(None, ConfigError("no", option="seed")))
    assert (answer.status_code, json.loads(answer.body)) == (400, {"error": "no", "option": "seed"})
    full = asyncio.run(requests.refused(None, OutputError("full", path="x")))
    assert full.status_code == 507
