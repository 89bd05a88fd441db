"""The page's public name."""

import network
from network.app.page import serve


def test_the_page_is_served_by_its_public_name():
    assert network.page.serve is serve
