import pytest

from network import ConfigError
from network.batches.settings import BatchSettings


def test_a_batch_is_of_this_process_unless_it_is_told_of_others():
    assert not BatchSettings().elsewhere
    for given in ({"workers": 1}, {"scheduler": "tcp://a:1"}, {"scheduler_file": "a.json"}):
        assert BatchSettings(**given).elsewhere


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"workers": 0}, "workers: expected a whole number of 1 or more, got 0"),
        ({"retries": -1}, "retries: expected"),
        ({"workers": 2, "scheduler": "tcp://a:1"}, "got workers and scheduler; leave one out"),
        ({"threads": 2}, "threads: expected workers with it"),
    ],
)
def test_what_cannot_be_is_refused(given, expected):
    with pytest.raises(ConfigError, match=expected):
        BatchSettings(**given)
