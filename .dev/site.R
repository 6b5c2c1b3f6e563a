# Builds the web site in .build/site: reference, articles, news. Needs no network.
Sys.setenv(NOT_CRAN = "true")
options(pkgdown.internet = FALSE)
site <- file.path(getwd(), ".build", "site")
unlink(site, recursive = TRUE)

# Lists help pages that _pkgdown.yml does not list yet in its last section, "Also",
# because pkgdown would stop with an error
reference <- yaml::read_yaml("_pkgdown.yml")$reference
listed <- unlist(lapply(reference, `[[`, "contents"))
pages <- list.files("man", "[.]Rd$", full.names = TRUE)
is_listed <- vapply(pages, function(page) {
  alias <- grep("^\\\\alias", readLines(page), value = TRUE)
  alias <- sub(".*\\{(.*)\\}.*", "\\1", alias)
  any(alias %in% listed) || any(endsWith(alias, "_plot"))
}, NA)
last <- length(reference)
reference[[last]]$contents <- as.list(c(
  unlist(reference[[last]]$contents), sub("[.]Rd$", "", basename(pages[!is_listed]))
))
pkgdown::build_site(
  override = list(destination = site, reference = reference), preview = FALSE,
  install = FALSE, new_process = FALSE
)
unlink(file.path(site, "PULL_REQUEST_TEMPLATE.html")) # a form, not a page
source(".dev/site-pages.R")
mend_site(site)
writeLines(paste("The site is in", file.path(site, "index.html")))
