"""Makes the sound files of the pages' prompts: ``python -m rescuecmd.web.make_sounds``; the same bytes every time.

Each prompt is a pattern of notes that differs from the others in rhythm as well as in pitch, so that it is told apart
beside an engine. A note has two overtones, which small loudspeakers give better than a low pure tone. WAV, because
every browser decodes it; 11 025 samples of eight bits a second carry all that is in these tones.
"""

import io
import sys
import wave
from collections.abc import Sequence
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent / "src" / "ui" / "sounds"
RATE_HZ = 11_025
_EDGE_S = 0.008  # without a slope a note begins and ends with a click
_OVERTONES = (1.0, 0.5, 0.33)
_LOUDNESS = 0.95

# Each note is (frequency in Hz, length in s); 0 Hz is a pause.
PATTERNS: dict[str, Sequence[tuple[float, float]]] = {
    "card": ((523, 0.12), (659, 0.12), (784, 0.12), (1047, 0.3)),
    "reminder": ((784, 0.09), (1047, 0.14), (0, 0.14), (784, 0.09), (1047, 0.14)),
    "alarm": ((740, 0.18), (0, 0.1), (740, 0.18)),
    "emergency": ((880, 0.16), (660, 0.16)) * 3,
    "route": ((784, 0.15), (523, 0.15), (784, 0.15)),
    "confirm": ((1047, 0.08),),
}


def sound(pattern: Sequence[tuple[float, float]]) -> bytes:
    """Return a pattern of notes as the bytes of a WAV file."""
    samples = np.concatenate([_note(hertz, seconds) for hertz, seconds in pattern])
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(RATE_HZ)
        out.writeframes(np.round(127.5 + 127.0 * samples).astype(np.uint8).tobytes())
    return file.getvalue()


def _note(hertz: float, seconds: float) -> np.ndarray:
    """Return the samples of one note, -1 to 1."""
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    if not hertz:
        return np.zeros_like(time_s)
    tone = sum(part * np.sin(2 * np.pi * hertz * (n + 1) * time_s) for n, part in enumerate(_OVERTONES))
    slope = np.clip(np.minimum(time_s, seconds - time_s) / _EDGE_S, 0.0, 1.0)
    return np.asarray(_LOUDNESS * tone / np.abs(tone).max() * slope)


def main() -> int:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for name, pattern in PATTERNS.items():
        (FOLDER / f"{name}.wav").write_bytes(sound(pattern))
    return 0


if __name__ == "__main__":
    sys.exit(main())
