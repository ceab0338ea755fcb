import av
import numpy as np

from rescuecmd.media.encode import CLOCK_HZ, Encoder
from rescuecmd.media.planes import Canvas, Colour
from rescuecmd.media.track import Hub, PacketTrack


def pictures(count: int) -> list[Canvas]:
    made = []
    for number in range(count):
        canvas = Canvas(320, 180)
        canvas.rect(0, 0, 320, 180, Colour.rgb(60, 90, 120))
        canvas.rect(number * 5, 60, number * 5 + 40, 100, Colour.rgb(255, 120, 0))
        made.append(canvas)
    return made


def kinds(data: bytes) -> set[int]:
    """Return the NAL unit types of an Annex B packet."""
    return {part[0] & 0x1F for part in data.replace(b"\0\0\0\1", b"\0\0\1").split(b"\0\0\1")[1:]}


def test_every_picture_is_one_decodable_packet() -> None:
    encoder, decoder = Encoder(320, 180), av.CodecContext.create("h264", "r")
    shown = []
    for number, canvas in enumerate(pictures(30)):
        packet = encoder.encode(canvas, number * CLOCK_HZ // 25)
        assert packet.data
        shown += decoder.decode(av.Packet(packet.data))
    shown += decoder.decode(None)
    assert len(shown) == 30
    last = shown[-1].to_ndarray(format="yuv420p")
    assert np.abs(last.astype(int) - pictures(30)[-1].data).mean() < 3


def test_keyframes_come_when_asked_and_every_two_seconds_with_their_headers() -> None:
    encoder = Encoder(320, 180)
    packets = [encoder.encode(c, i * 3600, keyframe=i == 10) for i, c in enumerate(pictures(62))]
    keyed = [i for i, packet in enumerate(packets) if packet.keyframe]
    assert keyed[:2] == [0, 10]
    assert 60 in keyed  # two seconds after the last one
    for i in keyed:
        assert {5, 7, 8} <= kinds(packets[i].data)  # IDR with SPS and PPS: anybody can join here
    assert 5 not in kinds(packets[1].data)


def test_time_never_goes_back() -> None:
    encoder = Encoder(320, 180)
    stamps = [encoder.encode(canvas, 7, keyframe=False).pts for canvas in pictures(4)]
    assert stamps == sorted(set(stamps))


async def test_a_viewer_gets_packets_from_a_keyframe_on() -> None:
    encoder, hub = Encoder(320, 180), Hub()
    packets = [encoder.encode(c, i * 3600, keyframe=i == 3) for i, c in enumerate(pictures(8))]
    track = PacketTrack(hub)
    for packet in packets[1:]:
        hub.publish(packet)
    first = await track.recv()
    assert bytes(first) == packets[3].data
    assert first.pts == packets[3].pts
    track.stop()
    assert hub.viewers == 0


async def test_a_slow_viewer_starts_anew_instead_of_lagging() -> None:
    encoder, hub = Encoder(320, 180), Hub()
    canvas = pictures(1)[0]
    track, quick = PacketTrack(hub), PacketTrack(hub)
    assert hub.keyframe_due()
    for number in range(70):
        hub.publish(encoder.encode(canvas, number * 3600, keyframe=number == 0))
        await quick.recv() if number < 50 else None
    assert len(track._packets) <= 50
    assert hub._keyframe  # it asked for one to start from
    track.stop()
    quick.stop()


async def test_many_who_lose_their_picture_get_one_keyframe() -> None:
    hub = Hub()
    hub.want_keyframe()
    assert hub.keyframe_due()
    for _ in range(20):
        hub.want_keyframe()
    assert not hub.keyframe_due()  # less than 0.3 s ago
    hub._asked_s -= 0.31
    assert hub.keyframe_due()
    assert not hub.keyframe_due()
