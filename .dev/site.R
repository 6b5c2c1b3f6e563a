# The web site, into .build/site: reference, articles, news. Asks nothing of the network.
Sys.setenv(NOT_CRAN = "true")
options(pkgdown.internet = FALSE)
site <- file.path(getwd(), ".build", "site")
unlink(site, recursive = TRUE)
pkgdown::build_site(
  override = list(destination = site), preview = FALSE, install = FALSE,
  new_process = FALSE
)
writeLines(paste("The site is in", file.path(site, "index.html")))
