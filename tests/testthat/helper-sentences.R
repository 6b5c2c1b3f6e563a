# The sentences of tests/sentences.csv with this test, as regular expressions in which any
# text stands for a placeholder such as %s.
sentences_of <- function(test) {
  known <- utils::read.csv(test_path("..", "sentences.csv"), encoding = "UTF-8")
  text <- trimws(gsub("\u00a0", " ", known$sentence[known$test == test]))
  text <- gsub("%%", "\001", text, fixed = TRUE)
  text <- gsub("%[.0-9]*[a-z]", "\002", text)
  text <- gsub("([][{}()+*^$|?.])", "\\\\\\1", text)
  gsub("\001", "%", gsub("\002", ".+?", text, fixed = TRUE), fixed = TRUE)
}

# The text of a page and the alternative texts of its pictures. The pictures are removed
# first, by Perl's expressions, because R's own take seconds for megabytes of text.
text_of_page <- function(page) {
  page <- gsub("(src|href)=\"data:[^\"]*\"", "", page, perl = TRUE)
  alts <- regmatches(page, gregexpr(" alt=\"[^\"]*\"", page))[[1L]]
  page <- sub(".*<h1>", "", page)
  text <- gsub("<[^>]+>", " ", gsub("<script.*", "", page))
  text <- paste(c(text, alts), collapse = " ")
  for (entity in list(c("&amp;", "&"), c("&quot;", "\""), c("&#39;", "'"))) {
    text <- gsub(entity[1L], entity[2L], text, fixed = TRUE)
  }
  gsub("(\\s|\u00a0)+", " ", text)
}

without_lesions <- function() {
  sbrt_study(data.frame(patient_id = 1:3, os_time = 1:3, os_status = 1),
    time_unit = "months"
  )
}

# Two strategies of n patients each; the hazard of the second is `ratio` times that of the
# first
two_strategies <- function(n, ratio, ...) {
  withr::local_seed(1)
  time <- round(stats::rexp(2 * n, rep(c(1, ratio), each = n) / 600)) + 1
  late <- time > 900
  start <- as.Date("2020-01-01")
  sbrt_study(data.frame(
    patient_id = seq_len(2 * n), strategy = rep(c("A", "B"), each = n),
    sbrt_start = start, progression_date = NA,
    death_date = replace(start + time, late, NA),
    last_contact = start + pmin(time, 900), ...
  ))
}
