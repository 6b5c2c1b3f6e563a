# Tables, text and figures of the report in the output format of the document: HTML, Word
# or LaTeX.

report_format <- function(to = knitr::opts_knit$get("rmarkdown.pandoc.to")) {
  if (identical(to, "docx")) return("word")
  if (any(grepl("latex|beamer", to))) "latex" else "html"
}

# A table with a caption; its first column names the rows. Columns of numbers are
# right-aligned, columns named in `text` left-aligned. `x` may also be a result with a
# result_table() method.
report_table <- function(x, caption = NULL, note = NULL, text = character(),
                         to = report_format()) {
  table <- if (is.data.frame(x) && !inherits(x, "sbrt_table")) {
    new_result_table(x, caption, note, text)
  } else {
    retitle(result_table(x), caption, note)
  }
  table$body[] <- lapply(table$body, function(cell) {
    cell <- sub("\\b(cm|mm)3\\b", "\\1\u00b3", cell)
    sub("^-(?=[0-9.])", "\u2212", cell, perl = TRUE)
  })
  names(table$body) <- keep_counts(unbroken(names(table$body)))
  table$left <- keep_counts(unbroken(table$left))
  table$body[] <- lapply(table$body, keep_counts)
  table[c("caption", "notes")] <- lapply(table[c("caption", "notes")], curved)
  parts <- if (to == "html") list(table) else column_parts(table)
  knitr::asis_output(switch(to,
    word = raw_block(unlist(lapply(parts, table_word)), "openxml"),
    latex = raw_block(unlist(lapply(parts, report_latex)), "latex"),
    raw_block(table_html(table, inline = FALSE), "html")
  ))
}

# A table with a column for each of many groups, whose type would be too small on a page
# or whose words would be broken, is divided: each part has the labels of the rows and
# some of the groups. The notes are below the last part.
column_parts <- function(table) {
  first <- grep("^All( |$)", names(table$body))
  if (!length(first)) return(list(table))
  values <- seq(first[1L], ncol(table$body))
  for (k in seq_along(values)) {
    set <- split(values, ceiling(seq_along(values) * k / length(values)))
    parts <- lapply(unname(set), function(columns) {
      part <- table
      part$body <- table$body[c(seq_len(first[1L] - 1L), columns)]
      part
    })
    fit <- all(vapply(parts, function(part) fits_page(part$body), NA))
    if (fit) break
  }
  if (!fit) return(list(table)) # one column alone is too wide
  for (i in seq_along(parts)) {
    if (i > 1L) parts[[i]]$caption <- paste(flat_text(table$caption), "(continued)")
    if (i < length(parts)) parts[[i]]$notes <- character()
  }
  parts
}

# Is the type 7 points or larger, with no word or number broken, and, where the cells are
# in one line, as in LaTeX, 6 points or larger?
fits_page <- function(body) {
  layout <- word_layout(body)
  line <- sum(vapply(body, function(cell) max(0, text_em(flat_cell(cell))) * 9 + 12, 0))
  layout$fits && layout$half_points >= 14L && line <= 1.5 * page_twips / 20
}

# A table of the PDF stays at its place in the text; one of more than 24 lines is divided
# into several, because the page before a long table would be empty
report_latex <- function(table, most = 24L) {
  lines <- latex_lines(table$body)
  n <- length(lines)
  pages <- ceiling(sum(lines) / most)
  parts <- split(seq_len(n), ceiling(cumsum(lines) / sum(lines) * pages))
  if (!length(parts)) parts <- list(integer())
  lines <- lapply(seq_along(parts), function(i) {
    part <- table
    part$body <- table$body[parts[[i]], , drop = FALSE]
    if (i > 1L && length(part$caption)) {
      part$caption <- paste(flat_text(part$caption), "(continued)")
    }
    if (i > 1L) part$body[1L, ] <- repeated_labels(table$body, parts[[i]][1L])
    if (i < length(parts)) part$notes <- character()
    place_latex(table_latex(part, scale = TRUE), ncol(table$body))
  })
  unlist(lines)
}

# Row `i` of a table, with the label of the rows above if it has none of its own
repeated_labels <- function(body, i) {
  row <- body[i, , drop = FALSE]
  above <- body[seq_len(i), 1L]
  if (!is.na(row[[1L]]) && !nzchar(row[[1L]]) && any(nzchar(above))) {
    row[[1L]] <- utils::tail(above[nzchar(above)], 1L)
  }
  row
}

# Number of lines of each row in a page of LaTeX, where columns of more than 40 letters
# have about as many in a line
latex_lines <- function(body) {
  lines <- lapply(body, function(cell) ceiling(text_columns(flat_cell(cell)) / 40))
  do.call(pmax, c(list(rep(1, nrow(body))), lines))
}

# Keeps a table at its place in the text. In a table of three columns, two columns of long
# text share the line.
place_latex <- function(lines, columns) {
  swap <- c(
    "[htbp]" = "[H]", "\\begin{minipage}" = "\\smallskip\\begin{minipage}",
    if (columns == 3L) c("p{0.30\\linewidth}" = "p{0.42\\linewidth}")
  )
  for (old in names(swap)) lines <- gsub(old, swap[[old]], lines, fixed = TRUE)
  lines
}

# Paragraphs in Markdown, with their text escaped; empty texts are skipped.
paragraphs <- function(...) {
  text <- c(...)
  c(rbind(report_escape(text[nzchar(text)]), ""))
}

bullets <- function(...) c("", paste("-", report_escape(c(...))), "")

# Text in Markdown with curved quotes, because LaTeX sets straight quotes and backticks as
# opening or closing quotes. A page must not break a date after one of its hyphens.
report_escape <- function(x) {
  x <- markdown_escape(gsub("`([^`]*)`|\"([^\"]*)\"", "\u201c\\1\\2\u201d", x))
  gsub("\\b([0-9]{4}-[0-9]{2}-[0-9]{2})\\b", "[\\1]{.label}", x, perl = TRUE)
}

# The apostrophe of "Gray's test" as in the text of the report, where pandoc curves it
curved <- function(x) gsub("(?<=[[:alpha:]])'(?=[[:alpha:]])", "\u2019", x, perl = TRUE)

# Uses non-breaking spaces in units and in the words of an interval, so that the heading
# of a column is not broken there
unbroken <- function(x) {
  x <- gsub("(95% CI)", "(95%\u00a0CI)", x, fixed = TRUE)
  x <- gsub(", %", ",\u00a0%", x, fixed = TRUE)
  x <- sub("P (PH)", "P\u00a0(PH)", x, fixed = TRUE)
  gsub("\\b(At) ([0-9]+) (months)\\b", "\\1\u00a0\\2\u00a0\\3", x)
}

report_text <- function(lines) {
  knitr::asis_output(paste0("\n\n", paste(lines, collapse = "\n"), "\n\n"))
}

report_heading <- function(text, level = 2L) {
  report_text(paste(strrep("#", level), markdown_escape(text)))
}

# One figure, drawn by `code`, an expression that uses only `study` and functions of this
# package, so that the appendix can show it. Figures are numbered in order of appearance.
# `published`: the name of the same figure in the publication, used in the report on the
# published study. `most`: usual height on a page of Word or PDF, in inches.
report_figure <- function(code, caption, alt, env, published = NULL, csv = NULL,
                          most = 4.1, to = report_format()) {
  known <- list(
    study = env$study, theme = figure_theme(), autoplot = ggplot2::autoplot
  )
  plot <- eval(code, known, topenv())
  number <- length(env$figures) + 1L
  if (isTRUE(env$is_published) && !is.null(published)) {
    caption <- sprintf("%s Corresponds to Figure %s of the publication.", caption,
      published
    )
  }
  caption <- sprintf("Figure %d. %s", number, caption)
  env$figures[[number]] <- list(caption = caption, code = code)
  # A page of Word stays partly empty if the next figure does not fit. Lower and smaller
  # figures leave less of it empty, with type of 7.7 points.
  most <- switch(to, html = 4.6, word = 0.88 * most, most)
  height <- report_height(plot, code, most)
  if (to == "html") {
    return(html_figure(plot, caption, alt, height = height, csv = csv, number = number))
  }
  file <- tempfile("figure-", env$folder, if (to == "latex") ".pdf" else ".png")
  draw_plot(plot, file, height = height)
  sprintf("![%s](%s \"%s\"){width=%dcm}", markdown_escape(caption), basename(file),
    gsub("[\"\\\\]", "'", alt), if (to == "word") 10L else 11L
  )
}

# Height in inches of a figure that fills a page of PDF, where figures are 11 cm wide
page_height <- 10.8

# Height of a figure in inches. A diagram with few boxes gets the height of these boxes,
# so that there is no empty space above its caption. A figure of many groups, or with long
# labels, becomes higher than `usual`, so that its panel is not too flat for the title of
# its axis.
report_height <- function(plot, code, usual = 4.6) {
  if (is.call(code) && identical(code[[1L]], quote(flow_plot))) {
    return(min(usual, natural_height(plot, 5.6 * 25.4) / 25.4 + 0.1))
  }
  if (is.null(plot)) return(usual)
  # the title of the vertical axis, in type of 11 points, is not cut off
  title <- unlist(strsplit(as.character(c(plot$labels$y, "")), "\n", fixed = TRUE))
  flat <- max(0.28, text_em(title) * 11 / 72 / 5.6)
  min(curve_height(5.6 * 25.4, plot, 25.4 * usual, flat) / 25.4, page_height)
}

# Figures next to each other if the page is wide enough; NULL arguments are skipped.
report_figures <- function(..., to = report_format()) {
  figures <- unlist(list(...))
  if (!length(figures)) return(knitr::asis_output(""))
  if (to == "html") {
    return(knitr::asis_output(
      raw_block(c("<div class=\"figures\">", figures, "</div>"), "html")
    ))
  }
  report_text(c(rbind(figures, "")))
}

# The code of all figures so far, as R code that can be run; it begins with library() and
# read_study(). The code of each figure is a block of its own, which no page divides.
figure_code <- function(figures, study = NULL, to = report_format()) {
  first <- c(
    "library(oligosurv)", "library(ggplot2)",
    paste("study <-", reading_code(study)), "theme <- theme_oligosurv(base_size = 11)"
  )
  each <- lapply(figures, function(figure) {
    c(paste("#", sub("[.] .*", "", figure$caption)), code_lines(figure$code))
  })
  report_text(unlist(lapply(c(list(first), each), code_block, to = to)))
}

code_block <- function(lines, to) {
  if (to == "word") return(c(raw_block(word_code(lines), "openxml"), ""))
  fence <- strrep("`", 12L)
  c(paste0(fence, "r"), lines, fence, "")
}

# A paragraph of code in Word, whose lines stay on one page
word_code <- function(lines) {
  lines <- unlist(strsplit(lines, "\n", fixed = TRUE))
  runs <- sprintf(
    paste0(
      "<w:r><w:rPr><w:rStyle w:val=\"%s\"/></w:rPr>",
      "<w:t xml:space=\"preserve\">%s</w:t></w:r>"
    ), ifelse(startsWith(lines, "#"), "CommentTok", "VerbatimChar"), xml_escape(lines)
  )
  sprintf(
    "<w:p><w:pPr><w:pStyle w:val=\"SourceCode\"/><w:keepLines/></w:pPr>%s</w:p>",
    paste(runs, collapse = "<w:r><w:br/></w:r>")
  )
}

# The call that reads this study, with the arguments with which it was read
reading_code <- function(study) {
  cutoff <- if (!is.null(study$cutoff)) format(study$cutoff)
  arguments <- c(
    list("folder-of-the-study", cutoff = cutoff),
    lapply(attr(study, "reading")$given, call_of_values)
  )
  call <- as.call(c(list(quote(read_study)), Filter(Negate(is.null), arguments)))
  paste(code_lines(call), collapse = "\n")
}

# A list or a vector as the call that makes it, so that code_lines() can break it between
# its elements and not inside a text
call_of_values <- function(x) {
  if (is.null(x) || length(x) == 1L && is.atomic(x) && is.null(names(x))) return(x)
  maker <- if (is.list(x)) quote(list) else quote(c)
  as.call(c(list(maker), lapply(as.list(x), call_of_values)))
}

# Code in lines that a page of Word and PDF has room for: a longer call is broken between
# its arguments, as people write it, where deparse() would break it anywhere. Code in
# braces is written without them.
code_lines <- function(code, room = 68L) {
  if (is.call(code) && identical(code[[1L]], quote(`{`))) {
    return(unlist(lapply(as.list(code)[-1L], code_lines, room)))
  }
  lines <- deparse(code, width.cutoff = 500L)
  if (length(lines) == 1L && nchar(lines) <= room || !is.call(code)) return(lines)
  head <- deparse(code[[1L]])
  if (head == "<-") {
    name <- paste(deparse(code[[2L]]), "<- ")
    lines <- code_lines(code[[3L]], room - nchar(name))
    return(c(paste0(name, lines[1L]), lines[-1L]))
  }
  if (!grepl("^[[:alpha:]][[:alnum:]._]*$", head)) return(deparse(code))
  arguments <- as.list(code)[-1L]
  given <- names(arguments)
  if (is.null(given)) given <- character(length(arguments))
  parts <- vapply(seq_along(arguments), function(i) {
    name <- if (nzchar(given[i])) paste(name_code(given[i]), "= ")
    text <- code_lines(arguments[[i]], room - 3L - sum(nchar(name)))
    paste0(name, paste(text, collapse = "\n"), if (i < length(arguments)) ",")
  }, "")
  inside <- Reduce(function(lines, part) {
    longer <- paste(lines[length(lines)], part)
    alone <- nchar(longer) > room - 2L || grepl("\n", longer, fixed = TRUE)
    if (alone) c(lines, part) else c(lines[-length(lines)], longer)
  }, parts)
  inside <- unlist(strsplit(inside, "\n", fixed = TRUE))
  c(paste0(head, "("), paste0("  ", inside), ")")
}

figure_theme <- function() theme_oligosurv(base_size = 11)
