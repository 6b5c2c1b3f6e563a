#!/usr/bin/env bash
# .dev/asan.sh [regex]: all tests in R, or those of some files, under AddressSanitizer and
# UBSan. Their runtime must be there before R starts. Loaded by LD_PRELOAD it would also
# be in each program that R starts, and ps, pkill and PostgreSQL then hang. So R gets
# another main program, which is linked with the runtime, in a copy of R's home.
set -eu
home=$PWD/.build/asan-r
from=$(R RHOME)
rm -rf "$home"
mkdir -p "$home/bin/exec"
ln -s "$from"/[!b]* "$home"
cp "$from"/bin/* "$home/bin" 2>/dev/null || true # all but the folder exec
sed -i "s|^R_HOME_DIR=.*|R_HOME_DIR='$home'|" "$home/bin/R"
cat >"$home/main.c" <<'END'
extern int Rf_initialize_R(int, char **);
extern void Rf_mainloop(void);
int main(int n, char **words)
{
    Rf_initialize_R(n, words);
    Rf_mainloop();
    return 0;
}
END
cc -g -fsanitize=address,undefined -o "$home/bin/exec/R" "$home/main.c" \
  -Wl,--export-dynamic -L"$from/lib" -lR
export RHOME=$home PATH=$home/bin:$PATH
export R_MAKEVARS_USER=$PWD/.dev/Makevars.asan
export UBSAN_OPTIONS=halt_on_error=1
# An allocation that is too large must be R's error, as without sanitizers
export ASAN_OPTIONS=detect_leaks=0:allocator_may_return_null=1
.dev/into.sh .build/library
NOT_CRAN=true R_LIBS=$PWD/.build/library:${R_LIBS:-} exec Rscript .dev/test.R "$@"
