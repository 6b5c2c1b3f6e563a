# Odd columns of status, groups and strata, as spreadsheets, databases and statistical
# programs write them. Uses base R only, so that child processes in other locales can
# source it.

# Labels, named by the peculiarity they have
odd_labels <- function() {
  latin1 <- c("m\xe4nnlich", "caf\xe9", "na\xefve", "\xe4", "\xd6l")
  Encoding(latin1) <- "latin1"
  bytes <- c("m\xe4nnlich", "\xff\xfe")
  Encoding(bytes) <- "bytes"
  broken <- "m\xe4nnlich" # as read.csv() returns it from a latin1 file
  list(
    ascii = c("A", "B", "control", "SBRT", "10", "9", "a", "b", "arm 1", "arm-1", "<= 3"),
    punctuation = c("a.b", "a b", "a-b", "a_b", "ab", "a,b", "a/b", "(a)", "'a'", "#1"),
    capitals = c("zoo", "Zoo", "ZOO", "alpha", "Alpha", "i", "I", "Istanbul", "istanbul"),
    numbers = c("1", "2", "10", "1.0", "01", "1e2", "-1", "+1", "0x1", "9"),
    padded = c("A", "A ", " A", "A\t", "B", "B\n", "\u00a0B", "C", "C\u3000", "\ufeffA"),
    blank = c("", " ", "\t", "\u00a0", "A", "B", "\u2003", "  \n", "C"),
    control = c("u", "u\001", "\001u", "u\177", "\002", "u\tv", "u\nv", "u v"),
    latin1 = latin1,
    same_text = c(latin1[1:2], "m\u00e4nnlich", "caf\u00e9", "weiblich"),
    accents = c("\u00e9", "e\u0301", "\u00c5", "\u212b", "A\u030a", "e", "A"),
    greek = c("\u03b1", "\u03b2", "\u2264 3 cm", "\u2265 3 cm", "\u0394"),
    cyrillic = c("\u0410", "\u0411", "\u0412", "\u0430", "\u0431"),
    chinese = c("\u7acb\u4f53", "\u5168\u8eab", "\u653e\u7597", "\u5bf9\u7167"),
    turkish = c("\u0130", "\u0131", "I", "i", "\u015f", "\u00e7"),
    german = c("\u00e4", "ae", "a", "\u00df", "ss", "Zoll", "\u00d6l", "Oel"),
    emoji = c("\U1F600", "\U1F601", "A", "\u200bA"),
    quotes = c("\"a\"", "a, b", "b", "g=a", "a\\b", "%s", "a`b"),
    missing_words = c("NA", "N/A", "null", "-", ".", "none", "A"),
    censoring = c(
      "censored", "alive", "Alive w Disease", "Alive wo Disease", "No event", "none",
      "event", "0", "1", "FALSE", "event free", "ALIVE", "living", "no", "yes", "dead"
    ),
    long = vapply(c(1, 40, 400), function(n) strrep("x", n), ""),
    bytes = c(bytes, "weiblich"),
    broken = c(broken, "weiblich", "divers")
  )
}

# unique() of text marked as "bytes" compares addresses
bytes_of <- function(labels) {
  vapply(labels, function(x) paste(Encoding(x), paste(charToRaw(x), collapse = "")), "")
}

# A random column of n rows: text, factors of many kinds, numbers, dates
odd_column <- function(n) {
  pool <- odd_labels()
  kinds <- sample(names(pool), sample(c(1L, 1L, 1L, 2L), 1L))
  if (runif(1) < 0.3) kinds <- sample(c("ascii", "punctuation", "capitals"), 1L)
  labels <- unlist(pool[kinds], use.names = FALSE)
  labels <- labels[!duplicated(bytes_of(labels))]
  labels <- labels[sample.int(length(labels), min(length(labels), sample(20L, 1L)))]
  x <- labels[sample.int(length(labels), n, TRUE)]
  if (runif(1) < 0.15) x[sample.int(n, 2L)] <- NA
  wrap <- sample(c(
    rep("text", 8L), rep("factor", 5L), "ordered", "unused", "NA level", "AsIs",
    "labelled text", "matrix", "late", "odd factor", "repeated levels", "number",
    "integer", "logical", "double", "date", "integer64", "labelled", "spss", "nan", "raw",
    "list", "other length", "odd class"
  ), 1L)
  factored <- function(...) {
    tryCatch(factor(x, labels, ...), error = function(e) factor(rep("a", n)))
  }
  whole <- sample(0:3, n, TRUE)
  switch(wrap,
    text = x, factor = factored(), ordered = factored(ordered = TRUE),
    unused = factor(match(x, labels), seq_len(length(labels) + 2L), c(labels, "_", "__")),
    "NA level" = addNA(factored()), AsIs = I(x), matrix = matrix(x),
    "labelled text" = structure(x, class = c("haven_labelled", "vctrs_vctr",
      "character")),
    late = structure(factored(), known = rep(0, n), class = c("late_group", "factor")),
    "odd factor" = structure(factored(), class = c("mine", "factor")),
    "repeated levels" = structure(
      pmin(match(x, labels), 2L), levels = c("r", "r"), class = "factor"
    ),
    number = c(0.1 + 0.2, 0.3, 1, 2)[whole + 1L], integer = whole,
    logical = whole > 1L, double = whole + 0, date = as.Date("2020-01-01") + whole,
    integer64 = structure(whole * 4.94065645841247e-324, class = "integer64"),
    labelled = structure(whole + 0,
      labels = c(no = 0, yes = 1), class = c("haven_labelled", "vctrs_vctr", "double")
    ),
    spss = structure(whole + 0,
      na_values = 3, class = c("haven_labelled_spss", "haven_labelled", "double")
    ),
    nan = c(NaN, NA, 1, 2)[whole + 1L], raw = as.raw(whole), list = as.list(whole),
    "other length" = x[-1L], "odd class" = structure(whole, class = "mine")
  )
}

# A status column of n rows: codes, factors and text, with and without censoring
odd_status <- function(n) {
  code <- sample(0:2, n, TRUE, c(0.4, 0.4, 0.2))
  states <- c("censored", "failure", "death")
  switch(sample(16L, 1L),
    pmin(code, 1L), pmin(code, 1L) + 0, code > 0L, pmin(code, 1L) + 1L,
    factor(code, 0:2, states), factor(code, 0:2, c("alive", "relapse", "Other death")),
    addNA(factor(replace(code, 1L, NA), 0:2, states)), states[code + 1L],
    factor(code, 0:2, c("censored", "event ", "event")), factor(code, 0:2, c("0", "1",
      "2")),
    factor(code, 0:2, c("none", " ", "event")), replace(pmin(code, 1L), 2L, NA),
    factor(code, 0:2, c("censored", "free of disease", "event-free")),
    factor(code, 0:3, c(states, "unused")), odd_column(n), odd_column(n)
  )
}

# A time column of n rows: whole, fractional, nearly tied, missing or of another class
odd_time <- function(n) {
  time <- sample(1:9, n, TRUE)
  switch(sample(14L, 1L), time, time + 0, time / 7, time * (1 + 1e-12), replace(time, 1L,
    NA),
    as.difftime(time, units = "days"), structure(time, names = letters[time]),
    matrix(time), structure(time + 0, label = "Time"), time + 0.5, time + 0.5, time,
      time, time
  )
}

# Formulas over the columns of odd_set()
odd_formulas <- list(
  Surv(t, s) ~ g, Surv(t, s) ~ g, Surv(t, s) ~ g + strata(h), Surv(t, s) ~ strata(g),
  Surv(t, s) ~ g + h, Surv(t, s) ~ 1, Surv(t, s) ~ 1 + strata(g), Surv(t, cens) ~ g,
  Surv(t, s) ~ g + h + strata(g)
)

# A data set of odd columns, determined by the seed
odd_set <- function(seed) {
  withr::local_seed(seed,
    .rng_kind = "Mersenne-Twister", .rng_normal_kind = "Inversion",
    .rng_sample_kind = "Rejection"
  )
  n <- sample(c(6L, 12L, 40L), 1L)
  data <- list(t = odd_time(n), s = odd_status(n), g = odd_column(n), h = odd_column(n))
  if (runif(1) < 0.6) data$s <- sample(0:1, n, TRUE)
  data$cens <- data$s
  list(formula = odd_formulas[[sample(length(odd_formulas), 1L)]], data = data)
}

# Returns the value of an expression, or the class and text of its error; also its
# messages
odd_outcome <- function(expr) {
  said <- character()
  value <- tryCatch(withCallingHandlers(expr, message = function(m) {
    said <<- c(said, conditionMessage(m))
    invokeRestart("muffleMessage")
  }, warning = function(w) {
    said <<- c(said, conditionMessage(w))
    invokeRestart("muffleWarning")
  }), error = function(e) {
    said <<- c(said, class(e), conditionMessage(e))
    NULL
  })
  list(value = value, said = said)
}

# Reverses the rows; keeps attributes that `[` drops unless their package is loaded
turn_column <- function(x) {
  turned <- unclass(x)[rev(seq_along(x))]
  attributes(turned) <- attributes(x)
  if (!is.null(attr(x, "known"))) attr(turned, "known") <- rev(attr(x, "known"))
  turned
}

# Returns the seeds of data sets for which easy_table(), or another order of the rows,
# gives a different table than the general reader. Also returns the numbers of data sets
# that easy_table() can read, of errors, and of errors without a class of this package.
compare_readings <- function(seeds) {
  ours <- getNamespace("oligosurv")
  event_table <- ours$event_table
  general_reading <- function(formula, data) {
    ours$count_table(ours$read_formula(formula, data), stats::na.omit)
  }
  differ <- integer()
  easy <- failed <- foreign <- 0L
  for (seed in seeds) {
    set <- odd_set(seed)
    general <- odd_outcome(general_reading(set$formula, set$data))
    if (is.null(general$value)) {
      failed <- failed + 1L
      if (!"oligosurv_error" %in% general$said) foreign <- foreign + 1L
    }
    usual <- odd_outcome(event_table(set$formula, set$data))
    table <- ours$easy_table(set$formula, set$data, 0)
    same <- identical(usual, general)
    if (!is.null(table)) {
      easy <- easy + 1L
      same <- same && identical(table, general$value) && !length(general$said)
    }
    if (!is.null(general$value)) {
      turned <- lapply(set$data, turn_column)
      again <- odd_outcome(general_reading(set$formula, turned))
      same <- same && identical(again$value, general$value)
    }
    if (!same) differ <- c(differ, seed)
  }
  list(differ = differ, easy = easy, failed = failed, foreign = foreign)
}
