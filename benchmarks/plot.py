"""Small plots of how seconds grow, side by side in one SVG that needs nothing but itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

Line = Sequence[tuple[float, float]]
WIDTH, HEIGHT, MARGIN, ACROSS = 360, 240, 44, 2
COLOURS = ("#1b6ca8", "#b8430f", "#3a7d34", "#7a4fa3", "#8a6d00", "#555555")
STYLE = "text{font:11px sans-serif;fill:#333}.t{font-size:13px;font-weight:bold}line{stroke:#ccc}"


def svg(plots: Mapping[str, Mapping[str, Line]]) -> str:
    """Return one plot for each title, with a line for each name; both axes are logarithmic."""
    rows = math.ceil(len(plots) / ACROSS)
    parts = [
        f'<g transform="translate({WIDTH * (n % ACROSS)},{HEIGHT * (n // ACROSS)})">{_plot(title, lines)}</g>'
        for n, (title, lines) in enumerate(plots.items())
    ]
    size = f'viewBox="0 0 {WIDTH * ACROSS} {HEIGHT * rows}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><style>{STYLE}</style>'
    return f'{head}<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'


def _plot(title: str, lines: Mapping[str, Line]) -> str:
    points = [point for line in lines.values() for point in line]
    across, up = _Axis([x for x, _ in points]), _Axis([y for _, y in points])
    parts = [f'<text class="t" x="{MARGIN}" y="16">{escape(title)}</text>']
    for value in across.ticks():
        x = MARGIN + across.place(value) * (WIDTH - 2 * MARGIN)
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 12}" text-anchor="middle">{value:,.10g}</text>')
    for value in up.ticks():
        y = HEIGHT - MARGIN - up.place(value) * (HEIGHT - 2 * MARGIN)
        parts.append(f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.0f}" y2="{y:.0f}"/>')
        parts.append(f'<text x="{MARGIN - 6}" y="{y + 4:.0f}" text-anchor="end">{value:.10g} s</text>')
    for n, (name, line) in enumerate(lines.items()):
        places = [
            (
                MARGIN + across.place(x) * (WIDTH - 2 * MARGIN),
                HEIGHT - MARGIN - up.place(y) * (HEIGHT - 2 * MARGIN),
            )
            for x, y in line
        ]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        colour = COLOURS[n % len(COLOURS)]
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        key = f'x="{MARGIN + 4}" y="{30 + 13 * n}" style="fill:{colour}"'
        parts.append(f"<text {key}>{escape(name)}</text>")
    return "".join(parts)


class _Axis:
    """A logarithmic axis around some values; nothing at all stands at its left end."""

    def __init__(self, values: Sequence[float]) -> None:
        logs = [math.log10(value) for value in values if value > 0] or [0.0]
        self.least, self.most = math.floor(min(logs)) - (min(values) <= 0), math.ceil(max(logs))
        self.most += self.most == self.least

    def place(self, value: float) -> float:
        """Return where a value is, from 0 to 1."""
        return (math.log10(value) - self.least) / (self.most - self.least) if value > 0 else 0.0

    def ticks(self) -> list[float]:
        """Return the powers of ten on it."""
        return [10.0**power for power in range(self.least, self.most + 1)]
