"""A kernel that owes an answer: it is not waited for without end, and no answer is overlooked."""

import asyncio
import json
import sys
from unittest.mock import AsyncMock, Mock

import pytest
from jupyter_client.session import Session
from zmq.asyncio import Socket

from notebook_press.running.answers import AnswerChannel

KERNEL = """
import sys
from ipykernel.kernelapp import IPKernelApp
from ipykernel.ipkernel import IPythonKernel

class Forgetful(IPythonKernel):
    async def execute_request(self, socket, ident, parent):
        if "forget" in parent["content"]["code"]:
            return {silence}
        await super().execute_request(socket, ident, parent)

    def should_handle(self, socket, msg, idents):
        forgets = msg["header"]["msg_type"] == "execute_request" and {deaf}
        return not (forgets and "forget" in msg["content"]["code"])

IPKernelApp.launch_instance(kernel_class=Forgetful)
"""


@pytest.fixture
def forgetful(write_notebook, tmp_path, monkeypatch):
    """The function that writes a notebook whose kernel does not answer a cell with `forget`."""

    def forgetful(*cells: str, deaf: bool):
        script = tmp_path / "kernel.py"
        script.write_text(KERNEL.format(silence=None, deaf=deaf))
        folder = tmp_path / "jupyter" / "kernels" / "forgetful"
        folder.mkdir(parents=True)
        argv = [sys.executable, str(script), "-f", "{connection_file}"]
        spec = {"argv": argv, "display_name": "Forgetful", "language": "python"}
        (folder / "kernel.json").write_text(json.dumps(spec))
        monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
        path = write_notebook(*cells)
        notebook = json.loads(path.read_text())
        notebook["metadata"]["kernelspec"]["name"] = "forgetful"
        path.write_text(json.dumps(notebook))
        return path

    return forgetful


@pytest.mark.promise("A kernel that is idle and never answers ends the run, which names the cell.")
@pytest.mark.parametrize(
    "deaf",
    [
        pytest.param(False, id="idle"),
        pytest.param(True, id="answers another request", marks=pytest.mark.slow),
    ],
)
def test_a_kernel_that_never_answers_a_cell_ends_the_run(forgetful, failure_of, deaf):
    story = forgetful("1", "forget = 2", "3", deaf=deaf)
    error = failure_of(story, answer=1)
    assert "cell 3 of 4 ('forget = 2') was never answered by its kernel" in str(error)


def test_a_kernel_that_owes_an_answer_is_asked_to_execute_nothing():
    """Whatever else it answers while it executes, as some do, says nothing of what it owes."""
    socket, session = Mock(spec=Socket), Session()
    socket.poll = AsyncMock(side_effect=[0, 0, ConnectionError])
    session.send = Mock()
    channel = AnswerChannel(socket, session)
    channel.patience = 0
    with pytest.raises(ConnectionError):
        asyncio.run(channel.get_msg())
    (_, asked), _ = session.send.call_args
    assert asked["header"]["msg_type"] == "execute_request"
    assert (asked["content"]["code"], asked["content"]["silent"]) == ("", True)


def test_a_cell_that_takes_longer_than_an_answer_may_is_waited_for(write_notebook, run):
    story = write_notebook(
        "import subprocess, time", "time.sleep(0.5)", "subprocess.run(['sleep', '0.5'])"
    )
    assert run(story, answer=0.1).cells[-1].outputs


@pytest.mark.promise("Cells that print into an Output widget never keep a run for ever.")
def test_many_cells_that_print_into_a_widget_all_come_to_their_end(write_notebook, run):
    pytest.importorskip("ipywidgets")
    first = "import ipywidgets\nout = ipywidgets.Output()\nout"
    executed = run(write_notebook(first, *["with out:\n    print('again')"] * 25))
    (state,) = executed.metadata.widgets.values()
    (widget,) = [each["state"] for each in state["state"].values() if "outputs" in each["state"]]
    assert "".join(output["text"] for output in widget["outputs"]) == "again\n" * 25
