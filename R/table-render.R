# Writes a result_table in each format. Text from the data is escaped here.

# Inline styles make the table look the same in every page
inline_styles <- list(
  table = paste0(
    "border-collapse:collapse;font-variant-numeric:tabular-nums;margin:0;width:auto;",
    "display:table"
  ),
  caption = paste0(
    "text-align:left;font-weight:600;padding:0 0 .4em;caption-side:top;color:inherit"
  ),
  head = "border-bottom:1px solid;border-top:1.5px solid;font-weight:600",
  cell = "padding:.25em 1em .25em 0;vertical-align:top;font-weight:400;border:0",
  last = "border-bottom:1.5px solid",
  note = "font-size:.88em;margin:.3em 0 0"
)

# Writes an HTML table. With `inline = FALSE` it has classes instead of styles, for a page
# with a style sheet. A table that is too wide can be scrolled; `tabindex` makes this
# possible with the keyboard.
table_html <- function(x, inline = TRUE) {
  style <- function(...) {
    if (inline) sprintf(" style=\"%s\"", paste(c(...), collapse = ";")) else ""
  }
  body <- x$body
  number <- !names(body) %in% x$left
  side <- ifelse(number, "text-align:right", "text-align:left")
  class <- ifelse(number, " class=\"number\"", "")
  # a column of short labels such as "centre A" is as wide as these
  short <- !number & vapply(body, function(v) max(0L, nchar(v)) <= 10L, NA)
  body_class <- if (inline) class else ifelse(short, " class=\"label\"", class)
  head_style <- vapply(side, style, "", inline_styles$cell, inline_styles$head)
  # A short label such as OP-N stays on one line.
  label <- ifelse(nchar(names(body)) > 8L, "", " class=\"label\"")
  head <- sprintf(
    "<th scope=\"col\"%s%s><span%s>%s</span></th>", class, head_style, label,
    ifelse(nzchar(label), html_escape(names(body)), html_labels(names(body)))
  )
  cell_style <- vapply(side, style, "", inline_styles$cell)
  rows <- vapply(seq_len(nrow(body)), function(i) {
    cells <- html_cell(vapply(body, `[`, "", i), !inline & !number & !short)
    head <- seq_along(cells) == 1L & nzchar(cells)
    open <- ifelse(head, "th scope=\"row\"", "td")
    close <- ifelse(head, "th", "td")
    cells <- sprintf("<%s%s%s>%s</%s>", open, body_class, cell_style, cells, close)
    last <- if (i == nrow(body)) style(inline_styles$last) else ""
    paste0("<tr", last, ">", paste(cells, collapse = ""), "</tr>")
  }, "")
  name <- if (length(x$caption)) html_escape(flat_text(x$caption)) else "Table"
  c(
    sprintf("<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"%s\"%s>",
      name, style("overflow-x:auto;max-width:100%;margin:1em 0")
    ),
    sprintf("<table%s>", style(inline_styles$table)),
    if (length(x$caption)) {
      sprintf("<caption%s>%s</caption>", style(inline_styles$caption),
        html_escape(x$caption)
      )
    },
    paste0("<thead><tr>", paste(head, collapse = ""), "</tr></thead>"),
    "<tbody>", rows, "</tbody>", "</table>",
    sprintf("<p class=\"note\"%s>%s</p>", style(inline_styles$note),
      html_escape(x$notes)
    ), "</div>"
  )
}

flat_text <- function(x) paste(gsub("\\s+", " ", x), collapse = " ")

# In pandoc and on GitHub a backslash before ASCII punctuation makes it literal. This
# escapes characters that are special anywhere, dashes and points that would be combined
# to one character, and markers that begin a list.
markdown_escape <- function(x) {
  x <- gsub("[\r\n]+", " ", enc2utf8(as.character(x)))
  x <- gsub("([\\\\`*_{}<>|~^$@&!#\"'\\[\\]])", "\\\\\\1", x, perl = TRUE)
  x <- gsub("([-.])(?=\\1)", "\\\\\\1", x, perl = TRUE)
  x <- gsub(":(?=[^ ])", "\\\\:", x, perl = TRUE)
  x <- sub("^( *)([-+:%(])", "\\1\\\\\\2", x)
  sub("^( *[[:alnum:]]{1,9})([.)])", "\\1\\\\\\2", x)
}

table_markdown <- function(x) {
  row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
  body <- lapply(x$body, function(v) markdown_escape(flat_cell(v)))
  side <- ifelse(names(x$body) %in% x$left, ":---", "---:")
  c(
    if (length(x$caption)) c(sprintf("**%s**", markdown_escape(x$caption)), ""),
    row(markdown_escape(names(x$body))), row(side),
    vapply(seq_len(nrow(x$body)), function(i) row(vapply(body, `[`, "", i)), ""),
    unlist(lapply(markdown_escape(x$notes), function(note) c("", note)))
  )
}

latex_escape <- function(x) {
  special <- c(
    "\\" = "\\textbackslash{}", "{" = "\\{", "}" = "\\}",
    "&" = "\\&", "%" = "\\%", "$" = "\\$", "#" = "\\#", "_" = "\\_",
    "~" = "\\textasciitilde{}", "^" = "\\textasciicircum{}", "<" = "\\textless{}",
    ">" = "\\textgreater{}", "|" = "\\textbar{}", "\"" = "\\textquotedbl{}",
    "`" = "\\textasciigrave{}", "'" = "\\textquotesingle{}",
    "\u2212" = "\\ensuremath{-}", "\u2013" = "--", "\u00a0" = "~",
    "\u00b7" = "\\ensuremath{\\cdot}",
    # at the start of a line LaTeX reads these as arguments of the line break before it
    "[" = "{[}", "]" = "{]}", "*" = "{*}"
  )
  x <- gsub("[\r\n]+", " ", enc2utf8(x))
  # replaces one character at a time, so that replacements are not escaped again
  vapply(strsplit(x, ""), function(letters) {
    known <- match(letters, names(special))
    letters[!is.na(known)] <- special[known[!is.na(known)]]
    paste(letters, collapse = "")
  }, "", USE.NAMES = FALSE)
}

# Headings of a LaTeX table. A heading longer than its cells takes several lines; in a
# wide table short headings do too.
latex_heads <- function(body, kind) {
  cells <- vapply(body, function(v) max(0L, text_columns(flat_cell(v))), 0L)
  room <- pmax(cells, if (sum(pmax(cells, 8L)) > 90L) 4L else 8L)
  vapply(seq_along(body), function(j) {
    lines <- latex_escape(strwrap(names(body)[j], room[j] + 1L))
    if (length(lines) < 2L) return(latex_escape(names(body)[j]))
    sprintf("\\shortstack[%s]{\\rule{0pt}{2.6ex}%s}", if (kind[j] == "r") "r" else "l",
      paste(lines, collapse = "\\\\")
    )
  }, "")
}

# Sets \tablebody into box 0. If the table is wider than the line, it is set again with
# smaller type and less space. With `scale` it is scaled instead, which needs the LaTeX
# package graphicx.
latex_box <- function(scale) {
  if (scale) {
    width <- "\\ifdim\\width>\\linewidth\\linewidth\\else\\width\\fi"
    return(sprintf("\\setbox0=\\hbox{\\resizebox{%s}{!}{\\tablebody}}", width))
  }
  c(
    "\\setbox0=\\hbox{\\tablebody}%",
    "\\ifdim\\wd0>\\linewidth\\footnotesize\\tabcolsep=3pt",
    "\\setbox0=\\hbox{\\tablebody}\\fi",
    "\\ifdim\\wd0>\\linewidth\\scriptsize\\tabcolsep=2pt",
    "\\setbox0=\\hbox{\\tablebody}\\fi"
  )
}

# Writes a LaTeX table that needs no LaTeX package, unless with `scale`. Columns of long
# text get a fixed width, so that the table fits the page. The table is first set into a
# box, so that its notes can be as wide as the table, or 60% of the line if that is more.
table_latex <- function(x, scale = FALSE) {
  cells <- lapply(x$body, flat_cell)
  width <- vapply(cells, function(v) max(0L, text_columns(v)), 0L)
  wide <- width > 40L
  kind <- ifelse(names(x$body) %in% x$left, "l", "r")
  share <- pmin(0.6 / max(1L, sum(wide)), 0.011 * width[wide])
  kind[wide] <- sprintf("p{%.2f\\linewidth}", share)
  row <- function(v) paste0(paste(v, collapse = " & "), " \\\\")
  cells <- lapply(cells, latex_escape)
  # a short label such as OP-N is not torn at the end of a line
  cells[wide] <- lapply(cells[wide], function(v) {
    gsub(short_label, "\\\\mbox{\\1-\\2}", v, perl = TRUE)
  })
  body <- vapply(seq_len(nrow(x$body)), function(i) row(vapply(cells, `[`, "", i)), "")
  # struts keep the text off the rules
  above <- "\\rule{0pt}{2.6ex}"
  below <- "\\rule[-1.1ex]{0pt}{0pt}"
  head <- paste0(above, paste(latex_heads(x$body, kind), collapse = " & "), below)
  n <- length(body)
  if (n) {
    body[1L] <- paste0(above, body[1L])
    body[n] <- sub(" \\\\\\\\$", paste0(gsub("\\", "\\\\", below, fixed = TRUE),
      " \\\\\\\\"
    ), body[n])
  }
  c(
    "\\begin{table}[htbp]", "\\centering",
    "\\setlength{\\abovecaptionskip}{0pt}\\setlength{\\belowcaptionskip}{6pt}",
    if (length(x$caption)) sprintf("\\caption{%s}", latex_escape(x$caption)),
    "\\begingroup\\small", "\\def\\tablebody{%",
    sprintf("\\begin{tabular}{@{}%s@{}}", paste(kind, collapse = "")),
    "\\hline", paste0(head, " \\\\"), "\\hline", body, "\\hline",
    "\\end{tabular}}%", latex_box(scale), "\\dimen0=\\wd0",
    "\\ifdim\\dimen0<0.6\\linewidth\\dimen0=0.6\\linewidth\\fi",
    "\\ifdim\\dimen0>\\linewidth\\dimen0=\\linewidth\\fi", "\\leavevmode\\box0\\par",
    if (length(x$notes)) {
      c(
        "\\vspace{4pt}", "\\begin{minipage}{\\dimen0}\\footnotesize",
        paste0(latex_escape(x$notes), "\\par"), "\\end{minipage}"
      )
    }, "\\endgroup", "\\end{table}"
  )
}

# The content of a cell: its first line, and the other lines below it in smaller type.
# `whole`: the cells in which ranges must stay on one line
html_cell <- function(x, whole) {
  x <- ifelse(is.na(x), "", x)
  x <- ifelse(text_columns(x) > 40L, html_labels(x), html_escape(x))
  x[whole] <- html_ranges(x[whole])
  sub("\n(.*)$", "<br><span class=\"limits\">\\1</span>", x)
}

# A heading or cell in which short labels such as OP-N are not broken after their hyphen
html_labels <- function(x) {
  gsub(short_label, "<span class=\"label\">\\1-\\2</span>", html_escape(x), perl = TRUE)
}

short_label <- "(?<![[:alnum:]-])([[:alnum:]]{1,4})-([[:alnum:]]{1,3})(?![[:alnum:]-])"

# A date such as 2020-01-31 and a range such as 10-56 are not torn after a dash
html_ranges <- function(x) {
  gsub("(?<![[:alnum:]])([0-9][0-9.%]*(?:[-\u2013][0-9][0-9.%]*)+)",
    "<span class=\"label\">\\1</span>", x, perl = TRUE
  )
}
