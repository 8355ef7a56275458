#!/usr/bin/env python3
"""Reference vectors for the features mfcc, chroma, onset and constantq, in float64, from their definitions alone.

    python3 docs/reference/features.py features/src/test/resources/melgauge/features/reference

reads the WAV files in that folder and writes mfcc.npy, chroma.npy, onset.npy and constantq.npy beside them, as float32 of
shape [frames, bands]. It shares no code with the Java sources, and needs NumPy alone. Where torch and torchaudio can be
imported, it also prints how far mfcc.npy is from theirs.
"""

import sys
import wave
from pathlib import Path

import numpy as np


def read(path):
    """Samples in [-1, 1), channels averaged."""
    with wave.open(str(path)) as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return raw.reshape(-1, file.getnchannels()).mean(axis=1) / 32768, file.getframerate()


def frames(x, length, hop, mode):
    """Centred frames, [frames, length]."""
    x = np.pad(x, length // 2, mode=mode)
    count = 1 + (len(x) - length) // hop
    return x[np.arange(count)[:, None] * hop + np.arange(length)]


def power(x, n_fft, hop, mode="reflect"):
    """Power spectrum with a periodic Hann window, [frames, n_fft/2 + 1]."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    return np.abs(np.fft.rfft(frames(x, n_fft, hop, mode) * window)) ** 2


def mel_filters(rate, n_fft, bands, low, high):
    """Slaney's scale and areas, [bands, n_fft/2 + 1]."""

    def to_mel(hertz):
        return hertz * 3 / 200 if hertz < 1000 else 15 + 27 * np.log(hertz / 1000) / np.log(6.4)

    mels = np.linspace(to_mel(low), to_mel(high), bands + 2)
    corners = np.where(mels < 15, mels * 200 / 3, 1000 * np.exp(np.log(6.4) / 27 * (mels - 15)))
    bins = np.arange(n_fft // 2 + 1) * rate / n_fft
    left, middle, right = corners[:-2, None], corners[1:-1, None], corners[2:, None]
    triangles = np.minimum((bins - left) / (middle - left), (right - bins) / (right - middle))
    return np.maximum(0, triangles) * 2 / (right - left)


def decibels(p, top=None):
    db = 10 * np.log10(np.maximum(p, 1e-10))
    return db if top is None else np.maximum(db, db.max() - top)


def mel_decibels(x, rate, n_fft, hop, bands, top):
    return decibels(power(x, n_fft, hop) @ mel_filters(rate, n_fft, bands, 0, rate / 2).T, top)


def mfcc(x, rate, n_fft, hop, bands, count):
    """Orthonormal DCT-II of decibels with a floor 80 dB below the loudest."""
    b = np.arange(bands)
    basis = np.sqrt(2 / bands) * np.cos(np.pi * np.outer(np.arange(count), b + 0.5) / bands)
    basis[0] /= np.sqrt(2)
    return mel_decibels(x, rate, n_fft, hop, bands, 80) @ basis.T


def onset(x, rate, n_fft, hop, bands):
    """Mean rise of decibels, half a frame later, as many frames as the spectrogram has."""
    s = mel_decibels(x, rate, n_fft, hop, bands, 80)
    rise = np.maximum(0, s[1:] - s[:-1]).mean(axis=1)
    delayed = np.concatenate([np.zeros(1 + n_fft // (2 * hop)), rise])
    return delayed[: len(s), None]


def chroma_filters(rate, n_fft, classes):
    """Ellis's bumps with tuning 0, octave weights about octave 5 of width 2, class 0 at C; [classes, n_fft/2 + 1]."""
    hertz = np.arange(1, n_fft) * rate / n_fft
    pitch = classes * np.log2(hertz / 27.5)
    pitch = np.concatenate([[pitch[0] - 1.5 * classes], pitch])
    width = np.concatenate([np.maximum(1, np.diff(pitch)), [1]])
    half = np.round(classes / 2)
    distance = np.mod(pitch[None, :] - np.arange(classes)[:, None] + half, classes) - half
    bumps = np.exp(-2 * (distance / width) ** 2)
    bumps /= np.sqrt((bumps**2).sum(axis=0))
    bumps *= np.exp(-((pitch / classes - 5) ** 2) / 8)
    return np.roll(bumps, -3 * (classes // 12), axis=0)[:, : n_fft // 2 + 1]


def chroma(x, rate, n_fft, hop, classes):
    sums = power(x, n_fft, hop) @ chroma_filters(rate, n_fft, classes).T
    return sums / sums.max(axis=1, keepdims=True)


def constant_q(x, rate, hop, low, high, per_octave):
    """Brown's sum with centred Hann windows whose lengths are not rounded; magnitudes of the zero-padded signal."""
    q = 1 / (2 ** (1 / per_octave) - 1)
    columns = []
    for k in range(1 + int(np.floor(per_octave * np.log2(high / low)))):
        hertz = low * 2 ** (k / per_octave)
        length = q * rate / hertz
        reach = int(np.ceil(length / 2)) - 1
        n = np.arange(-reach, reach + 1)
        kernel = (0.5 + 0.5 * np.cos(2 * np.pi * n / length)) / length * np.exp(-2j * np.pi * hertz * n / rate)
        padded = np.pad(x, reach)
        columns.append([abs(padded[t : t + len(n)] @ kernel) for t in range(0, len(x) + 1, hop)])
    return np.array(columns).T


def chirp():
    """1.5 s at 16 kHz; PROVENANCE.txt has the formula."""
    t = np.arange(24000) / 16000
    x = 0.5 * np.sin(2 * np.pi * (100 * t + 1200 * t**2)) * (0.6 + 0.4 * np.cos(6 * np.pi * t))
    return (x + 0.1 * np.sin(2 * np.pi * 5000 * t)).astype(np.float32).astype(np.float64)


def compare_with_torchaudio(x, rate, n_fft, hop, bands, ours):
    try:
        import torch
        import torchaudio
    except ImportError:
        return
    transform = torchaudio.transforms.MFCC(
        sample_rate=rate,
        n_mfcc=ours.shape[1],
        melkwargs=dict(n_fft=n_fft, hop_length=hop, n_mels=bands, norm="slaney", mel_scale="slaney", pad_mode="reflect"),
    ).double()
    theirs = transform(torch.from_numpy(x)).numpy().T
    print("mfcc: %.1e of the peak from torchaudio %s" % (abs(theirs - ours).max() / abs(ours).max(), torchaudio.__version__))


def main(folder):
    def save(name, values):
        np.save(folder / name, np.ascontiguousarray(values, dtype=np.float32))
        print(name, values.shape, "%.6g to %.6g" % (values.min(), values.max()))

    speech, rate = read(folder / "test2_8000.wav")
    coefficients = mfcc(speech, rate, 512, 160, 40, 13)
    save("mfcc.npy", coefficients)
    compare_with_torchaudio(speech, rate, 512, 160, 40, coefficients)
    music, rate = read(folder / "test1_22050.wav")
    save("chroma.npy", chroma(music, rate, 2048, 512, 12))
    save("onset.npy", onset(music, rate, 2048, 512, 128))
    save("constantq.npy", decibels(constant_q(chirp(), 16000, 512, 32.7, 8000, 24) ** 2, 50))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
