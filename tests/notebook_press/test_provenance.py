"""Where a report comes from: enough to make it again, nothing that names its maker."""

import getpass
import socket
import subprocess
import sys

from notebook_press import provenance


def git(folder, *arguments):
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)


def test_a_commit_says_whether_there_are_changes_on_top(tmp_path):
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "-m", "first")
    clean = provenance.commit(tmp_path)
    (tmp_path / "file").write_text("2")
    assert provenance.commit(tmp_path) == f"{clean} + changes"


def test_no_checkout_has_no_commit(tmp_path):
    assert provenance.commit(tmp_path) is None


def test_versions_hold_python_and_what_is_installed():
    found = provenance.versions(["nbformat>=5", "no-such-distribution"])
    assert set(found) == {"python", "nbformat"}
    assert found["python"] == ".".join(str(part) for part in sys.version_info[:3])


def test_a_machine_is_described_without_naming_host_or_user():
    text = str(provenance.machine())
    assert socket.gethostname() not in text
    assert getpass.getuser() not in text


def test_a_machine_has_cores_and_memory():
    machine = provenance.machine()
    assert machine["cores"] >= 1
    assert machine["memory_gib"] > 0
    assert machine["processor"]
