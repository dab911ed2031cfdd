"""What holds for every test, and what tests of several files ask for by name."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import postgres
from tests.support.huggingface_stage import client, hub
from tests.support.slack_stage import api, messenger, slack, time
from tests.support.storage import Place

__all__ = ["api", "client", "hub", "messenger", "slack", "time"]  # for whoever names them

# What a run has loaded lives as long as the run: looking for rubbish in it again and again took a tenth of the time.
gc.set_threshold(50_000, 20, 100)

# Examples may come slowly: the machine has other things to do. How many there are is each test's affair.
settings.register_profile(
    "here", max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("here")


def pytest_configure(config: pytest.Config) -> None:
    """The first process of a run; the workers that it starts inherit what is said here."""
    postgres.begin()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are processors: somebody always waits for a server or a program."""
    return (os.cpu_count() or 1) + 1


def pytest_unconfigure(config: pytest.Config) -> None:
    """After the last test of all workers."""
    if not hasattr(config, "workerinput"):
        postgres.end()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Place]:
    """A directory, and an empty archive on a server."""
    with postgres.shared().archive() as url:
        yield Place(tmp_path, url)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Place]:
    """A database on a server, without a table."""
    with postgres.shared().database() as url:
        yield Place(tmp_path, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A directory and an empty archive: the test runs on each kind of database."""
    if request.param == "sqlite":
        return Place(tmp_path)
    found: Place = request.getfixturevalue("server")
    return found
