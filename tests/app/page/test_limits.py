"""What the page is told."""

import pytest

from network import ConfigError
from network.app.page.limits import Limits, PageSettings


def test_the_page_is_this_machines_alone_unless_told_otherwise():
    assert PageSettings().host is None


@pytest.mark.parametrize("port", [-1, 65536, "http"])
def test_a_port_that_is_none_is_refused(port):
    with pytest.raises(ConfigError, match="port: expected a whole number from 0 to 65535"):
        PageSettings(port=port)


def test_every_limit_bounds_something():
    assert all(value > 0 for value in vars(Limits()).values())
