#!/usr/bin/env bash
# .dev/locales.sh [filter]: tests of readers, writers, dates and text in other locales and
# time zones, and as a user who may write only in the temporary folder. The locales are
# made with localedef; the last run needs root (setpriv). Uses the installed package.
set -eu
filter=${1:-'^(event-table-(read|write|labels|stream)|study-(dates|date-forms|numbers|cells|yes-no|words|read$|labels|adtte|imputed)|table-(render|save)|text-|base-(files|words|checks)|rows-(status|formula-columns)|constants|arguments)'}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -R tests/testthat "$work/testthat"
mkdir "$work/locales" "$work/tmp"
chmod -R a+rX "$work"
chmod 1777 "$work/tmp"

make_locale() { # make_locale <source> <character set>
  localedef -i "$1" -f "$2" "$work/locales/$1.$2" 2>/dev/null || true # warns
  [ -d "$work/locales/$1.$2" ]
}

cat >"$work/run.R" <<END
results <- as.data.frame(testthat::test_dir("$work/testthat", filter = "$filter",
  reporter = "check", package = "oligosurv", load_package = "installed",
  stop_on_failure = FALSE
))
cat(Sys.getlocale("LC_CTYPE"), Sys.timezone(), Sys.info()[["effective_user"]], ":",
  length(unique(results\$file)), "files,", nrow(results), "tests,",
  sum(results\$failed > 0 | results\$error), "failed,", sum(results\$skipped), "skipped\n")
quit(status = as.integer(any(results\$failed > 0 | results\$error)))
END

failed=0
run() { # run <locale> <time zone> [command before]
  LOCPATH=$work/locales LC_ALL=$1 TZ=$2 NOT_CRAN=true TMPDIR=$work/tmp \
    "${@:3}" Rscript --vanilla "$work/run.R" || failed=1
}
only=${ONLY:-}
[ -n "$only" ] || only="C tr_TR zh_CN user"
for one in $only; do
  case $one in
  C) run C America/Sao_Paulo env ;; # days that begin at 1 o'clock
  tr_TR) make_locale tr_TR UTF-8 && run tr_TR.UTF-8 Pacific/Apia env ;; # a day is missing
  zh_CN) make_locale zh_CN GB18030 && run zh_CN.GB18030 Asia/Kathmandu env ;;
  user)
    run C.UTF-8 Australia/Lord_Howe setpriv --reuid=65534 --regid=65534 --clear-groups \
      env HOME=/nonexistent
    ;;
  esac
done
exit $failed
