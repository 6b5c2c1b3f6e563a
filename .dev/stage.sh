#!/usr/bin/env bash
# .dev/stage.sh <folder>: copies the project without .build and .git into the folder, from
# which R CMD build then builds. Given the project itself, R CMD build would copy all of
# it, and .build may contain a whole Debian with its devices (see .dev/newest.sh).
set -eu
rm -rf "$1"
mkdir -p "$1"
tar --create --exclude=./.build --exclude=./.git . | tar --extract --directory="$1"
