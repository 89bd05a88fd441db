"""Every fault of docs/make_reliability.py, tried a few times."""

import dataclasses

import make_reliability
import pytest
from conftest import ROOT

CASES = [
    case
    for case in make_reliability.CASES
    if case.part in ("pictures", "options", "weights", "output", "patches")  # quick ones
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.part}: {case.fault}"[:60])
def test_a_fault_ends_as_the_page_says(case, monkeypatch):
    monkeypatch.chdir(ROOT)
    make_reliability.tried(dataclasses.replace(case, tries=min(case.tries, 5)))


def test_the_page_has_every_fault():
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    for case in make_reliability.CASES:
        assert f"| {case.fault} | {case.tries} |" in page, "run python docs/make_reliability.py"
    for part, (times, cases) in make_reliability.PROCESSES.items():
        for fault, (_, factor) in cases.items():
            assert f"| {fault} | {times * factor} |" in page, (
                f"run python docs/make_reliability.py {part}"
            )


def test_parts_that_are_not_asked_for_stay_as_they_are(monkeypatch):
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    monkeypatch.setattr(make_reliability, "rows", lambda part: [("a fault", 2, "all went well")])
    assert make_reliability.page([], page) == page
    changed = make_reliability.page(["batches"], page)
    before, _, after = page.partition("## Batches")
    assert changed.startswith(before)
    assert changed.endswith(after[after.index("\n## ") :])
    assert "| a fault | 2 | all went well |" in changed
