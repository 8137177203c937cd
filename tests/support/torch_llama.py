"""One training step of a plain Llama in PyTorch: the peer of the step bench.

usage: torch_llama.py LAYERS HIDDEN INTERMEDIATE HEADS VOCAB BATCH TIME THREADS
Prints tokens per second (median of five steps) and torch.matmul's GFLOP/s at
512 x 512 x 512 (best of ten), on one line.
"""
import sys
import time

import torch
import torch.nn.functional as F

L, C, I, H, V, B, T, threads = map(int, sys.argv[1:])
torch.set_num_threads(threads)
torch.manual_seed(0)
D = C // H


def matrix(*shape):
    return (torch.randn(*shape) * 0.02).requires_grad_()


embedding, head, last = matrix(V, C), matrix(V, C), torch.ones(C, requires_grad=True)
blocks = [
    {
        "n1": torch.ones(C, requires_grad=True),
        "n2": torch.ones(C, requires_grad=True),
        "q": matrix(C, C), "k": matrix(C, C), "v": matrix(C, C), "o": matrix(C, C),
        "gate": matrix(I, C), "up": matrix(I, C), "down": matrix(C, I),
    }
    for _ in range(L)
]
parameters = [embedding, head, last] + [p for b in blocks for p in b.values()]
optimizer = torch.optim.AdamW(parameters, lr=1e-3)
angle = torch.arange(T)[:, None] / 10000 ** (torch.arange(0, D, 2) / D)
cos, sin = torch.cat([angle, angle], -1).cos(), torch.cat([angle, angle], -1).sin()
hidden = torch.full((T, T), float("-inf")).triu(1)


def norm(x, w):
    return w * x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-5)


def turn(x):
    a, b = x.chunk(2, -1)
    return x * cos + torch.cat([-b, a], -1) * sin


def loss_of(ids):
    x = F.embedding(ids[:, :-1], embedding)
    for b in blocks:
        h = norm(x, b["n1"])
        q, k, v = (
            F.linear(h, b[n]).view(B, T, H, D).transpose(1, 2) for n in "qkv"
        )
        s = (turn(q) @ turn(k).transpose(-1, -2)) / D**0.5 + hidden
        mixed = (s.softmax(-1) @ v).transpose(1, 2).reshape(B, T, C)
        x = x + F.linear(mixed, b["o"])
        h = norm(x, b["n2"])
        gated = F.silu(F.linear(h, b["gate"])) * F.linear(h, b["up"])
        x = x + F.linear(gated, b["down"])
    z = F.linear(norm(x, last), head)
    return F.cross_entropy(z.reshape(-1, V), ids[:, 1:].reshape(-1))


def step(ids):
    optimizer.zero_grad(set_to_none=True)
    loss = loss_of(ids)
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    return float(loss)


def timed(fn, count):
    seconds = []
    for _ in range(count):
        begin = time.perf_counter()
        fn()
        seconds.append(time.perf_counter() - begin)
    return sorted(seconds)


ids = torch.randint(0, V, (B, T + 1))
step(ids)
rate = B * T / timed(lambda: step(ids), 5)[2]
a, b = torch.randn(512, 512), torch.randn(512, 512)
flops = 2 * 512**3 / timed(lambda: a @ b, 10)[0] / 1e9
print(rate, flops)
