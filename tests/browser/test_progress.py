"""The pages and the server say the same of how far a boat has come and how late it is: one rule, written twice."""

import json
import subprocess
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rescuecmd.picture.entity import Fix
from rescuecmd.picture.order import Route, Waypoint
from rescuecmd.picture.progress import progress
from rescuecmd.text import Text
from rescuecmd.web import build_pages

WEB = Path(build_pages.__file__).parent
SCRIPT = """
import { build } from "vite";
const [out] = process.argv.slice(-1);
const ssr = "src/way/progress.ts";
await build({ configFile: false, logLevel: "error", build: { ssr, outDir: out, copyPublicDir: false } });
const { expectedS, progress } = await import(out + "/progress.js");
let text = "";
for await (const part of process.stdin) text += part;
const answers = JSON.parse(text).map(({ route, fix, nowS }) => {
  const at = progress(route, fix, nowS);
  return [at.hereS, at.lateS, expectedS(at, route.arrive_s)];
});
console.log(JSON.stringify(answers));
"""

pytestmark = [pytest.mark.browser]


def made_up(rng: np.random.Generator) -> tuple[Route, Fix, float]:
    """Return a route of a few legs with some waits, a boat somewhere near it, and a time."""
    count = int(rng.integers(2, 9))
    lon, lat = 106.4 + np.cumsum(rng.normal(0, 0.002, count)), 29.6 + np.cumsum(rng.normal(0, 0.002, count))
    wait = np.where(rng.random(count) < 0.3, rng.uniform(10, 400, count), 0.0)
    eta = 1000.0 + np.cumsum(rng.uniform(5, 60, count)) + np.concatenate([[0.0], np.cumsum(wait)[:-1]])
    points = tuple(
        Waypoint(float(x), float(y), 0.0, float(s), wait_s=float(w))
        for x, y, s, w in zip(lon, lat, eta, wait, strict=True)
    )
    near, off = int(rng.integers(count)), rng.normal(0, 0.0005, 2) * rng.integers(0, 2)
    fix = Fix(float(lon[near] + off[0]), float(lat[near] + off[1]), 0.0, 5.0, "gps")
    name = Text("", "")
    route = Route("r", "b", "t", name, points, float(eta[0]), float(eta[-1]), 1.0, 0.0, name)
    return route, fix, float(rng.uniform(900, 2500))


def test_the_pages_count_lateness_as_the_server_does(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    cases = [made_up(rng) for _ in range(300)]
    asked: list[dict[str, Any]] = [{"route": asdict(r), "fix": asdict(f), "nowS": now_s} for r, f, now_s in cases]
    node = build_pages.find_node().folder / "node"
    done = subprocess.run(
        [str(node), "--input-type=module", "-e", SCRIPT, str(tmp_path)],
        cwd=WEB, input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    for (route, fix, now_s), (here_s, late_s, arrives_s) in zip(cases, answers, strict=True):
        found = progress(route, fix, now_s)
        assert (found.here_s, found.late_s) == pytest.approx((here_s, late_s), abs=0.01)
        assert found.expected_s(route.arrive_s) == pytest.approx(arrives_s, abs=0.01)
