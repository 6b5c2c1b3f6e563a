# Runs lintr on all R code; status 1 if it finds anything.
dirs <- c("R", "tests", "data-raw", "vignettes", "bench", ".dev")
lints <- unlist(lapply(dirs[dir.exists(dirs)], lintr::lint_dir, relative_path = FALSE),
  recursive = FALSE
)
for (lint in lints) print(lint)
writeLines(sprintf("lintr: %d findings", length(lints)))

# Finds names defined twice, because the later definition would silently replace the other
named <- unlist(lapply(list.files("R", full.names = TRUE), function(file) {
  calls <- Filter(function(x) is.call(x) && identical(x[[1]], quote(`<-`)), parse(file))
  vapply(calls, function(x) paste(deparse(x[[2]]), collapse = ""), "")
}))
twice <- unique(named[duplicated(named)])
writeLines(sprintf("defined twice in R/: %s", twice))
quit(status = as.integer(length(lints) + length(twice) > 0))
