#!/usr/bin/env bash
# .dev/kills.sh [filter]: every writer on a full disk, into a read-only folder, and killed
# in the middle; a source that breaks off while it is read. See kills.R. The disks are
# tmpfs in a mount namespace of its own, so this needs root on Linux.
set -eu
if [ "${1:-}" != within ]; then
  unshare --mount true 2>/dev/null || { echo "kills: only root may mount" >&2 && exit 1; }
  exec unshare --mount "$0" within "$@"
fi
shift
disk=$(mktemp -d)
trap 'umount "$disk" 2>/dev/null || true; rmdir "$disk"' EXIT
OLIGOSURV_DISK=$disk Rscript --vanilla .dev/kills.R "$@"
