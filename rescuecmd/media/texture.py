"""Noise that repeats without a seam: the grain of ground, clouds and moving water. Seeded, always the same."""

import numpy as np

from rescuecmd.geo import Floats

SIZE = 256


def tile(seed: int, *, roughness: float, stretch: float = 1.0, size: int = SIZE) -> Floats:
    """Return periodic noise of mean 0 and standard deviation 1, shape (size, size).

    Parameters
    ----------
    roughness
        Exponent of the spectrum's fall: 0 is white, 2 is clouds.
    stretch
        How much longer the grain is along the second axis (the flow).
    """
    rng = np.random.default_rng(seed)
    spectrum = np.fft.fft2(rng.standard_normal((size, size)))
    across, along = np.meshgrid(np.fft.fftfreq(size), np.fft.fftfreq(size), indexing="ij")
    frequency = np.hypot(across, along * stretch)
    frequency[0, 0] = 1.0
    noise = np.real(np.fft.ifft2(spectrum * frequency ** (-roughness / 2 - 0.5)))
    noise -= noise.mean()
    return np.asarray(noise / noise.std())


def sample(noise: Floats, x: Floats, y: Floats) -> Floats:
    """Return the tile's value at texel coordinates (nearest, repeating), of the shape of the input."""
    size = noise.shape[0]
    return np.asarray(noise[np.floor(y).astype(np.intp) % size, np.floor(x).astype(np.intp) % size])
