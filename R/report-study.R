#' Report of a study as a web page, a Word document or PDF
#'
#' Writes the whole analysis of a study: on the first screen overall survival and the main
#' results, one sentence each; then flow, characteristics, lesions, dose, follow-up,
#' response and its duration, cumulative incidence of failures, later treatment and late
#' toxicity, progression-free and overall survival, toxicity, the comparison of two
#' strategies, hazard ratios, methods with software versions and checksums of the data,
#' checklists, the code of each figure and, as an appendix, published numbers compared
#' with those of the study.
#'
#' The report covers what the study has: sections, methods and tests of endpoints,
#' lesions, adverse events or groups that the study does not have are omitted, and so are
#' endpoints without any event, such as distant failure. The methods count the patients
#' excluded from each analysis; doubtful values in the tables are listed. Three or more
#' groups are compared overall and in pairs, with P adjusted by Holm's method. Groups have
#' the names used in the study. The time at which strategies were chosen is mentioned only
#' if the patients have a column `strategy_date`.
#'
#' Hazard ratios are reported for the cohorts, for the number of lesions, and for up to
#' ten characteristics that are known in 80% of the patients: numeric columns with five or
#' more values, and columns with two to four categories of five or more patients. Numbers
#' with fewer values, such as ECOG 0, 1 and 2, may be codes: make them a factor. With
#' `covariates` hazard ratios are reported for the columns that you name. A multivariable
#' model is added for endpoints with at least ten events per coefficient.
#'
#' The checklists are STROBE, REMARK (if there are hazard ratios) and RECORD.
#'
#' The extension of the file gives the format: `.html`, a self-contained page (figures are
#' embedded; it loads nothing from other places, and a short script of its own offers
#' figures as SVG and PNG, numbers as CSV and the text of the methods to copy); `.docx`,
#' with native tables, headings and captions; `.pdf`, which needs LaTeX (xelatex or
#' lualatex). With xelatex, Chinese, Japanese and Korean characters are printed in an
#' installed font that has them, such as Noto Serif CJK SC, if there is one; a warning
#' names characters that no font has. An existing file is replaced only when the report is
#' complete.
#'
#' The report is an R Markdown file that you may edit: copy
#' `system.file("rmarkdown/study_report.Rmd", package = "oligosurv")` and give the copy as
#' `template`. Its code can use the objects `study` and `compared` and all functions of
#' this package. For a document of your own that uses only exported functions, choose
#' *File > New File > R Markdown > From Template > Report of an SBRT study* in RStudio, or
#' `rmarkdown::draft("paper.Rmd", "sbrt-report", "oligosurv")`.
#' @param study An [sbrt_study()].
#' @param file Path of the file, ending in `.html`, `.docx` or `.pdf`; its folder must
#'   exist. There is no default, so that nothing is written where you did not ask for it.
#' @param published Published numbers to compare with those of the study; see
#'   [compare_published()].
#' @param template `NULL`, or the path of an R Markdown file that replaces the default.
#' @param quiet `TRUE` shows no progress.
#' @param title,authors Title of the report, and the names of one or more authors (text);
#'   `NULL` for those of the template.
#' @param labels `NULL`, or labels of columns of patients and lesions, such as
#'   `c(age = "Age, years", cohort = "Arm")`.
#' @param covariates `NULL`, or columns of the table patients for the hazard ratios, and
#'   `"lesions_treated"` for the number of lesions.
#' @return The path of the file, invisibly.
#' @section Errors:
#' `oligosurv_error_input` for an argument of the wrong type or a folder that does not
#' exist; `oligosurv_error_dependency` when rmarkdown, knitr, ggplot2, the program pandoc
#' or, for PDF, LaTeX is missing.
#' @seealso [result_table()], [inline_text()], [compare_published()], [sbrt_study()]
#' @references von Elm et al. (2007) \doi{10.1016/S0140-6736(07)61602-X};
#'   McShane et al. (2005) \doi{10.1093/jnci/dji237};
#'   Benchimol et al. (2015) \doi{10.1371/journal.pmed.1001885}.
#' @examples
#' file <- tempfile(fileext = ".html")
#' # The whole report takes some seconds
#' if (interactive()) study_report(hcc_sbrt, file)
#'
#' # A short report of your own
#' template <- tempfile(fileext = ".Rmd")
#' writeLines(c(
#'   "---", "title: Overall survival", "---", "```{r}",
#'   "kaplan_meier(Surv(time, status) ~ cohort, endpoint(study, \"os\"))", "```"
#' ), template)
#' tryCatch(
#'   study_report(hcc_sbrt, file, template = template, quiet = TRUE),
#'   oligosurv_error_dependency = conditionMessage
#' )
#' @export
study_report <- function(study, file, published = NULL, template = NULL, quiet = FALSE,
                         title = NULL, authors = NULL, labels = NULL,
                         covariates = NULL) {
  check_study(study)
  check_report_file(file)
  template <- check_template(template)
  if (!is.null(title)) check_string(title, "title")
  authors <- check_authors(authors)
  study <- with_labels(study, labels)
  if (!is.null(covariates)) covariates <- check_covariates(covariates, model_rows(study))
  quiet <- check_flag(quiet, "quiet") || isTRUE(getOption("knitr.in.progress"))
  check_report_tools()
  kind <- report_kind(file)
  engine <- if (kind == "pdf") check_latex()
  compared <- compare_published(study, published)

  here <- environment()
  step <- function(text) {
    plain <- gsub("([{}])", "\\1\\1", text)
    if (!quiet) cli::cli_progress_step(plain, .envir = here)
  }
  page <- new.env(parent = asNamespace("oligosurv"))
  page$study <- study
  page$compared <- compared
  page$report <- page
  page$figures <- list()
  page$covariates <- covariates
  page$title <- title
  page$authors <- authors
  page$is_published <- is.null(published) && !is.null(compared)
  page$folder <- folder <- tempfile("report")
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  made <- render_page(template, folder, page, step, kind, engine)
  step("Writing the report")
  replace_file(made, file)
  invisible(file)
}

check_authors <- function(authors) {
  authors <- plain_argument(authors)
  if (is.null(authors) || (is.character(authors) && !anyNA(authors))) return(authors)
  stop_oligosurv("input", sprintf("`authors` must be text; it is %s", describe(authors)),
    arg = "authors"
  )
}

# Gives columns of the tables patients and lesions the labels of the user
with_labels <- function(study, labels) {
  if (is.null(labels)) return(study)
  labels <- plain_argument(labels)
  named <- is.character(labels) && !anyNA(labels) && !is.null(names(labels))
  tables <- c("patients", "lesions")
  known <- unlist(lapply(tables, function(table) names(study[[table]])))
  if (!named || !all(names(labels) %in% known)) {
    stop_oligosurv("input", paste(
      "`labels` must be text named by columns of the table patients or lesions, such as",
      "c(age = \"Age, years\")"
    ), arg = "labels")
  }
  for (table in tables) {
    for (name in intersect(names(labels), names(study[[table]]))) {
      attr(study[[table]][[name]], "label") <- labels[[name]]
    }
  }
  study
}

check_report_file <- function(file) {
  check_path(file, "file")
  check_folder_of(file)
  if (!report_kind(file) %in% c("html", "docx", "pdf")) {
    stop_oligosurv("input", sprintf(
      "`file` must end in .html, .docx or .pdf; it is \"%s\"", file
    ), arg = "file")
  }
}

report_kind <- function(file) sub("^htm$", "html", file_kind(file))

check_template <- function(template) {
  if (is.null(template)) {
    return(system.file("rmarkdown/study_report.Rmd", package = "oligosurv"))
  }
  check_string(template, "template")
  if (!file.exists(template)) {
    stop_oligosurv("input", sprintf(
      "`template` is \"%s\", a file that does not exist", template
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

# Renders the report inside `folder` and nowhere else; returns its path.
render_page <- function(template, folder, page, step, kind = "html", engine = NULL) {
  input <- file.path(folder, "page.Rmd")
  lines <- readLines(template, encoding = "UTF-8", warn = FALSE)
  if (kind != "html" && is_invented(page$study)) lines <- with_notice(lines)
  write_text(lines, input)
  format <- if (kind == "html") {
    page_format(page, folder)
  } else {
    paper_format(kind, engine, folder,
      c(study_texts(page$study), page$title, page$authors, lines)
    )
  }
  format$pandoc$args <- c(format$pandoc$args, report_metadata(page))
  format$pandoc$convert_fun <- convert_by_pandoc("the report")
  made <- keep_error_class(rmarkdown::render(input, with_steps(format, step),
    output_file = paste0("page.", if (kind == "pdf") "tex" else kind), envir = page,
    quiet = TRUE
  ))
  if (kind != "pdf") return(made)
  made <- run_latex(made, engine)
  warn_missing_characters(file.path(folder, "page.log"))
  made
}

# Progress is shown before a chunk runs, because output inside it does not reach the user.
with_steps <- function(format, step) {
  format$knitr <- rmarkdown::knitr_options(
    opts_chunk = list(echo = FALSE, message = FALSE, warning = FALSE),
    opts_hooks = list(step = function(options) {
      step(options$step)
      options
    })
  )
  format
}

# Title and authors as the user gave them; they replace those of the template
report_metadata <- function(page) {
  one <- function(key, value) c("--metadata", paste0(key, "=", value))
  c(
    if (!is.null(page$title)) one("title", page$title),
    unlist(lapply(page$authors, one, key = "author"))
  )
}

page_format <- function(page, folder) {
  head <- file.path(folder, "head.html")
  part <- function(name) {
    readLines(system.file("rmarkdown", name, package = "oligosurv"), encoding = "UTF-8")
  }
  writeLines(c("<style>", part("page.css"), "</style>"), head)
  foot <- file.path(folder, "foot.html")
  writeLines(c("<script>", part("page.js"), "</script>"), foot)
  notice <- file.path(folder, "notice.html")
  text <- sprintf(
    "<div class=\"notice\" role=\"note\"><p><strong>%s</strong> %s</p></div>",
    notice_text[1L], notice_text[2L]
  )
  write_text(if (is_invented(page$study)) text else character(), notice)
  # pandoc renamed these options and warns about the old names
  since <- rmarkdown::pandoc_available
  inside <- if (since("2.19")) "--embed-resources" else "--self-contained"
  no_colours <- if (since("3.8")) "--syntax-highlighting=none" else "--no-highlight"
  rmarkdown::output_format(knitr = NULL,
    pandoc = rmarkdown::pandoc_options(to = "html5", from = "markdown", args = c(
      "--standalone", inside, "--toc", "--toc-depth=2", no_colours, "--wrap=none",
      "--template",
      system.file("rmarkdown/page.html", package = "oligosurv"),
      "--include-in-header", head, "--include-before-body", notice,
      "--include-after-body", foot
    ))
  )
}

# In Word a filter writes the table of contents, because Word itself does so only on
# request. Figures and tables of a PDF stay at their place in the text and are numbered
# once.
paper_format <- function(kind, engine, folder, text = character()) {
  word <- kind == "docx"
  head <- file.path(folder, "head.tex")
  write_text(c(latex_head, sign_head(text), cjk_head(cjk_characters(text), engine)), head)
  rmarkdown::output_format(knitr = NULL, clean_supporting = FALSE,
    pandoc = rmarkdown::pandoc_options(
      to = if (word) "docx" else "latex", from = "markdown",
      ext = if (word) ".docx" else ".tex",
      latex_engine = if (word) "pdflatex" else engine,
      args = c("--standalone", "--lua-filter",
        system.file("rmarkdown/contents.lua", package = "oligosurv"), if (!word) {
        c("--toc", "--toc-depth=2", "--include-in-header", head,
          "-V", "geometry:margin=2cm", "-V", "papersize:a4"
        )
      })
    )
  )
}

# Inserts `notice_text` as the first paragraph after the YAML header of the template
with_notice <- function(lines) {
  rule <- grep("^(---|[.]{3})\\s*$", lines)
  after <- if (length(rule) > 1L && rule[1L] == 1L) rule[2L] else 0L
  append(lines, c("", sprintf("**%s** %s", notice_text[1L], notice_text[2L]), ""), after)
}

# The first paragraph of a report on the invented patients of `hcc_sbrt`, for every
# template
notice_text <- c(
  "The patients in this report are invented.",
  paste(
    "Only the published summary statistics that they reproduce are real: Song Z et al.,",
    "J Hepatocell Carcinoma 2025;12:1097\u20131110. Never use this report as evidence."
  )
)

# TRUE if all patients are from `hcc_sbrt`. They are invented, and the report must say so.
is_invented <- function(study) {
  key <- function(x) paste(x$patient_id, x$sbrt_start, x$last_contact)
  all(key(study$patients) %in% key(oligosurv::hcc_sbrt$patients))
}
