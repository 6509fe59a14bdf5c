import pytest
from manifests import put_report


@pytest.fixture
def publish(tmp_path):
    """A function that publishes a report of a side as the press leaves it, and returns its run."""

    def published(side, *cells, run="default", **changed):
        put_report(tmp_path / side / run, *cells, run=run, **changed)
        return tmp_path / side / run

    return published
