"""What a published report tells of the machine that made it: nothing."""

import json
import os
import platform
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pypdf
import pytest

from notebook_press.running.redaction import FolderNames, without_machine

USER, HOST, SECRET = "plantagenet7", "planted-host-9", "s3cr3t-4711-value"
IMPORTS = """import os, pathlib, sys, tempfile, traceback, warnings
from IPython.display import HTML, Markdown, display
from matplotlib.figure import Figure
from notebook_press import author
here = [os.getcwd(), pathlib.Path.home(), tempfile.gettempdir(), os.environ["XDG_CACHE_HOME"]]"""
SPEAKS = """print(*here, sep="\\n")
print(f"{pathlib.Path.home()}/story.ipynb:3: UserWarning: mind", file=sys.stderr)
warnings.warn("mind the step")
display(Markdown("\\n\\n".join(f"`{path}/x`" for path in here)), HTML(f"<p>{here}</p>"))"""
STUMBLES = """def stumble():
    return pathlib.Path(os.getcwd(), "nothing.txt").read_text()
try:
    stumble()
except OSError:
    display(Markdown("```\\n" + traceback.format_exc() + "\\n```"))"""
DRAWS = """author.figure(Figure(), caption=f"From {here[0]}", alt=f"Drawn in {here[1]}")
author.table([{"where": path} for path in here], caption=f"In {here[2]}")
author.answer(f"It is in {here[0]}.")
author.notice(f"Kept in {here[3]}.")"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    """Folders as a user called so has them."""
    home = tmp_path_factory.mktemp("home") / USER
    for name in ("project/notebooks", "cache", "temporary", "data"):
        (home / name).mkdir(parents=True)
    (home / "project/pyproject.toml").write_text(
        '[tool.notebook-press]\nprepare = "say_where:prepare"\n'
    )
    (home / "project/say_where.py").write_text(
        "from types import SimpleNamespace\n"
        "def prepare(p):\n"
        "    notice = f'The data are in {p[\"data\"]}, not in {__file__}.'\n"
        "    return SimpleNamespace(parameters=p, inputs={'a': '1'}, notice=notice)\n"
    )
    return home


def build(machine, *names):
    """Build notebooks there as that user; return the exit code and what the press said."""
    environment = os.environ | {
        "HOME": str(machine),
        "USER": USER,
        "LOGNAME": USER,
        "HOSTNAME": HOST,
        "API_TOKEN": SECRET,
        "TMPDIR": str(machine / "temporary"),
        "XDG_CACHE_HOME": str(machine / "cache"),
    }
    command = [Path(sys.executable).with_name("notebook-press"), "build", *names]
    command += ["--to", "html,pdf,pptx", "-p", "data", machine / "data/dïgits"]
    done = subprocess.run(command, env=environment, cwd=machine / "project", capture_output=True)
    return done.returncode, (done.stdout + done.stderr).decode()


def write(machine, name, *sources):
    cells = [nbformat.v4.new_markdown_cell("# Where is it?")]
    cells += [nbformat.v4.new_code_cell(source) for source in ('data: str = ""', *sources)]
    cells[1].metadata["tags"] = ["parameters"]
    spec = {"name": "python3", "display_name": "python3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": spec})
    nbformat.write(notebook, machine / "project/notebooks" / name)
    return f"notebooks/{name}"


@pytest.fixture(scope="module")
def reports(machine):
    """What is left of a notebook that tells where it is in every way, and of one that fails."""
    good = write(machine, "story.ipynb", IMPORTS, SPEAKS, STUMBLES, DRAWS)
    bad = write(machine, "bad.ipynb", IMPORTS, SPEAKS, "raise OSError(here[0])")
    code, said = build(machine, good, bad)
    assert code == 4, said
    return machine / "project/reports"


def contents(path):
    """Every text that a file holds, by where: a PDF's letters and facts, a deck's every part."""
    yield path.name, path.read_bytes()
    if path.suffix == ".pdf":
        document = pypdf.PdfReader(path)
        yield f"{path.name}: facts", str(document.metadata).encode()
        yield f"{path.name}: text", "\n".join(p.extract_text() for p in document.pages).encode()
        for number in range(1, int(document.trailer["/Size"])):
            part = document.get_object(number)
            packed = isinstance(part, pypdf.generic.StreamObject) and "/Subtype" not in part
            yield f"{path.name}: {number}", part.get_data() if packed else str(part).encode()
    elif path.suffix == ".pptx":
        with zipfile.ZipFile(path) as deck:
            yield from ((f"{path.name}: {name}", deck.read(name)) for name in deck.namelist())


def leaks(machine, folder):
    words = [USER, HOST, SECRET, str(machine), str(machine.parent), "/ipykernel_"]
    words += [platform.node()] if len(platform.node()) > 8 else []
    return {
        (where, word)
        for path in folder.rglob("*")
        if path.is_file() and ".press" not in path.parts
        for where, content in contents(path)
        for word in words
        if word.encode() in content
    }


@pytest.mark.promise("No published file tells a folder of the machine that made it.")
def test_no_published_file_tells_a_folder_the_user_the_host_or_a_secret(machine, reports):
    names = {path.name for path in (reports / "default").iterdir()}
    assert names == {f"story.{ending}" for ending in ("html", "ipynb", "json", "pdf", "pptx")}
    assert leaks(machine, reports) == set()


def test_each_folder_is_told_by_its_name(reports):
    manifest = json.loads((reports / "default/story.json").read_text())
    assert (manifest["answer"], manifest["inputs"]) == ("It is in ./notebooks.", {"a": "1"})
    assert manifest["notice"] == "The data are in ~/data/dïgits, not in ./say_where.py."
    assert manifest["parameters"][0]["value"] == "dïgits"
    executed = nbformat.read(reports / "default/story.ipynb", as_version=4)
    printed, stderr, *_ = executed.cells[4].outputs
    assert printed.text == "./notebooks\n~\n$TMPDIR\n$XDG_CACHE_HOME\n"
    assert "~/story.ipynb:3: UserWarning: mind" in stderr.text
    assert "cell.py:3: UserWarning: mind the step" in stderr.text
    assert executed.cells[2].source.splitlines()[-1] == r'data = "d\xefgits"'


@pytest.mark.promise("The notebook of a failed run tells no folder of the machine.")
def test_neither_does_the_notebook_of_a_failed_run(machine, reports):
    kept = reports / "failed/default/bad.ipynb"
    assert "raised OSError: ./notebooks" in nbformat.read(kept, as_version=4).cells[-2].source
    assert leaks(machine, kept.parent) == set()


@pytest.mark.promise("A folder of the machine is told by its name in coloured text too.")
@pytest.mark.promise("A folder is replaced as a whole and nowhere else.")
@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("/home/max", "~"),
        ("file:///home/max/x", "file://~/x"),
        ("-I/home/max/include", "-I~/include"),
        ("/home/max/project/x.py:3", "./x.py:3"),
        ("/home/max, /home/max.", "~, ~."),
        (r"'\n/home/max/x'", r"'\n~/x'"),
        ("File \x1b[38;5;28m/home/max/x.py\x1b[39m", "File \x1b[38;5;28m~/x.py\x1b[39m"),
        ("/tmp/ipykernel_12/345.py:3: UserWarning", "cell.py:3: UserWarning"),
        ("/home/maximilian", "/home/maximilian"),
        ("/home/max.old", "/home/max.old"),
        ("https://a.example/home/max", "https://a.example/home/max"),
        ("data:image/png;base64,AA+/home/max/", "data:image/png;base64,AA+/home/max/"),
        ("half a character: \ud800", "half a character: \ufffd"),
    ],
)
def test_a_folder_is_known_as_a_whole_and_nowhere_else(monkeypatch, text, told):
    monkeypatch.setenv("HOME", "/home/max")
    assert FolderNames(Path("/home/max/project")).told(text) == told


@pytest.mark.promise(
    "A folder of the machine is told by its name in the keys of what a cell displays too."
)
def test_pictures_and_what_the_author_wrote_stay_as_they_are(monkeypatch):
    monkeypatch.setenv("HOME", "/home/max")
    output = nbformat.v4.new_output(
        "display_data",
        data={"image/png": "/home/max", "application/x+json": {"/home/max/x": ["/home/max"]}},
        metadata={"at": "/home/max"},
    )
    cell = nbformat.v4.new_code_cell("open('/home/max')", outputs=[output])
    notebook = nbformat.v4.new_notebook(
        cells=[cell], metadata={"widgets": {"state": {"path": "/home/max/x"}}}
    )
    freed = without_machine(notebook, Path("/work"))
    assert freed.cells[0].source == "open('/home/max')"
    assert freed.cells[0].outputs[0].data["image/png"] == "/home/max"
    assert freed.cells[0].outputs[0].data["application/x+json"] == {"~/x": ["~"]}
    assert freed.cells[0].outputs[0].metadata == {"at": "~"}
    assert freed.metadata.widgets.state == {"path": "~/x"}


def test_a_folder_is_known_as_an_address_and_as_json_have_it(monkeypatch):
    monkeypatch.setenv("HOME", "/home/zoë")
    text = f"/home/zoë/x file:///home/zo%C3%AB/x {json.dumps('/home/zoë/x')}"
    assert FolderNames(Path("/work")).told(text) == '~/x file://~/x "~/x"'


def test_the_shells_way_to_the_project_is_known_too(monkeypatch, tmp_path):
    (tmp_path / "real/notebooks").mkdir(parents=True)
    (tmp_path / "linked").symlink_to(tmp_path / "real")
    monkeypatch.setenv("PWD", str(tmp_path / "linked/notebooks"))
    names = FolderNames(tmp_path / "real")
    assert names.told(f"{tmp_path}/linked/a.py and {tmp_path}/real/b.py") == "./a.py and ./b.py"
