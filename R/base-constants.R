# Constants that several layers share. Each is defined once. The signatures of functions
# repeat the values so that help pages show them; a test compares the two.

# The tie rule: a time t is merged into the first time of its tie if it is later by at
# most this proportion of t
default_tie_tol <- 1e-9

# Relative differences below this are rounding error
rounding_tol <- 1e-12

# With conf.type = "small-sample", limits are exact in curves of up to `few_subjects`
# subjects and, in larger curves, up to `few_events` events
few_events <- 5 # OSV_FEW_EVENTS of src/osv_core.h, compared by a test

few_subjects <- 50

# Numbers of subjects and events per group below which an asymptotic p-value is doubtful
small_subjects <- 50

small_events <- 10

# Largest number of groups of a test: a matrix of groups by groups must fit in memory
most_groups <- 5000L

# Default number of permutations of a test and of resamples of an interval
usual_permutations <- 9999

days_in <- c(months = 30.4375, days = 1, years = 365.25)
