#!/usr/bin/env bash
# .dev/stage.sh <folder>: copies the project without .build and .git into the folder, from
# where R CMD build takes it: that copies all of the folder it builds, and in .build there
# may be a whole Debian with its devices.
set -eu
rm -rf "$1"
mkdir -p "$1"
tar --create --exclude=./.build --exclude=./.git . | tar --extract --directory="$1"
