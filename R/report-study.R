#' Report of a study as one HTML page
#'
#' Writes the whole analysis of a study: patients and lesions, follow-up, response with
#' waterfall plots, cumulative local failure, progression-free and overall survival,
#' toxicity, the comparison of the two strategies, the methods and, where there are any,
#' the published numbers beside those of the study.
#'
#' The page stands alone: figures are inside it, it loads nothing and runs no script. It
#' is written whole or not at all: when anything fails, an earlier file stays as it was.
#' Parts for which the study has no data say so or are left out.
#'
#' The page is an R Markdown file that you may edit: copy
#' `system.file("rmarkdown/study_report.Rmd", package = "oligosurv")` and give the copy as
#' `template`. Its code sees the objects `study` and `compared` and all functions of this
#' package.
#' @param study An [sbrt_study()].
#' @param file Path of the HTML file; its folder must exist. An earlier file is replaced.
#' @param published Published numbers to show beside those of the study; see
#'   [compare_published()].
#' @param template `NULL` or the path of an R Markdown file to use instead of the own one.
#' @param quiet `TRUE` shows no progress.
#' @return The path of the file, invisibly.
#' @section Errors:
#' `oligosurv_error_input` for an argument of the wrong type or a folder that is not
#' there; `oligosurv_error_dependency` when rmarkdown, knitr, ggplot2 or the program
#' pandoc is missing.
#' @examples
#' \donttest{
#' file <- tempfile(fileext = ".html")
#' tryCatch(
#'   study_report(hcc_sbrt, file, quiet = TRUE),
#'   oligosurv_error_dependency = conditionMessage
#' )
#' }
#' @export
study_report <- function(study, file = "report.html", published = NULL, template = NULL,
                         quiet = FALSE) {
  check_study(study)
  check_report_file(file)
  template <- check_template(template)
  quiet <- check_flag(quiet, "quiet") || isTRUE(getOption("knitr.in.progress"))
  check_report_tools()
  compared <- compare_published(study, published)

  here <- environment()
  step <- function(text) {
    plain <- gsub("([{}])", "\\1\\1", text)
    if (!quiet) cli::cli_progress_step(plain, .envir = here)
  }
  page <- new.env(parent = asNamespace("oligosurv"))
  page$study <- study
  page$compared <- compared
  folder <- tempfile("report")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  made <- render_page(template, folder, page, step)
  step("Writing the page")
  replace_file(made, file)
  invisible(file)
}

check_report_file <- function(file) {
  check_string(file, "file")
  if (!nzchar(file) || dir.exists(file) || !dir.exists(dirname(file))) {
    stop_oligosurv("input", sprintf(
      "`file` must be the path of a file in a folder that exists; it is \"%s\"", file
    ), arg = "file")
  }
  if (!grepl("[.]html?$", file, ignore.case = TRUE)) {
    stop_oligosurv("input", sprintf(
      "`file` must end in .html, since the report is an HTML page; it is \"%s\"", file
    ), arg = "file")
  }
}

check_template <- function(template) {
  if (is.null(template)) {
    return(system.file("rmarkdown/study_report.Rmd", package = "oligosurv"))
  }
  check_string(template, "template")
  if (!file.exists(template)) {
    stop_oligosurv("input", sprintf(
      "`template`: there is no file \"%s\"", template
    ), arg = "template")
  }
  template
}

check_report_tools <- function(pandoc = rmarkdown::pandoc_available("2.0")) {
  for (package in c("rmarkdown", "knitr", "ggplot2")) {
    need_package(package, "study_report()")
  }
  check_pandoc("study_report()", pandoc)
}

check_pandoc <- function(what, there = rmarkdown::pandoc_available("2.0")) {
  if (there) return(invisible())
  stop_oligosurv("dependency", paste(
    what, "needs the program pandoc (2.0 or later), which is not installed;",
    "on Debian, as root: apt-get install pandoc; else see rmarkdown::find_pandoc()"
  ), package = "pandoc")
}

# The finished page, made inside `folder` and nowhere else.
render_page <- function(template, folder, page, step) {
  input <- file.path(folder, "page.Rmd")
  file.copy(template, input)
  head <- file.path(folder, "head.html")
  css <- readLines(system.file("rmarkdown/page.css", package = "oligosurv"))
  writeLines(c("<style>", css, "</style>"), head)
  notice <- file.path(folder, "notice.html")
  writeLines(if (is_invented(page$study)) notice_text else character(), notice)
  rmarkdown::render(input, page_format(head, notice, step),
    output_file = "page.html", envir = page, quiet = TRUE
  )
}

page_format <- function(head, notice, step) {
  new <- rmarkdown::pandoc_available("2.19")
  inside <- if (new) "--embed-resources" else "--self-contained"
  rmarkdown::output_format(
    knitr = rmarkdown::knitr_options(
      opts_chunk = list(echo = FALSE, message = FALSE, warning = FALSE),
      # Called before a chunk runs, where output still reaches the user
      opts_hooks = list(step = function(options) {
        step(options$step)
        options
      })
    ),
    pandoc = rmarkdown::pandoc_options(to = "html5", from = "markdown", args = c(
      "--standalone", inside, "--toc", "--toc-depth=2", "--template",
      system.file("rmarkdown/page.html", package = "oligosurv"),
      "--include-in-header", head, "--include-before-body", notice
    ))
  )
}

# Copied beside the target first, so that the last step is a rename: all or nothing.
replace_file <- function(from, to) {
  beside <- tempfile(".report-", dirname(to))
  on.exit(unlink(beside))
  moved <- suppressWarnings(file.copy(from, beside) && file.rename(beside, to))
  if (!moved) {
    stop_oligosurv("input", sprintf("`file`: \"%s\" cannot be written", to), arg = "file")
  }
}

# First on the page, whatever the template.
notice_text <- c(
  "<div class=\"notice\" role=\"note\"><p><strong>The patients in this report are",
  "invented.</strong> Only the published summary statistics that they reproduce are",
  "real: Song Z et al., J Hepatocell Carcinoma 2025;12:1097-1110. Never use it as",
  "evidence.</p></div>"
)

# TRUE when the patients are those of `hcc_sbrt`, all or some: the page must say so.
is_invented <- function(study) {
  key <- function(x) paste(x$patient_id, x$sbrt_start, x$last_contact)
  all(key(study$patients) %in% key(oligosurv::hcc_sbrt$patients))
}
