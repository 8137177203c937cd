"""Forward passes of a plain Llama in PyTorch: the peer of the scorer's bench.

usage: torch_forward.py LAYERS HIDDEN INTERMEDIATE HEADS VOCAB ROWS TIME ITEMS THREADS
Scores ITEMS groups of ROWS sequences of TIME tokens (logits and log-softmax of
every position) and prints the seconds of the best of two rounds.
"""
import sys
import time

import torch
import torch.nn.functional as F

L, C, I, H, V, B, T, items, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(0)
D = C // H


def matrix(*shape):
    return torch.randn(*shape) * 0.02


embedding, head = matrix(V, C), matrix(V, C)
blocks = [
    {
        "q": matrix(C, C), "k": matrix(C, C), "v": matrix(C, C), "o": matrix(C, C),
        "gate": matrix(I, C), "up": matrix(I, C), "down": matrix(C, I),
    }
    for _ in range(L)
]
angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
cos, sin = torch.cat([angle, angle], -1).cos(), torch.cat([angle, angle], -1).sin()
hidden = torch.full((T, T), float("-inf")).triu(1)


def norm(x):
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def turn(x):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


def scores(ids):
    x = F.embedding(ids, embedding)
    for b in blocks:
        h = norm(x)
        q, k, v = (
            F.linear(h, b[n]).view(B, T, H, D).transpose(1, 2) for n in "qkv"
        )
        s = (turn(q) @ turn(k).transpose(-1, -2)) / D**0.5 + hidden
        mixed = (s.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C)
        x = x + F.linear(mixed, b["o"])
        h = norm(x)
        x = x + F.linear(F.silu(F.linear(h, b["gate"])) * F.linear(h, b["up"]), b["down"])
    return F.linear(norm(x), head).log_softmax(-1)


ids = torch.randint(0, V, (B, T))
best = float("inf")
with torch.no_grad():
    for _ in range(2):
        begin = time.perf_counter()
        for _ in range(items):
            scores(ids)
        best = min(best, time.perf_counter() - begin)
print(best)
