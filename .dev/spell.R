# Rscript .dev/spell.R: checks the spelling of texts for users (help pages, articles,
# README, NEWS, report), in the language that DESCRIPTION states. Names and terms of the
# field are in inst/WORDLIST, one a line, sorted. Skipped without a spell checker.

if (!requireNamespace("spelling", quietly = TRUE)) {
  writeLines("spelling: skipped, the R package spelling is not installed")
  quit(status = 0L)
}
known <- readLines("inst/WORDLIST", encoding = "UTF-8")
report <- Sys.glob(c(
  "inst/rmarkdown/*.Rmd", "inst/rmarkdown/templates/*/skeleton/*.Rmd",
  "inst/extdata/*/README.md"
))
pages <- spelling::spell_check_package(".")
texts <- spelling::spell_check_files(report, ignore = known, lang = "en_GB")
found <- rbind(as.data.frame(pages), as.data.frame(texts))
for (i in seq_len(nrow(found))) {
  writeLines(sprintf("spelling: '%s' in %s", found$word[i], toString(found$found[[i]])))
}
sorted <- known[order(tolower(known), known, method = "radix")]
if (!identical(known, sorted)) writeLines("spelling: inst/WORDLIST is not sorted")
quit(status = as.integer(nrow(found) > 0L || !identical(known, sorted)))
