"""What a Python user would write to tag a folder of audio: the peer of `melgauge tag` in docs/performance.md.

Loads each file with torchaudio, mixes to mono, resamples to 16 kHz, computes the log-mel spectrogram of Melgauge's
defaults, cuts patches of 256 frames, sends them through the default network in batches of 16 that span tracks, and writes
a row for each track. The weights are random: they change no time. With --threads 2, one thread loads while the other
computes. Prints the seconds of audio.

usage: python3 tag.py FOLDER OUT.csv [--threads N] [--conv 32,64,128,128,128] [--targets 9] [--nchw]
       (Debian: apt-get install python3-torchaudio)
"""
import argparse
import concurrent.futures
import csv
import os

import torch
import torchaudio

parser = argparse.ArgumentParser()
parser.add_argument("folder")
parser.add_argument("out")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--conv", default="32,64,128,128,128")
parser.add_argument("--targets", type=int, default=9)
parser.add_argument("--nchw", action="store_true")
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.set_num_interop_threads(1)
FRAMES, BANDS, BATCH = 256, 96, 16
layout = torch.contiguous_format if options.nchw else torch.channels_last
layers, channels = [], 1
for width in map(int, options.conv.split(",")):
    layers += [torch.nn.Conv2d(channels, width, 3, padding=1, bias=False), torch.nn.BatchNorm2d(width),
               torch.nn.PReLU(width), torch.nn.MaxPool2d(2)]
    channels = width
depth = len(layers) // 4
size = channels * (FRAMES >> depth) * (BANDS >> depth)
layers.append(torch.nn.Flatten())
for _ in range(2):
    layers += [torch.nn.Linear(size, 128, bias=False), torch.nn.BatchNorm1d(128), torch.nn.PReLU(128)]
    size = 128
layers += [torch.nn.Linear(size, options.targets), torch.nn.Sigmoid()]
network = torch.nn.Sequential(*layers).eval().to(memory_format=layout)
mel = torchaudio.transforms.MelSpectrogram(
    sample_rate=16000, n_fft=1024, hop_length=256, n_mels=96, f_min=0, f_max=8000,
    pad_mode="constant", norm="slaney", mel_scale="slaney")
resamplers = {}


def patches(path):
    wave, rate = torchaudio.load(path)
    wave = wave.mean(0)
    if rate != 16000:
        if rate not in resamplers:
            resamplers[rate] = torchaudio.transforms.Resample(rate, 16000)
        wave = resamplers[rate](wave)
    frames = torch.log10(1 + 10000 * mel(wave)).T
    starts = [min(start, max(0, len(frames) - FRAMES)) for start in range(0, len(frames), FRAMES)]
    if len(frames) < FRAMES:
        frames = frames.repeat(FRAMES // len(frames) + 1, 1)
    return wave.numel() / 16000, torch.stack([frames[start:start + FRAMES] for start in starts])


def load(path):
    try:
        with torch.no_grad():
            return path, None, *patches(path)
    except Exception as problem:
        return path, problem, 0, None


paths = []
for folder, folders, names in os.walk(options.folder, followlinks=True):
    folders.sort()
    paths += [os.path.join(folder, name) for name in sorted(names)
              if name.endswith((".mp3", ".ogg", ".flac", ".wav", ".m4a", ".opus"))]
seconds = 0
waiting, owners, sums = [], [], {}
with open(options.out, "w", newline="") as file, torch.no_grad():
    table = csv.writer(file)

    def run(count):
        global waiting, owners
        batch = torch.cat(waiting)
        answers = network(batch[:count].unsqueeze(1).to(memory_format=layout))
        waiting = [batch[count:]]
        for owner, answer in zip(owners[:count], answers):
            entry = sums[owner]
            entry[1] += answer
            entry[2] += 1
            if entry[2] == entry[0]:
                table.writerow([owner, "ok", "", entry[3], entry[0]] + (entry[1] / entry[0]).tolist())
                del sums[owner]
        owners = owners[count:]

    def take(path, problem, duration, cut):
        global seconds
        if problem is not None:
            table.writerow([path, "error", problem, "", 0])
            return
        seconds += duration
        sums[path] = [len(cut), torch.zeros(options.targets), 0, duration]
        waiting.append(cut)
        owners.extend([path] * len(cut))
        while len(owners) >= BATCH:
            run(BATCH)

    if options.threads == 1:
        for path in paths:
            take(*load(path))
    else:
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            ahead = []
            for path in paths:
                ahead.append(pool.submit(load, path))
                if len(ahead) > 8:
                    take(*ahead.pop(0).result())
            for result in ahead:
                take(*result.result())
    if owners:
        run(len(owners))
print(seconds)
