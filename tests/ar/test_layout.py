from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from rescuecmd.ar.layout import Box, Wish, arrange

AREA = Box(0, 30, 1280, 690)


def measure(lines: Sequence[str]) -> tuple[int, int]:
    return max(len(line) for line in lines) * 18 + 12, len(lines) * 24 + 6


wishes = st.lists(
    st.builds(
        lambda n, u, v, victim, text: (n, u, v, victim, text),
        st.integers(0, 10_000),
        st.floats(0, 1280),
        st.floats(0, 720),
        st.booleans(),
        st.sampled_from([("被困 3 人", "剩 21 分"), ("警 01",), ("试验石", "出水 2.3 m · 26 分后淹没")]),
    ),
    max_size=24,
    unique_by=lambda item: item[0],
)


def make(items: list[tuple[int, float, float, bool, tuple[str, ...]]]) -> list[Wish]:
    return [
        Wish(f"w{n}", u, v, 13, lines, priority=0 if victim else 3, must=victim) for n, u, v, victim, lines in items
    ]


def symbol(wish: Wish) -> Box:
    return Box(wish.u - 13, wish.v - 13, wish.u + 13, wish.v + 13)


@given(items=wishes)
def test_labels_never_overlap_each_other_or_hide_a_victim(
    items: list[tuple[int, float, float, bool, tuple[str, ...]]],
) -> None:
    asked = make(items)
    labels = arrange(asked, AREA, measure)
    placed = {label.id for label in labels}
    for i, label in enumerate(labels):
        assert label.box.x0 >= AREA.x0
        assert label.box.x1 <= AREA.x1
        assert label.box.y0 >= AREA.y0
        assert label.box.y1 <= AREA.y1
        assert not any(label.box.overlaps(other.box) for other in labels[i + 1 :])
        assert not any(label.box.overlaps(symbol(wish)) for wish in asked if wish.must)
    assert {wish.id for wish in asked if wish.must} <= placed


def test_a_crowded_spot_still_names_every_victim() -> None:
    asked = make([(n, 640 + n % 4, 360 + n % 5, True, ("被困 3 人", "剩 21 分")) for n in range(20)])
    labels = arrange(asked, AREA, measure)
    assert len(labels) == 20


def test_order_of_input_does_not_matter() -> None:
    asked = make([(n, 100 * n % 1280, 90 * n % 720, n % 3 == 0, ("警 01",)) for n in range(15)])
    assert arrange(asked, AREA, measure) == arrange(asked[::-1], AREA, measure)


def test_a_boat_without_room_goes_without_label() -> None:
    tiny = Box(0, 0, 60, 40)
    labels = arrange(make([(1, 30, 20, False, ("警 01",))]), tiny, measure)
    assert labels == ()
