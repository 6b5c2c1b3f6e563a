"""Exact values of the long data sets of bench/digits.R, in 60-digit decimals.

python3 bench/digits.py <counts> <output times> > <file>

Reads time,group,d1,d2,c (c censored), sorted, and writes time, quantity and value as
the nearest double and the rest. Straight from the definitions, event by event: no shortcut
that the packages may share.
"""

import csv
import sys
from decimal import Decimal, getcontext

getcontext().prec = 60
ZERO, ONE = Decimal(0), Decimal(1)


def put(out, time, quantity, value):
    near = float(value)
    out.writerow([time, quantity, repr(near), repr(float(value - Decimal(near)))])


def main(path, at, out):
    with open(path, newline="") as file:
        rows = [tuple(map(int, row)) for row in list(csv.reader(file))[1:]]
    left = [0, 0]
    for _, group, d1, d2, c in rows:
        left[group] += d1 + d2 + c
    s, f, area, before = ONE, [ZERO, ZERO], ZERO, 0
    var_s, cov, var_f = ZERO, [ZERO, ZERO], [ZERO, ZERO]
    # sums over own events and over others of v / S^2 times 1, A and A^2, see below
    own = [[ZERO] * 3 for _ in range(2)]
    other = [[ZERO] * 3 for _ in range(2)]
    score, variance = ZERO, ZERO
    i = 0
    while i < len(rows):
        time = rows[i][0]
        n = left[0] + left[1]
        first = left[0]
        d, gone, first_events = [0, 0], [0, 0], 0
        while i < len(rows) and rows[i][0] == time:
            _, group, d1, d2, c = rows[i]
            d[0] += d1
            d[1] += d2
            gone[group] += d1 + d2 + c
            first_events += d1 + d2 if group == 0 else 0
            i += 1
        area += s * (time - before)
        before = time
        events = d[0] + d[1]
        if events:
            h = [Decimal(x) / n for x in d]
            stay = Decimal(n - events) / n
            share = Decimal(first) / n
            score += first_events - events * share
            if n > 1:
                variance += events * share * (1 - share) * (n - events) / (n - 1)
            for k in range(2):
                var_f[k] += (2 * h[k] * cov[k] + h[k] * h[k] * var_s
                             + s * s * h[k] * (1 - h[k]) / n)
                cov[k] = stay * (cov[k] + h[k] * var_s) - s * s * h[k] * stay / n
            var_s = stay * stay * var_s + s * s * (1 - stay) * stay / n
            old = s
            s *= stay
            for k in range(2):
                f[k] += old * h[k]
            if s:
                # Aalen 1978 as cmprsk has it: v = S-^2 (1 - (d - 1) / (n - 1)) d / n^2,
                # own events (1 - (F(t) - F(s)) / S(s))^2, others ((F(t) - F(s)) / S(s))^2
                for k in range(2):
                    for cause in range(2):
                        x = d[cause]
                        if not x:
                            continue
                        v = old * old * (n - x) / (n - 1) * x / n / n / (s * s)
                        a = f[k] + s if cause == k else f[k]
                        sums = own[k] if cause == k else other[k]
                        sums[0] += v
                        sums[1] += v * a
                        sums[2] += v * a * a
        left = [left[0] - gone[0], left[1] - gone[1]]
        if time not in at:
            continue
        put(out, time, "S", s)
        put(out, time, "1 - S", 1 - s)
        put(out, time, "var S", var_s)
        put(out, time, "mean", area)
        for k in range(2):
            put(out, time, "F%d" % (k + 1), f[k])
            put(out, time, "var F%d" % (k + 1), var_f[k])
            if s:
                value = ZERO
                for sums in (own[k], other[k]):
                    value += sums[2] - 2 * f[k] * sums[1] + f[k] * f[k] * sums[0]
                put(out, time, "Aalen F%d" % (k + 1), value)
    put(out, before, "chi-square", score * score / variance)


if __name__ == "__main__":
    with open(sys.argv[2]) as file:
        wanted = {int(line) for line in file}
    writer = csv.writer(sys.stdout)
    writer.writerow(["time", "quantity", "near", "rest"])
    main(sys.argv[1], wanted, writer)
