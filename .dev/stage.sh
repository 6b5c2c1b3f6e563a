#!/usr/bin/env bash
# .dev/stage.sh <folder>: copies the project without .build and .git into the folder, for
# R CMD build. R CMD build itself would copy all of the project folder, and .build may
# contain a whole Debian with its devices.
set -eu
rm -rf "$1"
mkdir -p "$1"
tar --create --exclude=./.build --exclude=./.git . | tar --extract --directory="$1"
