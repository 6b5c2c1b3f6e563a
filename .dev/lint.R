# lintr over everything written in R; status 1 when it finds anything.
dirs <- c("R", "tests", "data-raw", "vignettes", "bench", ".dev")
lints <- unlist(lapply(dirs[dir.exists(dirs)], lintr::lint_dir, relative_path = FALSE),
  recursive = FALSE
)
for (lint in lints) print(lint)
writeLines(sprintf("lintr: %d findings", length(lints)))
quit(status = as.integer(length(lints) > 0))
