#!/usr/bin/env python3
"""Draws what `TaskQueueBenchmarks fleet-load` printed: plot.py LINES.csv PICTURE.svg [TITLE]."""

import csv
import sys
from pathlib import Path

WIDTH, LEFT, RIGHT, TOP, HEIGHT, GAP = 860, 64, 24, 64, 130, 44
PANELS = [("tasks that wait", "ready"), ("oldest of them, seconds", "oldest_age"), ("tasks that workers hold", "processing"),
          ("workers", "workers")]  # fmt: skip


def label(value: float) -> str:
    """Returns a number short enough for an axis."""
    return f"{value:,.0f}" if value >= 20 or value == int(value) else f"{value:.1f}"


def panel(name: str, points: list[tuple[float, float]], end: float, top: float) -> str:
    """Returns one curve with its axes."""
    highest = max(max(value for _, value in points), 1)

    def x(time: float) -> float:
        return LEFT + time / end * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return top + HEIGHT - value / highest * HEIGHT

    parts = [f'<text x="{LEFT}" y="{top - 8}" fill="#57606a">{name}</text>']
    for mark in (0, highest / 2, highest):
        parts.append(f'<line x1="{LEFT}" y1="{y(mark):.1f}" x2="{WIDTH - RIGHT}" y2="{y(mark):.1f}" stroke="#d8dee4"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y(mark) + 4:.1f}" text-anchor="end" fill="#57606a">{label(mark)}</text>')
    step = 10 if end > 20 else 2
    for second in range(0, int(end) + 1, step):
        parts.append(f'<text x="{x(second):.1f}" y="{top + HEIGHT + 16}" text-anchor="middle" fill="#57606a">{second} s</text>')
    line = " ".join(f"{x(time):.1f},{y(value):.1f}" for time, value in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#1f6feb" stroke-width="2"/>')
    return "\n".join(parts)


def main() -> None:
    """Reads the lines, writes the picture."""
    lines = [line for line in Path(sys.argv[1]).read_text().splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    times = [float(row["seconds"]) for row in rows]
    height = TOP + len(PANELS) * (HEIGHT + GAP)
    body = "\n".join(
        panel(name, [(time, float(row[column])) for time, row in zip(times, rows)], times[-1], TOP + n * (HEIGHT + GAP))
        for n, (name, column) in enumerate(PANELS)
    )
    title = sys.argv[3] if len(sys.argv) > 3 else Path(sys.argv[1]).stem
    Path(sys.argv[2]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-size="12" fill="#24292f" '
        f"font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n"
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n'
        f'<text x="{LEFT}" y="28" font-size="17" font-weight="600">{title}</text>\n{body}\n</svg>\n'
    )


main()
