"""A function of tensors that stay where they are, recorded once as a CUDA graph, and then replayed in one launch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from torch_ref.device import DeviceError

WARM_UPS = 3  # calls before the recording, in which libraries choose their algorithms and reserve their memory


def captured(function: Callable[[], None], state: Sequence[torch.Tensor], device: torch.device) -> Callable[[], None]:
    """What does the same as ``function`` and, on CUDA, costs one launch.

    ``function`` must make no decision on a value, and keep no tensor but those that it was given: those it writes and
    reads again are the ``state``, and are left as they were. On the CPU, which has no graphs, it comes back itself.
    Raises DeviceError where the card will not record it.
    """
    if device.type != "cuda":
        rehearse(function, state)
        return function
    try:
        with torch.cuda.device(device):
            return _recorded(function, state)
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as e:
        if isinstance(e.__context__, torch.OutOfMemoryError):  # of which the end of the recording made another error
            raise e.__context__ from None
        why = str(e).strip().partition("\n")[0][:200]
        raise DeviceError(f"the steps cannot be recorded as a CUDA graph ({why}): give --steps eager") from e


def _recorded(function: Callable[[], None], state: Sequence[torch.Tensor]) -> Callable[[], None]:
    """Rehearsed and recorded on the same side stream, so that a product finds its workspace there."""
    here, side = torch.cuda.current_stream(), torch.cuda.Stream()
    side.wait_stream(here)
    with torch.cuda.stream(side):
        rehearse(function, state)
    here.wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph, stream=side):
        function()
    return graph.replay


def rehearse(function: Callable[[], None], state: Sequence[torch.Tensor]) -> None:
    """Call it a few times, and undo what that did to the state."""
    before = [tensor.detach().clone() for tensor in state]
    for _ in range(WARM_UPS):
        function()
    with torch.no_grad():
        for tensor, was in zip(state, before, strict=True):
            tensor.copy_(was)


def chosen(asked: str | None, device: torch.device, processes: int) -> bool:
    """Whether steps are replayed from a graph: where they can be, unless --steps eager was ``asked``.

    Raises DeviceError where --steps graph was, and there are none.
    """
    possible = device.type == "cuda" and processes == 1
    if asked == "graph" and not possible:
        why = (
            f"{device.type} has no graphs" if processes == 1 else f"{processes} processes exchange gradients in a step"
        )
        raise DeviceError(f"--steps graph is for one process on CUDA, and {why}: leave it out, or give --steps eager")
    return possible and asked != "eager"
