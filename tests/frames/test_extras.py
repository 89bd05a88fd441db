"""What is said where the extra video is not installed."""

import sys

import pytest

from network import ConfigError
from network.frames import extras


@pytest.mark.parametrize(("name", "load"), [("cv2", extras.opencv), ("av", extras.pyav)])
def test_a_library_that_is_missing_is_named_with_the_way_to_get_it(name, load, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r"pip install 'inetwork\[video\]'"):
        load()
