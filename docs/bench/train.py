"""The default network in PyTorch: the peer of `melgauge bench train` and `melgauge bench infer` in docs/performance.md.

Trains on one batch of noise with Adam and a mean squared error, then predicts; prints one JSON object for each layout.

usage: python3 train.py THREADS [STEPS] [BATCH]      (Debian: apt-get install python3-torch)
"""
import json
import sys
import time

import torch
from torch import nn

threads = int(sys.argv[1])
steps = int(sys.argv[2]) if len(sys.argv) > 2 else 10
batch = int(sys.argv[3]) if len(sys.argv) > 3 else 16
torch.set_num_threads(threads)
torch.set_num_interop_threads(1)
torch.manual_seed(1)


def network():
    layers, channels = [], 1
    for wider in (32, 64, 128, 128, 128):
        layers += [nn.Conv2d(channels, wider, 3, padding=1, bias=False), nn.BatchNorm2d(wider), nn.PReLU(wider),
                   nn.MaxPool2d(2)]
        channels = wider
    layers += [nn.Flatten()]
    inputs = 128 * 8 * 3
    for units in (128, 128):
        layers += [nn.Linear(inputs, units, bias=False), nn.BatchNorm1d(units), nn.PReLU(units)]
        inputs = units
    return nn.Sequential(*layers, nn.Linear(inputs, 5), nn.Sigmoid())


def milliseconds(work):
    for _ in range(3):
        work()
    times = []
    for _ in range(steps):
        begin = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - begin))
    times.sort()
    return {"min": round(times[0], 1), "median": round(times[len(times) // 2], 1)}


for name, layout in (("nchw", torch.contiguous_format), ("channels_last", torch.channels_last)):
    model = network().to(memory_format=layout)
    x = torch.randn(batch, 1, 256, 96).contiguous(memory_format=layout)
    y = torch.rand(batch, 5)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3)

    def train():
        optimizer.zero_grad()
        nn.functional.mse_loss(model(x), y).backward()
        optimizer.step()

    def infer():
        with torch.no_grad():
            model(x)

    model.train()
    trained = milliseconds(train)
    model.eval()
    print(json.dumps({"torch": torch.__version__, "layout": name, "threads": threads, "batch": batch,
                      "train": trained, "infer": milliseconds(infer)}), flush=True)
