"""Publications after one another, by one press or by the next: each leaves what the next needs."""

from pathlib import Path

from manifests import reports_in, staged


def test_what_was_staged_by_a_press_that_was_killed_is_published_by_the_next(tmp_path: Path):
    killed = reports_in(tmp_path)
    killed.staging_folder("default", "story")
    killed.stage(staged())
    assert reports_in(tmp_path).finish_pending() == ["default/story"]


def test_a_publication_is_known_to_the_next_and_to_the_index(reports: Path):
    press = reports_in(reports)
    press.write_index()
    press.publish(staged(run="long"))
    assert {"default", "long"} == {manifest.run for manifest in press.manifests().values()}
    assert reports_in(reports).check() == ()


def test_what_a_failed_run_left_is_taken_away_when_its_report_is_published(reports: Path):
    press = reports_in(reports)
    press.keep_failed("default", "other", b"partial")
    press.publish(staged())
    assert [path.name for path in (reports / "failed" / "default").iterdir()] == ["other.ipynb"]
