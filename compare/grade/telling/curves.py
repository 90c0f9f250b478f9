"""Pictures with axes: the cost from step to step, and how the scores of a class are spread."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

Costs = Sequence[float | None]

WIDTH, HEIGHT = 560, 180  # of the drawing, without the axes' labels
MOST = 200  # points of a curve
FEW = 25  # dots on it
LARGEST = 1e150  # drawn as if it were no larger: differences stay finite


def trajectory(own: Costs, expected: Costs) -> Markup:
    """Both costs after each step: the expected one broad, the student's own thin and on top of it."""
    known = [_within(c) for c in (*own, *expected) if c is not None]
    if not known:
        return Markup("")
    low, high, steps = min(known), max(known), max(len(own), len(expected))
    return Markup(
        f'<svg class="curve" viewBox="-66 -12 {WIDTH + 80} {HEIGHT + 52}" role="img" '
        f'aria-label="cost after each step, yours and the expected one">'
        f"{_costs(low, high)}{_steps(steps)}"
        f'<path class="expected" d="{_path(expected, low, high, steps)}"/>'
        f'<path class="own" d="{_path(own, low, high, steps)}"/>'
        f"{_dots(own, low, high, steps)}</svg>"
    )


def _within(cost: float) -> float:
    return max(-LARGEST, min(LARGEST, cost))


def _points(costs: Costs, low: float, high: float, steps: int) -> list[tuple[float, float] | None]:
    """Where they lie in the drawing; None where there is no number."""
    points: list[tuple[float, float] | None] = []
    for k in range(0, len(costs), -(-steps // MOST)):
        cost, x = costs[k], WIDTH * k / max(steps - 1, 1)
        height = 0.5 if high <= low or cost is None else (_within(cost) - low) / (high - low)
        points.append(None if cost is None else (x, HEIGHT * (1 - height)))
    return points


def _path(costs: Costs, low: float, high: float, steps: int) -> str:
    """With a gap where there is no number."""
    parts, pen = [], "M"
    for point in _points(costs, low, high, steps):
        if point is not None:
            parts.append(f"{pen}{point[0]:.1f} {point[1]:.1f}")
        pen = "M" if point is None else "L"
    return "".join(parts)


def _dots(costs: Costs, low: float, high: float, steps: int) -> str:
    """On the points of a curve that has few: a single one between two gaps is seen."""
    points = [point for point in _points(costs, low, high, steps) if point is not None]
    every = -(-len(points) // FEW) or 1
    circles = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>' for x, y in points[::every])
    return f'<g class="dots">{circles}</g>'


def _costs(low: float, high: float) -> str:
    marks = [(HEIGHT, low), (HEIGHT / 2, (low + high) / 2), (0, high)] if high > low else [(HEIGHT / 2, low)]
    return "".join(
        f'<path class="grid" d="M0 {y:g}h{WIDTH}"/><text class="y" x="-6" y="{y + 4:g}">{value:.3g}</text>'
        for y, value in marks
    )


def _steps(steps: int) -> str:
    every = max(1, -(-(steps - 1) // 8))
    marks = "".join(
        f'<text class="x" x="{WIDTH * k / max(steps - 1, 1):.0f}" y="{HEIGHT + 17}">{k + 1}</text>'
        for k in range(0, steps, every)
    )
    return f'{marks}<text class="x" x="{WIDTH / 2:g}" y="{HEIGHT + 34}">step</text>'


def histogram(scores: Sequence[float], most: float, bins: int = 10) -> Markup:
    """How many have how many points; the last bar has the full score in it."""
    counts = [0] * bins
    for score in scores:
        counts[max(0, min(bins - 1, int(bins * score / most)))] += 1
    top, step = max(counts) or 1, WIDTH / bins
    bars = "".join(_bar(k, count, HEIGHT * count / top, step) for k, count in enumerate(counts))
    marks = "".join(
        f'<text class="x" x="{step * k:.0f}" y="{HEIGHT + 17}">{most * k / bins:.4g}</text>' for k in range(bins + 1)
    )
    return Markup(
        f'<svg class="curve" viewBox="-20 -20 {WIDTH + 40} {HEIGHT + 62}" role="img" '
        f'aria-label="how many students have how many points">{bars}<path class="axis" d="M0 {HEIGHT}h{WIDTH}"/>'
        f'{marks}<text class="x" x="{WIDTH / 2:g}" y="{HEIGHT + 36}">points</text></svg>'
    )


def _bar(place: int, count: int, height: float, step: float) -> str:
    if not count:
        return ""
    x, y = step * place, HEIGHT - height
    bar = f'<rect class="bar" x="{x + 2:.1f}" y="{y:.1f}" width="{step - 4:.1f}" height="{height:.1f}"/>'
    return f'{bar}<text class="x" x="{x + step / 2:.1f}" y="{y - 5:.1f}">{count}</text>'
