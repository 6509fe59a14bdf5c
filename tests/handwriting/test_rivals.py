"""What the rivals' notebook runs."""

from types import SimpleNamespace

import pytest

from handwriting.errors import MeasurementError
from handwriting.experiments.rivals import Measured


@pytest.mark.parametrize("network", [True, False])
def test_who_failed_is_refused_unless_there_was_too_little_to_learn_from(network):
    who = SimpleNamespace(network=network, title="one")
    failed, refused = (
        SimpleNamespace(entrant=who, error="no", refused=refused) for refused in (False, True)
    )
    Measured((refused,), (), 0).require_all()
    with pytest.raises(MeasurementError, match=r"errors of one \(no\)\."):
        Measured((refused, failed), (), 0).require_all()
