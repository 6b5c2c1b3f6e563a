# Rscript .dev/install.R <target>...
# Installs the packages and programs that .dev/dependencies.csv lists for these targets
# and that are missing, and prints each step. As root on Debian it uses apt if possible;
# otherwise, and for packages that apt lacks, it uses CRAN. Ends with status 1 if an R
# package is still missing. It only names missing optional packages, and programs that an
# administrator must install.

say <- function(...) writeLines(paste0("[install] ", ...))

table_of <- function(targets) {
  all <- utils::read.csv(".dev/dependencies.csv", colClasses = "character")
  asked <- strsplit(all$used_by, " ", fixed = TRUE)
  all[vapply(asked, function(x) any(x %in% c("install", targets)), NA), ]
}

is_there <- function(name, kind, at_least) {
  if (kind == "program") return(nzchar(Sys.which(name)))
  found <- suppressWarnings(utils::packageDescription(name, fields = "Version"))
  !is.na(found) && (at_least == "" || package_version(found) >= at_least)
}

missing_of <- function(needed) {
  there <- mapply(is_there, needed$name, needed$kind, needed$at_least)
  needed[!there, , drop = FALSE]
}

# The first library must be writable, also because oligosurv itself is installed there.
own_library <- function() {
  if (file.access(.libPaths()[1], 2) == 0) return(invisible())
  user <- strsplit(Sys.getenv("R_LIBS_USER"), .Platform$path.sep, fixed = TRUE)[[1]][1]
  if (is.na(user)) stop("no library can be written to, and R_LIBS_USER is not set")
  user <- path.expand(user)
  say("making your own package library ", user)
  dir.create(user, recursive = TRUE, showWarnings = FALSE)
  .libPaths(c(user, .libPaths()))
}

apt <- function(args) {
  system2("apt-get", c("-qq", "-y", args),
    stdout = FALSE, env = "DEBIAN_FRONTEND=noninteractive"
  )
}

from_apt <- function(wanted) {
  root <- identical(Sys.info()[["effective_user"]], "root")
  names <- unique(wanted$apt[nzchar(wanted$apt)])
  if (!root || !nzchar(Sys.which("apt-get")) || length(names) == 0) return(invisible())
  say("apt-get install ", paste(names, collapse = " "))
  apt("update")
  apt(c("install", "--no-install-recommends", names))
}

from_cran <- function(wanted) {
  names <- unique(wanted$name[wanted$kind != "program"])
  if (length(names) == 0) return(invisible())
  say("install.packages: ", paste(names, collapse = " "), " into ", .libPaths()[1])
  if (identical(unname(getOption("repos")["CRAN"]), "@CRAN@")) {
    utils::chooseCRANmirror(graphics = FALSE, ind = 1)
  }
  Sys.setenv(USE_BUNDLED_LIBUV = "1") # otherwise fs (for rmarkdown) needs libuv
  utils::install.packages(names, lib = .libPaths()[1], Ncpus = 2L)
}

needed <- table_of(commandArgs(trailingOnly = TRUE))
own_library()
from_apt(missing_of(needed))
from_cran(missing_of(needed))
left <- missing_of(needed)
if (nrow(left) > 0) {
  by_apt <- ifelse(left$apt == "", "", paste("; as root: apt-get install", left$apt))
  say("still missing: ", left$name, " (", left$why, ")", by_apt)
}
quit(status = as.integer(any(left$kind == "package")))
