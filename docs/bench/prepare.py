"""What a Python user would write to prepare a folder of audio: the peer of `melgauge prepare` in docs/performance.md.

Loads each file with torchaudio, mixes to mono, resamples to 16 kHz, computes the log-mel spectrogram of Melgauge's
defaults and stores it as float16 .npy; one thread, one process. Prints the seconds of audio.

usage: python3 prepare.py FOLDER OUTPUT_FOLDER      (Debian: apt-get install python3-torchaudio)
"""
import os
import sys

import numpy
import torch
import torchaudio

torch.set_num_threads(1)
torch.set_num_interop_threads(1)
source, target = sys.argv[1:3]
os.makedirs(target, exist_ok=True)
mel = torchaudio.transforms.MelSpectrogram(
    sample_rate=16000, n_fft=1024, hop_length=256, n_mels=96, f_min=0, f_max=8000,
    pad_mode="constant", norm="slaney", mel_scale="slaney")
resamplers = {}
samples = 0
with torch.no_grad():
    for name in sorted(os.listdir(source)):
        if not name.endswith((".mp3", ".ogg", ".flac", ".wav", ".m4a", ".opus")):
            continue
        wave, rate = torchaudio.load(os.path.join(source, name))
        wave = wave.mean(0)
        if rate != 16000:
            if rate not in resamplers:
                resamplers[rate] = torchaudio.transforms.Resample(rate, 16000)
            wave = resamplers[rate](wave)
        frames = torch.log10(1 + 10000 * mel(wave)).T.contiguous()
        numpy.save(os.path.join(target, name + ".npy"), frames.numpy().astype(numpy.float16))
        samples += wave.numel()
print(samples / 16000)
