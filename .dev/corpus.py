"""Inputs of a fuzzer as a text file, one in each line as hexadecimal digits.

corpus.py unpack <file> <folder>   writes each line as a file of the folder
corpus.py pack <folder> <file>     the other way round, shortest first
"""
import hashlib
import pathlib
import sys

action, source, target = sys.argv[1:]
if action == "unpack":
    folder = pathlib.Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    file = pathlib.Path(source)
    for line in file.read_text().split() if file.exists() else []:
        data = bytes.fromhex(line)
        (folder / hashlib.sha1(data).hexdigest()).write_bytes(data)
else:
    inputs = {path.read_bytes() for path in pathlib.Path(source).iterdir()}
    lines = sorted((data.hex() for data in inputs if data), key=lambda x: (len(x), x))
    pathlib.Path(target).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(target).write_text("".join(line + "\n" for line in lines))
