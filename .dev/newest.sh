#!/usr/bin/env bash
# .dev/newest.sh [prepare]: checks the package under the newest R, that of Debian's
# unstable release (sid), in a chroot in .build/newest-r. The chroot is made once (2 GB, 4
# minutes); remove the folder to get a newer R. `prepare` only makes the chroot. Needs
# root, debootstrap and a Debian mirror among the sources of apt; no other network access.
#
# It runs in a mount and a process namespace of its own. However this script ends, the
# operating system then unmounts everything and ends every process, so that a later
# `rm -rf .build` never touches the machine's /dev.
set -eu
root=$PWD/.build/newest-r
log=$PWD/.build/newest-r.log
made=$root/etc/made-for-oligosurv # written last: an unfinished chroot is made again
programs="r-base-core r-base-dev r-recommended pandoc qpdf tidy locales"
locales="de_DE tr_TR zh_CN" # tests read columns in these locales

fail() {
  echo "check-newest: $*" >&2
  exit 1
}

# R packages that the tests use, by their names in Debian
packages() {
  awk -F, '$2 != "program" && $5 ~ /install|test|check/ { print "r-cran-" tolower($1) }' \
    .dev/dependencies.csv | sort -u
}

# The mirror from which this machine takes its own release
mirror() {
  local own
  own=$(. /etc/os-release && echo "${VERSION_CODENAME:-sid}")
  apt-get indextargets --format '$(CREATED_BY) $(RELEASE) $(REPO_URI)' |
    awk -v own="$own" '$1 == "Packages" &&
      ($2 == own || $2 ~ /^(stable|testing|unstable|sid)$/) { print $3; exit }'
}

# within <command>...: runs a command in the chroot, without the caller's environment. A
# background job ignores the signals INT and QUIT; they are reset, because tests send
# them.
within() {
  env -i --default-signal=INT,QUIT PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 NOT_CRAN=true \
    DEBIAN_FRONTEND=noninteractive ${http_proxy:+http_proxy="$http_proxy"} \
    chroot "$root" "$@"
}

mount_within() {
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
}

make_chroot() {
  local source wanted locale
  source=$(mirror)
  [ -n "$source" ] || fail "the sources of apt name no mirror of Debian"
  rm -rf "$root"
  mkdir -p "$root"
  debootstrap --variant=minbase sid "$root" "$source"
  # Devices are mounted from the machine at run time; as files in the folder they would be
  # read without end when the folder is copied
  find "$root/dev" -mindepth 1 -delete
  # The lists of sid are valid for a week, and a mirror may be older than that
  echo 'Acquire::Check-Valid-Until "false";' >"$root/etc/apt/apt.conf.d/99valid"
  cp /etc/resolv.conf "$root/etc/resolv.conf"
  mount_within
  within apt-get update -q
  # Packages that Debian lacks are not installed; tests that need them are skipped
  wanted=$(packages | grep -Fx "$(within apt-cache pkgnames r-cran-)")
  within apt-get install -q -y --no-install-recommends $programs $wanted
  for locale in $locales; do within localedef -i "$locale" -f UTF-8 "$locale.UTF-8"; done
  within apt-get clean
  packages >"$made"
}

# Copies the files of the work tree that git tracks to /src/oligosurv
copy_sources() {
  rm -rf "$root/src"
  mkdir -p "$root/src/oligosurv"
  git ls-files -z --cached --deduplicate |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --create --null --files-from=- | tar --extract --directory="$root/src/oligosurv"
}

is_root() {
  [ "$(id -u)" -eq 0 ] || fail "only root can make a chroot; run this as root"
}

case ${1:-} in
root) is_root ;; # checked before anything is installed
"" | prepare)
  is_root
  for program in debootstrap unshare apt-get git; do
    command -v "$program" >/dev/null || fail "the program $program is not installed"
  done
  unshare --mount true 2>/dev/null ||
    fail "this system lets nobody mount (a container needs the capability SYS_ADMIN)"
  mkdir -p .build
  exec 9>.build/newest-r.lock
  flock 9 # only one run at a time may use the chroot
  exec unshare --mount --pid --fork --kill-child --mount-proc "$0" "within-${1:-check}"
  ;;
make) make_chroot ;;
within-*)
  if ! packages | cmp -s - "$made"; then
    echo "[newest] making Debian sid in .build/newest-r (see .build/newest-r.log)"
    if ! "$0" make >"$log" 2>&1 9>&-; then
      tail -n 30 "$log"
      fail "the chroot could not be made"
    fi
  fi
  [ "$1" = within-check ] || exit 0
  mountpoint -q "$root/proc" || mount_within
  copy_sources
  within sh -c 'cd /src/oligosurv && exec .dev/newest-check.sh'
  Rscript .dev/ten-lines.R .build/ten-lines
  Rscript .dev/ten-lines.R .build/ten-lines "$root/src/ten-lines"
  ;;
*) fail "unknown argument: $1" ;;
esac
