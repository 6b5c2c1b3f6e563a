# Words for yes and no.

test_that("yes and no are read in all usual forms, other words and empty cells are NA", {
  yes <- c("yes", "Y", " YES ", "ja", "J", "oui", "s\u00ed", "Si", "sim", "S", "TRUE",
    "t", "1", "Checked", "yes\u00a0")
  no <- c("no", "N", "No ", "nein", "non", "n\u00e3o", "NAO", "FALSE", "F", "0",
    "Unchecked"
  )
  expect_identical(yes_no(yes), rep(TRUE, length(yes)))
  expect_identical(yes_no(no), rep(FALSE, length(no)))
  expect_identical(yes_no(c("maybe", "", NA, "2", "x", "?")), rep(NA, 6))
  expect_identical(yes_no(c(TRUE, FALSE, NA)), c(TRUE, FALSE, NA))
  expect_identical(yes_no(c(1, 0, 2)), c(TRUE, FALSE, NA))
  expect_identical(yes_no(factor(c("Yes", "No"))), c(TRUE, FALSE))
})

test_that("words are compared without case, blanks and punctuation, but with accents", {
  expect_identical(simplify_word(c("Non-target ", "non target", "NONTARGET")),
    rep("nontarget", 3)
  )
  expect_identical(simplify_word(c("S\u00cd", "OP-N", "-", NA)),
    c("s\u00ed", "opn", "", NA)
  )
})

test_that("small and capital letters are the same ones in the locale C", {
  withr::local_locale(LC_CTYPE = "C")
  expect_identical(lower_case(c("S\u00cd", "\u0393\u042f", "A I")),
    c("s\u00ed", "\u03b3\u044f", "a i")
  )
  expect_identical(upper_case(c("\u00e9i", NA)), c("\u00c9I", NA))
})
