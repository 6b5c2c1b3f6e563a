"""coverage.py <folder with *.gcov> <sources>: lines and branches run, by kind of file, and
the lines that were not run; lines with branches not taken go into branches.txt beside the
folder. A line with `# nocov` counts as run."""
import collections
import os
import re
import sys

folder, sources = sys.argv[1:3]
totals = collections.defaultdict(lambda: [0, 0, 0, 0])
missed = []
not_taken = []
for name in sorted(os.listdir(folder)):
    if not name.endswith(".c.gcov"):
        continue
    base = name[:-5]
    if not os.path.exists(os.path.join(sources, base)):
        continue
    kind = "kernels" if base.startswith("osv_") else "glue"
    skip = False
    for line in open(os.path.join(folder, name), encoding="utf-8", errors="replace"):
        if line.startswith("branch"):
            if not skip:
                totals[kind][3] += 1
                taken = re.search(r"taken (\d+)", line)
                went = bool(taken and int(taken.group(1)) > 0)
                totals[kind][2] += went
                if not went and (not not_taken or not_taken[-1] != where):
                    not_taken.append(where)
            continue
        part = line.split(":", 2)
        if len(part) < 3:
            continue
        count, number, text = part[0].strip(), part[1].strip(), part[2].rstrip()
        skip = "# nocov" in text
        where = f"{base}:{number}: {text.strip()}"
        if count == "-" or skip:
            continue
        totals[kind][1] += 1
        if count.startswith(("#####", "=====")):
            missed.append(f"  {base}:{number}: {text.strip()}")
        else:
            totals[kind][0] += 1
for kind, (run, lines, taken, branches) in sorted(totals.items()):
    print(
        f"{kind}: {run} of {lines} lines ({100 * run / lines:.1f}%), "
        f"{taken} of {branches} branches ({100 * taken / max(branches, 1):.1f}%)"
    )
print("\n".join(missed))
with open(os.path.join(folder, "..", "branches.txt"), "w", encoding="utf-8") as to:
    to.write("\n".join(not_taken) + "\n")
