# Rscript .dev/floors.R [--map | --check]: finds which file uses which. Fails if an R file
# uses a higher floor, if more than three R files or any C files form a circle, or if the
# file of an estimator is not named after a function that it exports. --map prints the map
# of ARCHITECTURE.md; --check also fails unless that page contains the map.

floor_names <- c(
  "base", "rows and counts", "estimators and results", "study",
  "figures, tables and text", "report"
)
floor_of <- function(file) {
  prefix <- c(
    "base-" = 0, "rows-" = 1, "event-table" = 1, "fit-" = 2, "study-" = 3, "plot-" = 4,
    "table-" = 4, "text-" = 4, "report-" = 5
  )
  hit <- vapply(file, function(f) match(TRUE, startsWith(f, names(prefix))), 1L)
  floors <- unname(prefix[hit])
  ifelse(is.na(floors), 2, floors)
}

# Top-level objects of an R file with the names that each of them uses
read_r <- function(path) {
  parts <- lapply(parse(path, keep.source = FALSE), function(e) {
    if (!is.call(e) || !identical(e[[1L]], quote(`<-`)) || is.call(e[[2L]])) return(NULL)
    is_function <- is.call(e[[3L]]) && identical(e[[3L]][[1L]], quote(`function`))
    uses <- if (is_function) {
      codetools::findGlobals(eval(e[[3L]], new.env()))
    } else {
      all.names(e[[3L]])
    }
    list(file = basename(path), name = as.character(e[[2L]]), uses = uses)
  })
  Filter(Negate(is.null), parts)
}

# Functions that a C file exports to other files, and all words of its code
read_c <- function(path) {
  code <- gsub("/[*].*?[*]/", " ", paste(readLines(path), collapse = "\n"))
  pattern <- "(?m)^(?!static)[A-Za-z][\\w *]*?\\b(\\w+)\\([^;{}]*\\)\\s*\\{"
  found <- regmatches(code, gregexpr(pattern, code, perl = TRUE))[[1L]]
  words <- unique(regmatches(code, gregexpr("\\w+", code))[[1L]])
  lapply(sub(pattern, "\\1", found, perl = TRUE), function(name) {
    list(file = basename(path), name = name, uses = words)
  })
}

# One row for each use of an object of another file
uses_between <- function(parts) {
  owner <- vapply(parts, `[[`, "", "file")
  names(owner) <- vapply(parts, `[[`, "", "name")
  rows <- lapply(parts, function(p) {
    used <- setdiff(intersect(p$uses, names(owner)), p$name)
    used <- used[owner[used] != p$file]
    if (!length(used)) return(NULL)
    data.frame(from = p$file, by = p$name, to = unname(owner[used]), uses = used)
  })
  do.call(rbind, rows)
}

# Sets of files in which each file reaches all others
circles_of <- function(uses) {
  files <- sort(unique(c(uses$from, uses$to)))
  reach <- matrix(FALSE, length(files), length(files), dimnames = list(files, files))
  reach[cbind(uses$from, uses$to)] <- TRUE
  for (k in files) reach <- reach | outer(reach[, k], reach[k, ], "&")
  both <- reach & t(reach)
  sets <- lapply(files[diag(both)], function(f) files[both[f, ]])
  unique(sets)
}

exports_of <- function(parts) {
  lines <- readLines("NAMESPACE")
  exported <- sub("^export\\((.*)\\)$", "\\1", grep("^export\\(", lines, value = TRUE))
  exported <- gsub("[\"`]", "", exported)
  split(vapply(parts, `[[`, "", "name"), vapply(parts, `[[`, "", "file")) |>
    lapply(intersect, exported)
}

print_map <- function(files, exports) {
  floors <- floor_of(files)
  out <- c("| floor | files | exported functions |", "|---|---|---|")
  for (k in rev(sort(unique(floors)))) {
    here <- files[floors == k]
    shown <- unlist(exports[here], use.names = FALSE)
    out <- c(out, sprintf("| %g %s | %s | %s |", k, floor_names[k + 1],
      paste0("`", sub("[.]R$", "", here), "`", collapse = " "),
      if (length(shown)) paste0("`", shown, "()`", collapse = " ") else "none"
    ))
  }
  out
}

arguments <- commandArgs(TRUE)
paths <- sort(list.files("R", "[.]R$", full.names = TRUE), method = "radix")
parts <- unlist(lapply(paths, read_r), recursive = FALSE)
exports <- exports_of(parts)
map <- print_map(setdiff(basename(paths), "zzz.R"), exports)
if ("--map" %in% arguments) {
  writeLines(map)
  quit()
}

wrong <- character()
uses <- uses_between(parts)
up <- uses[floor_of(uses$to) > floor_of(uses$from), ]
if (nrow(up)) {
  wrong <- sprintf("R/%s: %s() uses %s() of R/%s, a higher floor",
    up$from, up$by, up$uses, up$to
  )
}
circles <- circles_of(uses)
large <- circles[lengths(circles) > 3L]
wrong <- c(wrong, vapply(large, function(x) {
  paste("more than three R files use each other:", paste(x, collapse = " "))
}, ""))
c_parts <- unlist(lapply(Sys.glob("src/*.c"), read_c), recursive = FALSE)
wrong <- c(wrong, vapply(circles_of(uses_between(c_parts)), function(x) {
  paste("C files use each other:", paste(x, collapse = " "))
}, ""))

# A file belongs to the floor of estimators if its name has no prefix of another floor
estimators <- setdiff(basename(paths), "zzz.R")
no_prefix <- "^(?!(base|rows|event-table|fit|study|plot|table|text|report)[-.])"
estimators <- grep(no_prefix, estimators, value = TRUE, perl = TRUE)
named <- vapply(estimators, function(f) {
  gsub("-", "_", sub("[.]R$", "", f)) %in% exports[[f]]
}, NA)
wrong <- c(wrong, sprintf("R/%s exports no function of its name", estimators[!named]))
if ("--check" %in% arguments) {
  page <- readLines("ARCHITECTURE.md")
  edges <- match(c("<!-- floors: begin -->", "<!-- floors: end -->"), page)
  if (anyNA(edges) || !all(map %in% page[edges[1L]:edges[2L]])) {
    wrong <- c(wrong, "ARCHITECTURE.md differs from: Rscript .dev/floors.R --map")
  }
}

writeLines(wrong)
cat(sprintf("%d R files; %d uses go up; %d circles, the largest of %d files\n",
  length(paths), nrow(up), length(circles), max(0L, lengths(circles))
))
quit(status = as.integer(length(wrong) > 0L))
