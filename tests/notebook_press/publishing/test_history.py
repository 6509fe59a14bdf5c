"""What is kept of past runs: the last of each report, and nothing but numbers."""

import json

import pytest
from manifests import reports_in, staged

from notebook_press.publishing.history import KEPT, past_runs


def published(folder, day, **changed):
    """Publish a report that was run on a day, and return the names of what is kept."""
    finished = f"2026-01-01T00:00:{day:02}+01:00"
    reports_in(folder).publish(staged(finished=finished, **changed))
    return sorted(path.name for path in (folder / "history/story").iterdir())


def test_the_last_runs_are_kept_and_each_once(tmp_path):
    for second in range(KEPT + 3):
        names = published(tmp_path, second, results={"product": second})
    assert published(tmp_path, KEPT + 2, results={"product": KEPT + 2}) == names
    assert [each.results["product"] for each in past_runs(tmp_path)] == [*range(3, KEPT + 3)]
    assert names[-1] == "20251231T230052Z-default.json"


@pytest.mark.promise("What is kept of past runs are their numbers, no parameter and no path.")
def test_nothing_but_numbers_is_kept(tmp_path):
    (name,) = published(tmp_path, 1, inputs={"images": "ab"}, machine={"processor": "secret"})
    kept = json.loads((tmp_path / "history/story" / name).read_text())
    assert kept == {
        "report": "story",
        "run": "default",
        "finished": "2026-01-01T00:00:01+01:00",
        "results": {"product": 42},
        "inputs": {"images": "ab"},
    }


@pytest.mark.parametrize("content", ["{", '{"report": "story"}', "other"])
def test_what_is_no_past_run_is_left_out_and_stays(tmp_path, content):
    (name,) = published(tmp_path, 1)
    whole = (tmp_path / "history/story" / name).read_text()
    strange = tmp_path / "history/story/strange.json"
    strange.write_text(whole.replace("story", content) if content == "other" else content)
    assert len(past_runs(tmp_path)) == 1
    assert strange.is_file()


def test_a_folder_of_points_keeps_no_past(tmp_path):
    from notebook_press.publishing.publish import Reports

    Reports(tmp_path, None).publish(staged())
    assert not (tmp_path / "history").exists()
