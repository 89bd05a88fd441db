"""What is free, read from made-up machines."""

import types

import pytest

from network.compute import free

GIB = 2**30


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A Linux with 16 GiB free, in the group that is named, with the groups' limits and use."""
    monkeypatch.setattr(free, "_address_space", lambda: None)

    def make(own="", limits=(), version=2):
        (tmp_path / "proc/self").mkdir(parents=True)
        (tmp_path / "proc/meminfo").write_text(f"MemTotal: 1 kB\nMemAvailable: {16 * 2**20} kB\n")
        line = f"0::/{own}" if version == 2 else f"3:cpu:/x\n5:memory,hugetlb:/{own}"
        (tmp_path / "proc/self/cgroup").write_text(line + "\n")
        mount = tmp_path / ("sys/fs/cgroup" if version == 2 else "sys/fs/cgroup/memory")
        names = {2: ("memory.max", "memory.current"), 1: ("limit_in_bytes", "usage_in_bytes")}
        for path, limit, used, cache in limits:
            folder = mount / path
            folder.mkdir(parents=True, exist_ok=True)
            prefix = "" if version == 2 else "memory."
            for name, value in zip(names[version], (limit, used), strict=True):
                (folder / f"{prefix}{name}").write_text(f"{value}\n")
            (folder / "memory.stat").write_text(f"anon 5\ninactive_file {cache}\n")
        return tmp_path

    return make


def test_without_groups_it_is_what_the_machine_has(machine):
    assert free.available(machine()) == 16 * GIB


def test_the_tightest_of_the_groups_around_the_process_counts(machine):
    limits = [
        ("", "max", 0, 0),
        ("slurm", 8 * GIB, 5 * GIB, GIB),  # 4 left with its cache
        ("slurm/job", 6 * GIB, GIB, 0),
        ("slurm/job/step", "max", GIB, 0),
        ("other", GIB, GIB, 0),
    ]
    assert free.available(machine("slurm/job/step", limits)) == 4 * GIB


def test_a_containers_root_counts_where_its_own_path_is_the_hosts(machine):
    assert free.available(machine("docker/abc", [("", 2 * GIB, GIB, 0)])) == GIB


def test_groups_of_version_1_are_read(machine):
    limits = [("", 2**63 - 4096, 0, 0), ("batch", 3 * GIB, GIB, 0), ("batch/job", 3 * GIB, 0, 0)]
    assert free.available(machine("batch/job", limits, version=1)) == 2 * GIB


def test_a_group_that_is_full_leaves_nothing_not_less(machine):
    assert free.available(machine("a", [("a", GIB, 2 * GIB, 0)])) == 0


def test_a_limit_of_addresses_counts(machine, monkeypatch):
    root = machine()
    monkeypatch.setattr(free, "_address_space", lambda: 3.0 * GIB)
    assert free.available(root) == 3 * GIB


def test_macos_is_asked_for_pages_that_nothing_needs(tmp_path, monkeypatch):
    text = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                               1000.\n"
        "Pages active:                           900000.\n"
        "Pages inactive:                           2000.\n"
        "Pages speculative:                         500.\n"
    )
    monkeypatch.setattr(free.sys, "platform", "darwin")
    monkeypatch.setattr(free.subprocess, "run", lambda *a, **k: types.SimpleNamespace(stdout=text))
    monkeypatch.setattr(free, "_address_space", lambda: None)
    assert free.available(tmp_path) == 3500 * 16384


def test_what_cannot_be_told_is_none(tmp_path, monkeypatch):
    monkeypatch.setattr(free, "_address_space", lambda: None)
    monkeypatch.setattr(free.sys, "platform", "unknown")
    assert free.available(tmp_path) is None


def test_there_is_memory_here():
    here = free.available()
    assert here is None or 2**26 < here < 2**50
