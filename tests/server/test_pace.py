import pytest

from rescuecmd.server.pace import FREE, RATES, Pace, TooManyError


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def test_a_bucket_empties_and_fills_again() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(int(RATES["note"].burst)):
        pace.command("a", "AddNote")
    with pytest.raises(TooManyError) as refused:
        pace.command("a", "AddNote")
    pace.command("b", "AddNote")  # somebody else's bucket
    pace.command("a", "MoveTask")  # another class
    after_s = refused.value.facts["after_s"]
    assert isinstance(after_s, float)
    clock.now_s += after_s
    pace.command("a", "AddNote")


def test_an_sos_is_never_limited() -> None:
    pace = Pace(Clock())
    for _ in range(1000):
        for name in FREE:
            pace.command("a", name)


def test_failures_are_counted_and_nothing_else() -> None:
    clock = Clock()
    pace = Pace(clock)
    for _ in range(100):
        pace.check("sign-in", "a")
    for _ in range(5):
        pace.spend("sign-in", "a")
    with pytest.raises(TooManyError):
        pace.check("sign-in", "a")
    clock.now_s += 180.0
    pace.check("sign-in", "a")


def test_strangers_do_not_fill_the_memory() -> None:
    pace = Pace(Clock())
    for n in range(30_000):
        pace.take("stranger", str(n))
    assert len(pace._left) <= 20_000
