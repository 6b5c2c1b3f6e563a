# Odd columns, counted in C or read in R, give the same table or the same error

test_that("easy rows of odd columns are counted as they are read, in this locale", {
  read <- compare_readings(1:1000)
  expect_identical(read$differ, integer())
  expect_gt(read$easy, 40) # enough data sets were counted in C
  expect_lt(read$failed, 600)
  expect_identical(read$foreign, 0L) # every error has a class of this package
})

# Compares the readers in a child process with another locale, which localedef makes if
# it can; NULL if the locale is not available.
compare_in_locale <- function(locale, seeds, folder) {
  source <- sub("[.].*", "", locale)
  made <- file.path(folder, locale)
  if (grepl("_", locale) && nzchar(Sys.which("localedef"))) {
    system2("localedef", c("-i", source, "-f", "UTF-8", shQuote(made)),
      stdout = FALSE, stderr = FALSE
    )
  }
  script <- withr::local_tempfile(fileext = ".R", lines = c(
    "suppressPackageStartupMessages(library(oligosurv))",
    sprintf("source(%s)", deparse(normalizePath("helper-odd-columns.R"))),
    sprintf("read <- compare_readings(%d:%d)", min(seeds), max(seeds)),
    "cat(Sys.getlocale('LC_COLLATE'), '\\n')",
    "cat(length(read$differ), read$easy, read$failed, read$foreign, '\\n')",
    "cat(utils::head(read$differ), '\\n')"
  ))
  out <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)),
    stdout = TRUE, stderr = FALSE, env = c(
      paste0("LC_ALL=", locale), "LANG=", "LANGUAGE=",
      if (dir.exists(made)) paste0("LOCPATH=", shQuote(folder)),
      paste0("R_LIBS=", shQuote(paste(.libPaths(), collapse = .Platform$path.sep)))
    )
  )
  if (length(out) < 2L) return(NULL)
  plain <- function(x) tolower(gsub("[^A-Za-z0-9]", "", x))
  if (plain(out[1L]) != plain(locale)) return(NULL)
  stats::setNames(
    as.integer(strsplit(trimws(out[2L]), " ")[[1L]]), c("differ", "easy", "failed",
      "foreign")
  )
}

for (locale in c("C", "C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "zh_CN.UTF-8")) {
  test_that(paste("... and in the locale", locale), {
    skip_on_cran()
    skip_on_os("windows")
    read <- compare_in_locale(locale, 1001:1600, withr::local_tempdir())
    skip_if(is.null(read), paste("the locale", locale, "is not there"))
    expect_identical(read[["differ"]], 0L)
    expect_identical(read[["foreign"]], 0L)
    expect_gt(read[["easy"]], 20L)
  })
}

blanks <- c("", " ", "  ", "\t", "\n", "\u00a0", "\u3000", "\ufeff", " \u00a0 ")
cells <- c("alive", "relapse", "", "alive", "death", "", "death", "alive")
base <- data.frame(month = 1:8, dead = c(1, 0, 1, 1, 1, 0, 1, 0), status = cells)

test_that("an empty or blank status is missing, as text and as a factor", {
  whole <- transform(base[cells != "", ], status = factor(status))
  want <- tidy(cumulative_incidence(Surv(month, status) ~ 1, whole))
  # by hand: relapse of 1 of 5 at 2, deaths of 1 of 3 at 5 and of 1 of 2 at 7
  at_7 <- want$estimate[want$time == 7]
  expect_equal(at_7[want$outcome[want$time == 7] == "relapse"], 1 / 5)
  expect_equal(at_7[want$outcome[want$time == 7] == "death"],
    4 / 5 * 1 / 3 + 4 / 5 * 2 / 3 * 1 / 2
  )
  for (blank in blanks) {
    text <- ifelse(cells == "", blank, cells)
    for (status in list(text, factor(text), I(text), addNA(factor(text)))) {
      d <- base
      d$status <- status
      expect_message(fit <- cumulative_incidence(Surv(month, status) ~ 1, d),
        "2 rows with a missing .* dropped \\(rows 3 and 6\\); empty cells .*`status`: 2"
      )
      expect_identical(tidy(fit), want)
      error <- expect_error(
        cumulative_incidence(Surv(month, status) ~ 1, d, na.action = na.fail),
        "empty cells", class = "oligosurv_error_data"
      )
      expect_identical(error$where, c(3L, 6L))
    }
  }
  d <- transform(base, status = c("Alive", "Dead", "", "Alive", "Dead", "", "Dead",
    "Alive"))
  expect_message(fit <- kaplan_meier(Surv(month, status) ~ 1, d), "`status`: 2")
  expect_identical(sum(glance(fit)$n.event), 3)
})

test_that("an empty group or stratum is missing; a blank level is no level", {
  arm <- c("A", "B", "", "A", "B", "", "A", "B")
  want <- tidy(kaplan_meier(Surv(month, dead) ~ arm, transform(base,
    arm = arm)[arm != "", ]))
  for (blank in blanks) {
    text <- ifelse(arm == "", blank, arm)
    for (x in list(text, factor(text), factor(text, c("A", blank, "B"),
      ordered = TRUE))) {
      d <- transform(base, arm = x)
      expect_message(fit <- kaplan_meier(Surv(month, dead) ~ arm, d), "`arm`: 2")
      expect_identical(tidy(fit), want)
      expect_message(fit <- logrank_test(Surv(month, dead) ~ 1 + strata(arm) + dead, d),
        "`arm`: 2"
      )
      expect_message(fit <- kaplan_meier(Surv(month, dead) ~ strata(arm), d), "`arm`: 2")
      expect_identical(tidy(fit), want)
    }
  }
  unused <- transform(base, arm = factor(rep(c("A", "B"), 4), c("A", " ", "B")))
  expect_no_message(fit <- kaplan_meier(Surv(month, dead) ~ arm, unused))
  expect_identical(levels(tidy(fit)$strata), c("A", "B"))
  # with a landmark the message still counts all rows with blank labels
  d <- transform(base, arm = replace(arm, 1, ""))
  expect_message(event_table(Surv(month, dead) ~ arm, d, landmark = 1.5), "`arm`: 2")
})

test_that("white space at the ends of labels is ignored", {
  arm <- c("A", "B", "A ", "A", "B\t", "B", "\u00a0A", "B")
  clean <- trimws(arm, whitespace = "[\\h\\v]")
  want <- event_table(Surv(month, dead) ~ arm, transform(base, arm = clean))
  for (x in list(arm, factor(arm), factor(arm, unique(arm)))) {
    expect_message(
      got <- event_table(Surv(month, dead) ~ arm, transform(base, arm = x)),
      "`arm`: labels that differ only in leading or trailing white space are merged"
    )
    expect_identical(got, want)
    expect_message(
      got <- event_table(Surv(month, dead) ~ strata(arm), transform(base, arm = x)),
      "`arm`: labels that differ only in leading or trailing white space are merged"
    )
    expect_identical(got$strata, c("A", "B"))
  }
  expect_no_message( # no labels are merged
    got <- event_table(Surv(month, dead) ~ arm, transform(base, arm = paste0(clean, " ")))
  )
  expect_identical(got, want)
  s <- c("alive", "death ", "death", "alive ", "alive", "death", " relapse", "alive")
  expect_message(
    got <- event_table(Surv(month, s) ~ 1, transform(base, s = s)),
      "\"alive\" and \"alive \""
  )
  expect_identical(got$states, c("alive", "death", "relapse"))
  expect_identical(
    got, suppressMessages(event_table(Surv(month, s) ~ 1, transform(base,
      s = factor(trimws(s)))))
  )
})

test_that("labels are told apart as texts, and ordered whatever the order of the rows", {
  for (labels in list(
    c("\u00e9", "e\u0301"), c("\u00c5", "\u212b"), c("u", "u\001"),
    c("\u2264 3 cm", "\u2265 3 cm"), c("\u7acb\u4f53", "\u5168\u8eab")
  )) {
    d <- data.frame(t = 1:8, s = 1, g = rep(labels, 4))
    fit <- kaplan_meier(Surv(t, s) ~ g, d)
    expect_equal(glance(fit)$n, c(4, 4))
    expect_identical(levels(tidy(fit)$strata),
      levels(tidy(kaplan_meier(Surv(t, s) ~ g, d[8:1, ]))$strata)
    )
    expect_identical(glance(logrank_test(Surv(t, s) ~ g, d))$df, 1L)
  }
  latin1 <- "m\xe4nnlich"
  Encoding(latin1) <- "latin1"
  d <- data.frame(t = 1:3, s = 1, g = c(latin1, "m\u00e4nnlich", "weiblich"))
  expect_equal(glance(kaplan_meier(Surv(t, s) ~ g, d))$n, c(2, 1)) # one label
})

test_that("bytes that are not text are refused, in status, groups and factors", {
  broken <- rep(c("m\xe4nnlich", "weiblich"), 4)
  bytes <- broken
  Encoding(bytes) <- "bytes"
  skip_if_not(l10n_info()$`UTF-8`)
  for (x in list(broken, bytes)) {
    d <- transform(base, g = x)
    for (formula in list(Surv(month, dead) ~ g, Surv(month, g) ~ 1, Surv(month,
      dead) ~ strata(g))) {
      expect_error(event_table(formula, d), "m<e4>nnlich",
        class = "oligosurv_error_input")
    }
  }
})

test_that("combined groups say which variable a value belongs to", {
  d <- transform(base, sex = rep(0:1, 4), rx = rep(c("Obs", "Lev"), each = 4),
    dead = rep(1:0, 4), site = "liver")
  labels_of <- function(formula, ...) levels(tidy(kaplan_meier(formula, d, ...))$strata)
  peer <- names(survival::survfit(Surv(month, dead) ~ sex + rx, d)$strata)
  expect_setequal(labels_of(Surv(month, dead) ~ sex + rx), gsub(" +(?=,|$)", "", peer,
    perl = TRUE))
  expect_identical(labels_of(Surv(month, dead) ~ sex), c("0", "1"))
  expect_identical(labels_of(Surv(month, dead) ~ strata(rx)), c("Lev", "Obs"))
  by_stratum <- c("sex=0, rx=Lev", "sex=1, rx=Lev", "sex=0, rx=Obs", "sex=1, rx=Obs")
  expect_identical(labels_of(Surv(month, dead) ~ sex + strata(rx)), by_stratum)
  expect_identical(labels_of(Surv(month, dead) ~ sex + strata(rx), na.action = na.omit),
    by_stratum
  )
  expect_identical(labels_of(Surv(month, dead) ~ sex + rx + strata(site)),
    c("sex=0, rx=Lev", "sex=0, rx=Obs", "sex=1, rx=Lev", "sex=1, rx=Obs")
  )
  expect_identical(labels_of(Surv(month, dead) ~ (sex > 0) + strata(rx, site))[1],
    "sex > 0=FALSE, rx=Lev, site=liver"
  )
  table <- event_table(Surv(month, dead) ~ sex + strata(rx), d)
  expect_identical(levels(tidy(kaplan_meier(c(table, table)))$strata), by_stratum)
  fit <- kaplan_meier(Surv(month, dead) ~ sex + strata(rx), d)
  expect_identical(nrow(augment(fit, d, Surv(month, dead) ~ sex + strata(rx))), 8L)
})

test_that("a factor with codes beyond its levels is an error, by every path", {
  for (codes in list(c(1L, 9L), c(0L, 1L), c(1L, -2L))) {
    d <- data.frame(t = 1:20, s = 1, g = structure(
      rep(codes, 10), levels = "a", class = "factor"
    ))
    d$two <- rep(1:2, each = 10)
    broken <- "is a broken factor: row [12] has the code -?[0-9], but it has 1 level"
    for (f in list(Surv(t, s) ~ g, Surv(t, s) ~ two + strata(g), Surv(t, g) ~ 1)) {
      expect_error(event_table(f, d), broken, class = "oligosurv_error_data")
      expect_error(event_table(f, d, na.action = na.omit), broken,
        class = "oligosurv_error_data"
      )
    }
    expect_error(logrank_test(Surv(t, s) ~ g, d), broken, class = "oligosurv_error_data")
    expect_error(hazard_ratio(Surv(t, s) ~ g, d), broken, class = "oligosurv_error_data")
    expect_error(kaplan_meier(Surv(t, s) ~ two, d, id = "g"), broken,
      class = "oligosurv_error_data"
    )
  }
})

test_that("combinations whose labels are the same text are not one group", {
  # quotation marks inside labels that are quoted for a comma: A="a, B="b", B=c"
  d <- data.frame(
    t = 1:2, s = 1, A = c("\"a", "a, B=\"b"), B = c("b\", B=c", "c\"")
  )
  error <- expect_error(event_table(Surv(t, s) ~ A + B, d),
    "two groups of `x` have the same label 'A=\"a, B=\"b\", B=c\"'; rename", fixed = TRUE,
    class = "oligosurv_error_data"
  )
  expect_identical(error$arg, "x")
  d$A <- factor(d$A, labels = c("first", "second"))
  expect_length(event_table(Surv(t, s) ~ A + B, d)$groups, 2L)
})
