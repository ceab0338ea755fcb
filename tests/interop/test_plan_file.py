"""Plan files: the three cards are whole, and every broken file is explained with its line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.errors import FaultsError
from rescuecmd.interop.plan_file import load_plan, load_plans, read_plan

PLANS = Path(__file__).parents[2] / "plans"
REEF = (PLANS / "reef-rescue.yaml").read_text(encoding="utf-8")


def faults(text: str) -> list[str]:
    with pytest.raises(FaultsError) as caught:
        read_plan(text.encode(), "reef.yaml")
    return [str(fault) for fault in caught.value.faults]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_the_three_cards() -> None:
    cards = load_plans(PLANS)
    assert {card.id: card.kind for card in cards.values()} == {
        "reef": "reef",
        "water": "in_water",
        "beach": "evacuate",
    }
    for card in cards.values():
        assert card.reviewed_by == "未经审定 / not reviewed"
        assert len(card.red_lines) == 5
        assert all(card.source_line(limit.source) for limit in card.limits)
        assert all(text.zh and text.en for text in (*card.abort, *card.comms, *(step.text for step in card.steps)))
        terminal_roles = [role for role in card.roles if role.takes != "command"]
        assert {role.takes for role in terminal_roles} == {"boat", "shore", "medical"}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("plan: plan-card/1", "plan: plan-card/2", "expected 'plan-card/1'"),
        ("kind: reef", "kind: reefs", "did you mean 'reef'"),
        ('version: "1.0"', "version: 1.0", "valid string"),
        ("verb: {", "verbs: {", "did you mean 'verb'"),
        ("people > 0 and (margin_m", "peple > 0 and (margin_m", "did you mean 'people'"),
        ("budget: 60s", "budget: 60", "valid string"),
        ("budget: 60s", "budget: soon", "units"),
        ("who: [commander]", "who: [comander]", "did you mean 'commander'"),
        ("who: [commander]", "who: []", "at least 1"),
        ("takers: all", "takers: two", "expected 'all' or 'one'"),
        ("remind: 10s", "remind: 10", "units"),
        ("remind: 10s", "remind: never", "units"),
        ("remind: 10s", "reminds: 10s", "did you mean 'remind'"),
        ("amber: 15s", "amber: 0s", "above zero"),
        ("amber: 15s", "amber: 45s", "red (30 s) must come after amber (45 s)"),
        ("supervisor: 60s", "supervisor: 20s", "supervisor (20 s) must come after red (30 s)"),
        ("expires: 30m", "expires: 80s", "expires (80 s) must come after second_channel (90 s)"),
        ("先于主救艇就位：<place>", "先于主救艇就位：<plase>", "did you mean 'place'"),
        ("test: boats_sent >= 2", "test: boats_sent + 1", "compare the number"),
        ("test: boats_sent >= 2", "test: boats_sent.real >= 2", "an attribute"),
        ("test: boats_sent >= 2", "test: posted('shore_tem')", "did you mean 'shore_team'"),
        ("show: boats_sent", "show: boat_sent", "did you mean 'boats_sent'"),
        ("source: rnli", "source: rnlli", "did you mean 'rnli'"),
        ("only: [inflatable]", "only: [inflateable]", "did you mean 'inflatable'"),
        ("  - n: 4\n", "  - n: 3\n", "step numbers must grow"),
        ("  - id: L2\n", "  - id: L1\n", "already used above"),
        ("  - {zh: 不会水的人，绝不上一线, en: Nobody who cannot swim goes to the front line}\n", "", "5 red lines"),
        ("who: [medic]", "who: [shore_team]", "role 'medic' has no step"),
        ("id: reef", "id: Reef!", "pattern"),
        ("done: people == 0", "done: people = 0", "not an expression"),
        ("zh: 派艇救被困人员", 'zh: ""', "at least 1 character"),
        ("abort:\n", "abort: []\nabort_lines:\n", "abort"),
    ],
)
def test_broken_cards_are_explained(old: str, new: str, words: str) -> None:
    assert old in REEF
    broken = REEF.replace(old, new, 1)
    found = [fault for fault in faults(broken) if words in fault]
    assert found, faults(broken)
    assert found[0].startswith("reef.yaml:")


def test_the_line_is_that_of_the_fault() -> None:
    broken = REEF.replace("test: boats_sent >= 2", "test: boat_sent >= 2")
    (fault,) = faults(broken)
    assert fault.startswith(f"reef.yaml:{line_of(broken, 'test: boat_sent')}: limits[2].test: no name 'boat_sent'")


def test_all_faults_at_once() -> None:
    broken = REEF.replace("source: rnli", "source: rnlli").replace("who: [medic]", "who: [medik]")
    assert len(faults(broken)) == 3  # the source, the role, and the role that is left without a step


def test_two_cards_of_one_id(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(REEF, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(REEF, encoding="utf-8")
    with pytest.raises(FaultsError, match="already a card 'reef'"):
        load_plans(tmp_path)


def test_faults_of_every_file_together(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(REEF.replace("kind: reef", "kind: x"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        load_plans(tmp_path)
    assert {Path(fault.file).name for fault in caught.value.faults} == {"a.yaml", "b.yaml"}


def test_an_empty_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FaultsError, match="no plan card"):
        load_plans(tmp_path)
    with pytest.raises(FaultsError, match="cannot be read"):
        load_plan(tmp_path / "none.yaml")


@given(st.binary(max_size=300))
def test_garbage_never_escapes(raw: bytes) -> None:
    with pytest.raises(FaultsError):
        read_plan(raw, "x.yaml")


@given(st.integers(0, len(REEF) - 1), st.integers(1, 40), st.text(max_size=6))
def test_a_damaged_card_is_read_or_explained(at: int, length: int, put: str) -> None:
    try:
        read_plan((REEF[:at] + put + REEF[at + length :]).encode("utf-8", "replace"), "x.yaml")
    except FaultsError as error:
        assert error.faults
