# Changes pkgdown's pages: writes formulas as MathML, which needs no script; takes scripts
# from the site instead of other servers; lets the keyboard scroll tables and code.

read_page <- function(file) paste(readLines(file, encoding = "UTF-8"), collapse = "\n")

all_matches <- function(pattern, text) {
  unlist(regmatches(text, gregexpr(pattern, text, perl = TRUE)))
}

# TeX between \( and \), \[ and \], or double dollars, without an HTML tag: otherwise \(x)
# in R code, where tags mark the syntax, would look like the start of a formula
formula_pattern <- paste(
  "\\\\\\([^<]*?\\\\\\)", "\\\\\\[[^<]*?\\\\\\]", "\\$\\$[^<$]*?\\$\\$", sep = "|"
)

# Converts all formulas to MathML by one call of pandoc
as_mathml <- function(formulas) {
  tex <- gsub("\\s+", " ", substr(formulas, 3, nchar(formulas) - 2))
  tex <- gsub("&amp;", "&", gsub("&gt;", ">", gsub("&lt;", "<", tex)))
  display <- !startsWith(formulas, "\\(")
  mark <- ifelse(display, "$$", "$")
  input <- tempfile(fileext = ".md")
  output <- tempfile(fileext = ".html")
  writeLines(enc2utf8(paste0(mark, trimws(tex), mark, "\n")), input, useBytes = TRUE)
  rmarkdown::pandoc_convert(input, "html5", "markdown", output, options = "--mathml")
  made <- all_matches("(?s)<math.*?</math>", read_page(output))
  stopifnot(length(made) == length(formulas))
  # brackets around an index are not stretched beyond the line
  made[!display] <- gsub("stretchy=\"true\"", "stretchy=\"false\"", made[!display])
  long <- !display & nchar(tex) > 45
  made[long] <- sprintf("<span class=\"long\" tabindex=\"0\">%s</span>", made[long])
  made[display] <- sprintf(
    "<span class=\"formula\" tabindex=\"0\">%s</span>", made[display]
  )
  made
}

# Scripts that pkgdown loads from other servers: the end of the address there, and the
# path of the same file in node_modules
web_files <- c(
  "mark.js/8.11.1/mark.min.js" = "mark.js/dist/mark.min.js",
  "headroom/0.11.0/headroom.min.js" = "headroom.js/dist/headroom.min.js",
  "headroom/0.11.0/jQuery.headroom.min.js" = "headroom.js/dist/jQuery.headroom.min.js",
  "fuse.js/6.4.6/fuse.js" = "fuse.js/dist/fuse.min.js",
  "clipboard.js/2.0.6/clipboard.min.js" = "clipboard/dist/clipboard.min.js",
  "autocomplete.js/0.38.0/autocomplete.jquery.min.js" =
    "autocomplete.js/dist/autocomplete.jquery.min.js"
)

# Makes the list of headings next to a page, in place of the script bootstrap-toc, which
# pkgdown would load from another server
contents_script <- "window.Toc = { init: function (options) {
  var list = document.createElement('ul');
  list.className = 'nav flex-column';
  options.$scope.filter('h2, h3').each(function (place) {
    this.id = this.id || 'heading-' + place;
    var item = document.createElement('li');
    var link = document.createElement('a');
    link.className = this.tagName === 'H3' ? 'nav-link deeper' : 'nav-link';
    link.href = '#' + this.id;
    link.textContent = this.firstChild.textContent;
    item.appendChild(link);
    list.appendChild(item);
  });
  options.$nav.append(list);
} };"

take_web_files <- function(site, modules) {
  to <- file.path(site, "deps", "web")
  dir.create(to, recursive = TRUE)
  writeLines(contents_script, file.path(to, "contents.js"))
  there <- file.exists(file.path(modules, web_files))
  file.copy(file.path(modules, web_files[there]), to)
  web_files[there]
}

mend_page <- function(html, up, taken, formulas, mathml) {
  html <- gsub("(?s)<!--\\[if lt IE 9\\]>.*?<!\\[endif\\]-->", "", html, perl = TRUE)
  html <- gsub("<script src=\"[^\"]*[Mm]ath[Jj]ax[^\"]*\"[^>]*></script>", "", html)
  html <- gsub("<link[^>]*font-awesome[^>]*>", "", html)
  html <- gsub(
    "https://cdn[^\"]*bootstrap-toc.min.js", paste0(up, "deps/web/contents.js"), html
  )
  for (i in seq_along(taken)) {
    html <- gsub(paste0("https://[^\"]*", names(taken)[i]),
      paste0(up, "deps/web/", basename(taken[i])), html
    )
  }
  # Removes checksums of files on other servers; they do not match the local copies
  html <- gsub(
    "(src=\"[^\":]*\") integrity=\"[^\"]*\"( crossorigin=\"anonymous\")?", "\\1", html
  )
  html <- gsub("<img src=\"\" class=\"logo\" alt=\"\">", "", html, fixed = TRUE)
  html <- gsub("(<table[^>]*class=\"table[^\"]*\")", "\\1 tabindex=\"0\"", html)
  html <- gsub("<pre( tabindex=\"0\")?", "<pre tabindex=\"0\"", html)
  html <- gsub("aria-label=\"Toggle navigation\" name=\"search-input\"",
    "aria-label=\"Search\" name=\"search-input\"", html,
    fixed = TRUE
  )
  for (i in seq_along(formulas)) html <- gsub(formulas[i], mathml[i], html, fixed = TRUE)
  html
}

mend_site <- function(site, modules = ".build/browser/node_modules") {
  pages <- list.files(site, "[.]html$", recursive = TRUE)
  html <- lapply(file.path(site, pages), read_page)
  formulas <- unique(all_matches(formula_pattern, unlist(html)))
  formulas <- formulas[order(-nchar(formulas))]
  mathml <- if (length(formulas)) as_mathml(formulas)
  taken <- take_web_files(site, modules)
  up <- strrep("../", lengths(strsplit(pages, "/")) - 1)
  Map(function(text, page, up) {
    text <- mend_page(text, up, taken, formulas, mathml)
    writeLines(enc2utf8(text), file.path(site, page), useBytes = TRUE)
  }, html, pages, up)
  invisible(pages)
}
