# The sentences of tests/sentences.csv with this test, as regular expressions in which any
# text stands for a placeholder such as %s.
sentences_of <- function(test) {
  known <- utils::read.csv(test_path("..", "sentences.csv"), encoding = "UTF-8")
  text <- trimws(gsub("\u00a0", " ", known$sentence[known$test == test]))
  text <- gsub("%%", "\001", text, fixed = TRUE)
  text <- gsub("%[.0-9]*[a-z]", "\002", text)
  text <- gsub("([][{}()+*^$|?.])", "\\\\\\1", text)
  gsub("\001", "%", gsub("\002", ".{1,600}?", text, fixed = TRUE), fixed = TRUE)
}

# The text of a page and the alternative texts of its pictures
text_of_page <- function(page) {
  alts <- regmatches(page, gregexpr(" alt=\"[^\"]*\"", page))[[1L]]
  page <- gsub("(src|href)=\"data:[^\"]*\"", "", sub(".*<h1>", "", page))
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
