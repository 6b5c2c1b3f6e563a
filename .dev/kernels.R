# Rscript .dev/kernels.R [--map | --write]: finds which kernels of src/ each estimator of
# R/ can reach. The result is the table between "kernels: begin" and "kernels: end" in
# ARCHITECTURE.md. --map prints the table, --write writes it to that file. Without an
# argument, as in `make lint`, the script fails if the file has a different table.

# The sections of _pkgdown.yml that hold estimators
estimators <- unlist(lapply(yaml::read_yaml("_pkgdown.yml")$reference, function(section) {
  if (section$title %in% c("Event table", "Curves", "Comparisons")) section$contents
}))

# ---- R: from functions to the entry points C_<name> ----

definitions <- unlist(lapply(list.files("R", full.names = TRUE), function(file) {
  defined <- Filter(function(x) is.call(x) && identical(x[[1]], quote(`<-`)), parse(file))
  names(defined) <- vapply(defined, function(x) as.character(x[[2]])[1], "")
  lapply(defined, function(x) {
    is_function <- is.call(x[[3]]) && identical(x[[3]][[1]], quote(`function`))
    defaults <- if (is_function) x[[3]][[2]]
    c(all.names(x[[3]]), unlist(lapply(as.list(defaults), all.names)))
  })
}), recursive = FALSE)

# The names `from` and all names they reach; `uses` lists the names that each name uses
reach <- function(from, uses) {
  seen <- character()
  while (length(from)) {
    seen <- c(seen, from)
    from <- setdiff(unlist(uses[from]), seen)
  }
  seen
}

uses_r <- lapply(definitions, function(names) {
  intersect(names, c(names(definitions), grep("^C_", names, value = TRUE)))
})
for (generic in names(Filter(function(x) "UseMethod" %in% x, definitions))) {
  methods <- startsWith(names(definitions), paste0(generic, "."))
  uses_r[[generic]] <- names(definitions)[methods]
}
entries_of <- function(name) {
  sub("^C_", "", unique(grep("^C_", reach(name, uses_r), value = TRUE)))
}

# ---- C: from entry points r_<name> to the kernels ----

# The functions of one file, by name: the text from the unindented line that names the
# function to the unindented closing brace
functions_of <- function(file) {
  text <- paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
  text <- gsub("(?s)/\\*.*?\\*/", "", text, perl = TRUE)
  text <- gsub("\"[^\"\n]*\"", "\"\"", text)
  found <- regmatches(text, gregexpr(
    "(?m)^[A-Za-z_][\\w *]*?\\b\\w+\\((?:[^;{}]*?)\\) \\{(?s:.*?)^\\}", text,
    perl = TRUE
  ))[[1]]
  names(found) <- sub("(?s)^.*?\\b(\\w+)\\(.*", "\\1", found, perl = TRUE)
  found
}

words_of <- function(text) {
  unique(regmatches(text, gregexpr("\\b[a-z]\\w+\\b", text))[[1]])
}

read_glue <- function() {
  files <- setdiff(Sys.glob("src/*.c"), Sys.glob("src/osv_*.c"))
  functions <- lapply(stats::setNames(files, basename(files)), functions_of)
  # Functions are named "file function", because files may have static functions of the
  # same name; these can only be called in their own file.
  full <- unlist(lapply(names(functions), function(file) {
    paste(file, names(functions[[file]]))
  }))
  home <- stats::setNames(full, sub(".* ", "", full))
  uses <- lapply(names(functions), function(file) {
    lapply(functions[[file]], function(text) {
      words <- words_of(text)
      own <- paste(file, words)
      shared <- unname(home[words[startsWith(words, "r_")]])
      c(own[own %in% full], shared[!is.na(shared)], grep("^osv_", words, value = TRUE))
    })
  })
  list(uses = stats::setNames(unlist(uses, recursive = FALSE), full), home = home)
}

kernel_files <- Sys.glob("src/osv_*.c")
kernel_home <- unlist(lapply(kernel_files, function(file) {
  names <- names(functions_of(file))
  stats::setNames(rep(sub("[.]c$", "", basename(file)), length(names)), names)
}))

glue <- read_glue()
kernels_of <- function(entries) {
  starts <- unname(glue$home[paste0("r_", entries)])
  unknown <- entries[is.na(starts)]
  if (length(unknown)) stop("no function in src/ for C_", toString(unknown))
  found <- kernel_home[intersect(reach(starts, glue$uses), names(kernel_home))]
  sort(unique(unname(found)))
}

# ---- the table ----

reached <- stats::setNames(nm = intersect(estimators, names(definitions)))
reached <- Filter(length, lapply(reached, entries_of))
kernels <- lapply(reached, kernels_of)
often <- table(unlist(kernels))
shared <- names(often)[often > length(kernels) / 2]
code <- function(x) paste0("`", x, "`", collapse = ", ")
further <- Filter(length, lapply(kernels, setdiff, shared))
none <- setdiff(names(kernels), names(further))
table <- c(
  strwrap(sprintf(
    "More than half of the estimators reach %s. No other kernel is reached by %s.",
    code(shared), code(paste0(none, "()"))
  ), 90), "",
  "| estimator | further kernels |", "|:---|:--------|",
  sprintf("| `%s()` | %s |", names(further), vapply(further, code, ""))
)

if ("--map" %in% commandArgs(TRUE)) {
  writeLines(table)
  quit()
}
page <- readLines("ARCHITECTURE.md", encoding = "UTF-8")
at <- match(c("<!-- kernels: begin -->", "<!-- kernels: end -->"), page)
stopifnot("ARCHITECTURE.md has no place for the map of kernels" = !anyNA(at))
there <- page[seq_len(at[2] - at[1] - 1) + at[1]]
if ("--write" %in% commandArgs(TRUE)) {
  writeLines(enc2utf8(c(page[seq_len(at[1])], table, page[at[2]:length(page)])),
    "ARCHITECTURE.md", useBytes = TRUE
  )
} else if (!identical(there, table)) {
  writeLines("kernels: ARCHITECTURE.md is not up to date; Rscript .dev/kernels.R --write")
  quit(status = 1L)
}
