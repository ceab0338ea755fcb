"""The same answers with and without numba."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rescuecmd.compiled import COMPILED

_SCRIPT = """
import json, sys
if sys.argv[1] == "plain":
    sys.modules["numba"] = None
from rescuecmd.compiled import COMPILED
from rescuecmd.routing.network import build_graph, compile_network
from rescuecmd.routing.scene import Scene
from tests.routing.waters import INFLATABLE, varied, water_of

river = varied(900.0, seed=5)
network = compile_network(build_graph(river))
scene = Scene(river, network, water_of(river, (0.0, 174.2), (1800.0, 173.6), (7200.0, 177.0)), 0.0)
tree = scene.tree(INFLATABLE, (60.0, 0.0), 0.0)
path = scene.path(INFLATABLE, (60.0, 0.0), (520.0, 0.0), 0.0)
columns = {name: getattr(path, name).tolist() for name in ("x_m", "y_m", "eta_s", "wait_s", "margin_m")}
columns |= {"arrival_s": tree.arrival_s.tolist(), "parent": tree.parent.tolist()}
print(json.dumps({"compiled": COMPILED, **columns}))
"""


def _run(how: str) -> dict[str, object]:
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", _SCRIPT, how], capture_output=True, text=True, cwd=root, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(not COMPILED, reason="numba is not installed: there is nothing to compare with")
def test_plain_python_gives_the_very_same_answer() -> None:
    fast, plain = _run("compiled"), _run("plain")
    assert (fast.pop("compiled"), plain.pop("compiled")) == (True, False)
    for name, values in fast.items():
        assert values == pytest.approx(plain[name], abs=1e-9), name
