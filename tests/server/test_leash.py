from rescuecmd.server.leash import LEASH_S, LeashedClock


def test_the_clock_waits_for_the_drill_and_does_not_make_up_for_it() -> None:
    steady, played = 0.0, 1000.0
    clock = LeashedClock(1000.0, speed=2.0, steady=lambda: steady)
    clock.played_s = lambda: played
    clock.resume()
    steady = 1.0
    assert clock.now_s() == 1002.0
    steady = 100.0  # the machine was busy with something else
    assert clock.now_s() == 1000.0 + LEASH_S
    played = 1003.0
    assert clock.now_s() == 1003.0
    steady = 101.0
    assert clock.now_s() == 1005.0
    clock.pause()
    steady = 200.0
    assert clock.now_s() == 1005.0


def test_time_never_goes_back() -> None:
    steady, played, seen = 0.0, 0.0, 0.0
    clock = LeashedClock(0.0, speed=20.0, steady=lambda: steady)
    clock.played_s = lambda: played
    clock.resume()
    for step in range(200):
        steady += 0.05 + (step % 7) * 0.1
        now = clock.now_s()
        assert now >= seen
        seen = now
        played = max(played, now - step % 3)
