# Units, plausible values and levels of liver function; limits of the Child-Pugh score;
# and the increases of a score that count as a decline.

# Plausible values by quantity and unit: the smallest and largest value, and a limit that
# the median of patients does not cross on one side (`low` or `high`), because values
# beyond it are common in the other unit. The schema of liver_function and the messages of
# albi() and child_pugh() use these numbers.
liver_units <- list(
  bilirubin = list(
    `umol/l` = c(lower = 1, upper = 1200, low = 3, high = Inf),
    `mg/dl` = c(lower = 0.05, upper = 70, low = -Inf, high = 6)
  ),
  albumin = list(
    `g/l` = c(lower = 10, upper = 70, low = -Inf, high = Inf),
    `g/dl` = c(lower = 1, upper = 7, low = -Inf, high = Inf)
  )
)

# 1 mg/dl of bilirubin (584.66 g/mol) in umol/l
umol_per_mg <- 17.104

# Limits of the Child-Pugh score: values from the first to the second, both included, have
# 2 points
child_pugh_limits <- list(
  bilirubin = list(`umol/l` = c(34, 51), `mg/dl` = c(2, 3)),
  cholestatic = list(`umol/l` = c(68, 170), `mg/dl` = c(4, 10)),
  albumin = list(`g/l` = c(28, 35), `g/dl` = c(2.8, 3.5)),
  inr = c(1.7, 2.3)
)

# The levels of the signs have 1, 2 and 3 points.
ascites_levels <- c("none", "slight", "moderate")
encephalopathy_levels <- c("none", "grade 1-2", "grade 3-4")

inr_range <- c(0.5, 15)

# How much a score must rise above baseline, and how it is called
decline_rules <- list(
  child_pugh = list(
    name = "the Child-Pugh score", short = "Child-Pugh", rise = 2,
    words = "a Child-Pugh score of 2 points or more above baseline",
    needs = "bilirubin, albumin, `inr`, `ascites` and `encephalopathy`, or `child_pugh`"
  ),
  albi = list(
    name = "the ALBI grade", short = "ALBI grade", rise = 1,
    words = "an ALBI grade above that at baseline", needs = "bilirubin and albumin"
  )
)
