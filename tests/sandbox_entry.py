"""The entry of the sandbox's tests: it runs the file as a module and answers with arrays, as a grader's own would.

NumPy is all that it imports. A file that offers ``pieces(questions)`` says itself what is sent.
"""

import traceback

import numpy as np

WEIGHTS = [np.linspace(-1, 1, 12).reshape(3, 4), np.linspace(1, -1, 6).reshape(2, 3)]
BIASES = [np.linspace(0, 1, 3), np.linspace(0, 1, 2)]


def caught(path, questions):
    """As a grader's own entry: what the file raises when it is loaded is told, and ends nothing."""
    try:
        first = next(answers := answer(path, questions))
    except BaseException:
        traceback.print_exc()
        return
    yield first
    yield from answers


def answer(path, questions):
    names = {"__name__": "submission", "__file__": path}
    with open(path, "rb") as file:
        source = file.read()
    exec(compile(source, path, "exec"), names)
    yield from names["pieces"](questions) if "pieces" in names else values(names, questions)


def values(names, questions):
    x = np.frombuffer(questions).reshape(-1, 4)
    y = np.eye(2)[np.arange(len(x)) % 2]
    weights, biases = [w.copy() for w in WEIGHTS], [b.copy() for b in BIASES]
    shown = [names["sigmoid"](x), names["sigmoid_prime"](x), *names["feedforward"](weights, biases, x)]
    nabla_w, nabla_b, deltas = names["backprop"](weights, biases, x, y)
    shown += [*nabla_w, *nabla_b, *deltas]
    for part in names["update_mini_batch"](weights, biases, x, y, 0.5):
        shown += part
    for value in shown:
        yield np.array(value, dtype=np.float64, copy=True, subok=False).tobytes()
