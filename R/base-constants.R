# Constants that several floors share, each defined once.

default_tie_tol <- 1e-9

# Where small-sample limits are exact, as src/r_curves.c has it (FEW_EVENTS, FEW_SUBJECTS)
few_events <- 5

few_subjects <- 50

# Subjects and events a group below which an asymptotic p is doubtful, and the size of
# data above which no permutation is done unasked
small_subjects <- 50

small_events <- 10

days_in <- c(months = 30.4375, days = 1, years = 365.25)
