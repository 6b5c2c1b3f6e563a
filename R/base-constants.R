# Constants that several floors share, each defined once. Signatures show the number, so
# that a help page does; a test compares them with these.

# Times closer than this, relative to the first of them, are one time
default_tie_tol <- 1e-9

# A relative difference below this is rounding
rounding_tol <- 1e-12

# Small-sample limits are exact up to this many events, and in curves of up to this many
# subjects
few_events <- 5 # OSV_FEW_EVENTS of src/osv_core.h, compared by a test

few_subjects <- 50

# Subjects and events a group below which an asymptotic p is doubtful
small_subjects <- 50

small_events <- 10

# Groups of a test: their number squared must fit in memory
most_groups <- 5000L

# Permutations of a test, and resamples of an interval
usual_permutations <- 9999

days_in <- c(months = 30.4375, days = 1, years = 365.25)
