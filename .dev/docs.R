# Rscript .dev/docs.R, part of `make lint`: checks that the documents at the top level are
# true. Files, functions and make targets that they name exist, `make help` lists each
# target, _pkgdown.yml each help page, the map of the floors is current (--write writes
# it), and codemeta.json has the version and texts of DESCRIPTION.

problems <- character()
note <- function(...) problems <<- c(problems, sprintf(...))
text_of <- function(file) paste(readLines(file, encoding = "UTF-8"), collapse = "\n")
all_matches <- function(pattern, text) {
  unique(unlist(regmatches(text, gregexpr(pattern, text, perl = TRUE))))
}
documents <- c(
  "README.md", "NEWS.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md",
  "CODE_OF_CONDUCT.md", Sys.glob(c(".github/*.md", ".github/*/*.md"))
)
texts <- vapply(documents, text_of, "")

# ---- files ----

# Text in backticks is taken for a file if it ends like a file name or contains a slash.
# It may be a path from the top level or the end of a path; <name> and * match any text.
known <- list.files(".", all.files = TRUE, recursive = TRUE)
known <- known[!grepl("^([.]build|[.]git)/", known)]
folders <- unique(dirname(known))
folders <- unique(c(folders, dirname(folders)))
is_known <- function(name) {
  pattern <- gsub("<[a-z_ ]+>|\\*", "\u0001", sub("/$", "", name))
  pattern <- gsub("([.+(){}^$|])", "\\\\\\1", pattern)
  pattern <- paste0("^(.*/)?", gsub("\u0001", "[^/]*", pattern), "$")
  any(grepl(pattern, c(known, folders)))
}
endings <- "[.](R|c|h|Rmd|md|sh|yml|yaml|csv|json|png|dcf|bib|mjs|py)`"
written <- "^`([.]build/|report[.](html|docx)`|survival[.]docx`)" # made by commands
for (file in documents) {
  named <- c(
    all_matches(paste0("`[A-Za-z_.<][-A-Za-z0-9_./<>* ]*", endings), texts[[file]]),
    all_matches("`[.A-Za-z][-A-Za-z0-9_.]*/[-A-Za-z0-9_./]*`", texts[[file]])
  )
  named <- gsub("`(Rscript )?", "", named[!grepl(written, named)])
  for (name in named) if (!is_known(name)) note("%s names the file %s", file, name)
}

# ---- functions ----

r_code <- unlist(lapply(list.files("R", full.names = TRUE), parse))
defined <- unlist(lapply(r_code, function(x) {
  if (is.call(x) && identical(x[[1]], quote(`<-`))) as.character(x[[2]])[1]
}))
sources <- Sys.glob(c("src/*.[ch]", "inst/include/*.h", "tests/testthat/helper-*.R"))
words <- all_matches("[A-Za-z_]\\w+", vapply(sources, text_of, ""))
packages <- c("base", "generics", "stats", "survival", "testthat", "utils", "withr")
elsewhere <- unlist(lapply(packages, function(package) {
  if (requireNamespace(package, quietly = TRUE)) getNamespaceExports(package)
}))
for (file in documents) {
  named <- all_matches("`[A-Za-z_.][A-Za-z0-9_.]*\\(", texts[[file]])
  named <- gsub("[`(]", "", named)
  unknown <- setdiff(named, c(defined, words, elsewhere, "autoplot"))
  for (name in unknown) note("%s names the function %s()", file, name)
}

# ---- help pages ----

index <- unlist(lapply(yaml::read_yaml("_pkgdown.yml")$reference, `[[`, "contents"))
calls <- grep("^ends_with", index, value = TRUE)
for (ending in sub("^ends_with[(]\"(.*)\"[)]$", "\\1", calls)) {
  index <- c(index, defined[endsWith(defined, ending)])
}
for (page in list.files("man", "[.]Rd$", full.names = TRUE)) {
  text <- text_of(page)
  lines <- all_matches("(?m)^.(name|alias)[{].*$", text)
  topics <- gsub("^.[a-z]+[{]|[}]$", "", lines)
  if (grepl("\\keyword{internal}", text, fixed = TRUE) || any(topics %in% index)) next
  note("_pkgdown.yml does not list the help page %s", topics[1L])
}

# ---- make targets ----

make <- text_of("Makefile")
targets <- unlist(strsplit(all_matches("(?m)^[a-z][-a-z ]*(?=:)", make), " "))
for (file in documents) {
  named <- sub("^.*make ", "", all_matches("`make [-a-z]+", texts[[file]]))
  for (name in setdiff(named, targets)) note("%s names the target %s", file, name)
}
listed <- system2("make", c("--no-print-directory", "help"), stdout = TRUE)
listed <- unlist(strsplit(sub("^ *make (.*?)  .*$", "\\1", listed, perl = TRUE), " "))
for (name in setdiff(targets, listed)) note("`make help` does not list %s", name)

# ---- the map of the floors ----

page <- readLines("ARCHITECTURE.md", encoding = "UTF-8")
at <- match(c("<!-- floors: begin -->", "<!-- floors: end -->"), page)
stopifnot("ARCHITECTURE.md has no place for the map of the floors" = !anyNA(at))
map <- system2("Rscript", c(".dev/floors.R", "--map"), stdout = TRUE)
if ("--write" %in% commandArgs(TRUE)) {
  writeLines(enc2utf8(c(page[seq_len(at[1])], map, page[at[2]:length(page)])),
    "ARCHITECTURE.md", useBytes = TRUE
  )
} else if (!identical(page[seq_len(at[2] - at[1] - 1) + at[1]], map)) {
  note("the floors of ARCHITECTURE.md are not up to date; Rscript .dev/docs.R --write")
}

# ---- codemeta.json ----

codemeta <- text_of("codemeta.json")
field <- function(name) {
  sub(sprintf("(?s).*?\"%s\": \"([^\"]*)\".*", name), "\\1", codemeta, perl = TRUE)
}
description <- read.dcf("DESCRIPTION")[1, ]
squeezed <- function(x) gsub("\\s+", " ", x)
wanted <- c(
  identifier = description[["Package"]], version = description[["Version"]],
  name = paste0(description[["Package"]], ": ", description[["Title"]]),
  description = squeezed(description[["Description"]])
)
for (name in names(wanted)) {
  if (field(name) != wanted[[name]]) {
    note("%s of codemeta.json is not that of DESCRIPTION: %s", name, wanted[[name]])
  }
}

problems <- unique(problems)
writeLines(paste("docs:", problems)[seq_along(problems)])
quit(status = as.integer(length(problems) > 0))
