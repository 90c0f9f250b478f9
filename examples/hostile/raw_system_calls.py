"""Makes system calls by number, new ones among them. All must be refused."""

import numpy as np

def sigmoid(z):
    return 1 / (1 + np.exp(-z))

def sigmoid_prime(z):
    return sigmoid(z) * (1 - sigmoid(z))

def feedforward(weights, biases, x):
    activations = [x]
    for w, b in zip(weights, biases):
        activations.append(sigmoid(activations[-1] @ w.T + b))
    return activations

def backprop(weights, biases, x, y, factor=1, over=None):
    a = feedforward(weights, biases, x)
    deltas = [factor * (a[-1] - y) * a[-1] * (1 - a[-1])]
    for w, a_l in zip(weights[:0:-1], a[-2:0:-1]):
        deltas.insert(0, deltas[0] @ w * a_l * (1 - a_l))
    nabla_w = [d.T @ a_l / (over or len(x)) for d, a_l in zip(deltas, a)]
    return nabla_w, [d.sum(axis=0) / (over or len(x)) for d in deltas], deltas

def update_mini_batch(weights, biases, x, y, eta):
    nabla_w, nabla_b, _ = backprop(weights, biases, x, y)
    return ([w - eta * nw for w, nw in zip(weights, nabla_w)], [b - eta * nb for b, nb in zip(biases, nabla_b)])


import ctypes
import os
import platform

libc = ctypes.CDLL(None, use_errno=True)


def attempt(name, *arguments):
    if getattr(libc, name)(*arguments) != -1:
        print('ESCAPED', name)

NEW = {"pidfd_send_signal": 424, "io_uring_setup": 425, "io_uring_enter": 426, "open_tree": 428, "fsopen": 430,
       "clone3": 435, "pidfd_getfd": 438, "landlock_create_ruleset": 444, "memfd_secret": 447}
X86 = {"socket": 41, "clone": 56, "fork": 57, "vfork": 58, "kill": 62, "setuid": 105, "tkill": 200, "keyctl": 250,
       "add_key": 248, "request_key": 249, "unshare": 272, "perf_event_open": 298, "open_by_handle_at": 304,
       "seccomp": 317, "memfd_create": 319, "bpf": 321, "userfaultfd": 323, "execveat": 322, "prctl": 157}
for name, number in (NEW | (X86 if platform.machine() == "x86_64" else {})).items():
    arguments = [ctypes.c_long(a) for a in (os.getppid() if name in ("kill", "tkill") else 0, 0, 0, 0, 0, 0)]
    if libc.syscall(ctypes.c_long(number), *arguments) != -1:
        print("ESCAPED", name)
    elif ctypes.get_errno() not in (1, 38):  # refused, or unknown
        print("ESCAPED", name, os.strerror(ctypes.get_errno()))
