#' Tables to files, documents and tinytable
#'
#' `save_table()` writes a result as a table in the format given by the extension of the
#' file: `.html`, `.docx` (a native Word table, with the styles of Word), `.tex` or `.md`.
#' The file is written whole or not at all. `as_tinytable()` passes the table to the
#' package tinytable, whose functions style it further and save it.
#'
#' The HTML is self-contained, loads nothing and runs no script. The LaTeX code needs no
#' package. Writing a Word file needs the program pandoc and the package rmarkdown.
#' @param x A result, as in [result_table()], or a `result_table`.
#' @param file Path of the file; an earlier file is replaced.
#' @param ... Arguments of [result_table()], such as `times`, `unit` and `style`.
#' @return `save_table()`: the path of the file, invisibly. `as_tinytable()`: a table of
#'   tinytable, whose text is escaped for the format in which it is saved.
#' @section Errors: `oligosurv_error_input` for a file with another extension or a folder
#'   that does not exist; `oligosurv_error_dependency` if tinytable, rmarkdown or pandoc
#'   is not installed; `oligosurv_error_data` if `as_tinytable()` gets a table without
#'   rows.
#' @seealso [result_table()], [save_figure()]
#' @examples
#' fit <- kaplan_meier(Surv(time, status) ~ cohort, endpoint(hcc_sbrt, "os"))
#' file <- tempfile(fileext = ".md")
#' save_table(fit, file, times = 12, unit = "months")
#' writeLines(readLines(file))
#' @export
save_table <- function(x, file, ...) {
  check_path(file, "file")
  kind <- file_kind(file)
  if (!kind %in% c("html", "htm", "docx", "tex", "md")) {
    stop_oligosurv("input", sprintf(
      "`file` must end in .html, .docx, .tex or .md; it is \"%s\"", file
    ), arg = "file")
  }
  check_folder_of(file)
  x <- result_table(x, ...)
  made <- tempfile(fileext = paste0(".", kind))
  on.exit(unlink(made))
  if (kind == "docx") {
    word_file(x, made)
  } else {
    lines <- switch(kind, tex = table_latex(x), md = table_markdown(x), html_page(x))
    write_text(lines, made)
  }
  replace_file(made, file)
  invisible(file)
}

check_folder_of <- function(file) {
  if (nzchar(file) && !dir.exists(file) && dir.exists(dirname(file))) return(invisible())
  stop_oligosurv("input", sprintf(
    "`file` must be the path of a file in a folder that exists; it is \"%s\"", file
  ), arg = "file")
}

html_page <- function(x) {
  c(
    "<!DOCTYPE html>", "<html lang=\"en\"><head><meta charset=\"utf-8\">",
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">",
    sprintf("<title>%s</title>", html_escape(flat_text(c(x$caption, "")))),
    "<style>body{font:16px/1.4 Helvetica,Arial,sans-serif;color:#1a1a1a;margin:1rem}",
    "</style></head><body><main>", table_html(x), "</main></body></html>"
  )
}

word_file <- function(x, file) {
  need_package("rmarkdown", "a table in Word")
  check_pandoc("a table in Word")
  input <- tempfile(fileext = ".md")
  on.exit(unlink(input))
  write_text(raw_block(table_word(x), "openxml"), input)
  convert_by_pandoc("the table")(file, input, "docx", "markdown")
}

# A raw block, which pandoc copies unchanged. Its fence is longer than any inside it.
raw_block <- function(lines, format) {
  text <- paste(lines, collapse = "\n")
  inside <- regmatches(text, gregexpr("`{3,}", text))[[1L]]
  fence <- strrep("`", max(3L, nchar(inside) + 1L))
  paste0("\n\n", fence, "{=", format, "}\n", text, "\n", fence, "\n\n")
}

#' @rdname save_table
#' @export
as_tinytable <- function(x, ...) {
  need_package("tinytable", "as_tinytable()")
  x <- result_table(x, ...)
  body <- x$body
  if (!nrow(body) || !length(body)) {
    stop_oligosurv("data", paste(
      "the table has no rows or no columns, and tinytable cannot make such a table;",
      "result_table() and save_table() can"
    ), arg = "x")
  }
  body[] <- lapply(body, flat_cell)
  table <- tinytable::tt(body,
    caption = if (length(x$caption)) x$caption, notes = as.list(x$notes)
  )
  number <- which(!names(body) %in% x$left)
  if (length(number)) table <- tinytable::style_tt(table, j = number, align = "r")
  # `escape` makes tinytable escape Markdown
  table <- tinytable::format_tt(table, escape = TRUE)
  table <- tinytable::format_tt(table, fn = markdown_escape, output = "markdown")
  # `portable`: the page is self-contained and loads nothing from the network
  tinytable::theme_html(table, portable = TRUE)
}

# Prints a result in R Markdown or Quarto, in the output format of the document.
#' @rawNamespace
#' S3method(knitr::knit_print, result_table, table_knit)
#' S3method(knitr::knit_print, oligosurv_fit, table_knit)
#' S3method(knitr::knit_print, oligosurv_test, table_knit)
#' S3method(knitr::knit_print, oligosurv_contrast, table_knit)
#' S3method(knitr::knit_print, oligosurv_score, table_knit)
#' S3method(knitr::knit_print, pairwise_test, table_knit)
#' S3method(knitr::knit_print, hazard_ratio, table_knit)
#' S3method(knitr::knit_print, one_sample_test, table_knit)
#' S3method(knitr::knit_print, response_rate, table_knit)
#' S3method(knitr::knit_print, response_difference, table_knit)
#' S3method(knitr::knit_print, dose_response, table_knit)
#' S3method(knitr::knit_print, toxicity_table, table_knit)
#' S3method(knitr::knit_print, failure_pattern, table_knit)
#' S3method(knitr::knit_print, baseline_table, table_knit)
#' S3method(knitr::knit_print, flow_table, table_knit)
#' S3method(knitr::knit_print, dose_table, table_knit)
#' S3method(knitr::knit_print, omd_class, table_knit)
#' S3method(knitr::knit_print, sample_size, table_knit)
#' S3method(knitr::knit_print, event_table, table_knit)
#' S3method(knitr::knit_print, state_occupation, table_knit)
#' S3method(knitr::knit_print, state_table, table_knit)
table_knit <- function(x, ...) {
  x <- result_table(x)
  to <- knitr::opts_knit$get("rmarkdown.pandoc.to")
  word <- identical(to, "docx")
  text <- if (word) {
    raw_block(table_word(x), "openxml")
  } else if (knitr::is_latex_output()) {
    raw_block(table_latex(x), "latex")
  } else if (knitr::is_html_output() && !any(grepl("^(gfm|markdown|commonmark)", to))) {
    raw_block(table_html(x), "html")
  } else {
    paste0("\n\n", paste(table_markdown(x), collapse = "\n"), "\n\n")
  }
  knitr::asis_output(text)
}
