# The PDF of a report by LaTeX: its preamble, and fonts for characters that the Latin font
# lacks.

# Returns an installed LaTeX engine; only these two can typeset every script
check_latex <- function(found = Sys.which(c("xelatex", "lualatex"))) {
  there <- names(found)[nzchar(found)]
  if (length(there)) return(there[1L])
  stop_oligosurv("dependency", paste(
    "a report as PDF needs LaTeX (xelatex or lualatex), which is not installed; install",
    "the package tinytex and run `tinytex::install_tinytex()`, or on Debian run as root",
    "`apt-get install texlive-xetex`; or write the report as .docx or .html"
  ), package = "tinytex")
}

# Figures and tables stay at their place in the text, begin at the margin like their
# captions, and are numbered once. The code of a figure stays on one page, and its long
# lines are broken, if the LaTeX packages for it are installed.
latex_head <- c(
  "\\usepackage{float}", "\\floatplacement{figure}{H}",
  "\\usepackage{caption}", "\\usepackage{graphicx}",
  "\\captionsetup{labelformat=empty,justification=raggedright,singlelinecheck=false}",
  "\\makeatletter\\g@addto@macro\\@floatboxreset{\\let\\centering\\raggedright}",
  "\\makeatother",
  # an interval in brackets stays on one line, which would stretch a justified line
  "\\AtBeginDocument{\\raggedright}",
  # a heading has room for a sentence and some rows of a table below it
  "\\newcommand{\\withroom}{\\par\\dimen0=\\pagegoal\\advance\\dimen0-\\pagetotal",
  "\\ifdim\\dimen0<14\\baselineskip\\newpage\\fi}",
  "\\let\\plainsection\\section\\renewcommand{\\section}{\\withroom\\plainsection}",
  "\\let\\plainsubsection\\subsection",
  "\\renewcommand{\\subsection}{\\withroom\\plainsubsection}",
  "\\IfFileExists{fancyvrb.sty}{\\usepackage{fancyvrb}\\fvset{samepage}}{}",
  "\\IfFileExists{fvextra.sty}{\\usepackage{fvextra}",
  "\\fvset{breaklines,breakanywhere,breaksymbolleft={}}}{}"
)

# Signs that labels of a study often have, such as "at least" and Greek letters, and that
# the Latin font of LaTeX lacks, as LaTeX commands of its font for formulas
latex_signs <- c(
  "2264" = "leq", "2265" = "geq", "2260" = "neq", "2248" = "approx", "221E" = "infty",
  "2190" = "leftarrow", "2192" = "rightarrow", "2191" = "uparrow", "2193" = "downarrow",
  "0394" = "Delta", "03B1" = "alpha", "03B2" = "beta", "03B3" = "gamma",
  "03B4" = "delta", "03BA" = "kappa", "03BB" = "lambda", "03BC" = "mu",
  "03C3" = "sigma", "03C7" = "chi"
)

# LaTeX code that sets those of these signs that occur in `text`. The characters are
# active, so that they work in tables, captions and code.
sign_head <- function(text, signs = latex_signs) {
  text <- enc2utf8(as.character(text))
  used <- sprintf("%04X", unique(codes_of(text[!is.na(text) & validUTF8(text)])))
  signs <- signs[names(signs) %in% used]
  sprintf("\\catcode\"%s=13 \\protected\\def^^^^%s{\\ensuremath{\\%s}}", names(signs),
    tolower(names(signs)), signs
  )
}

# LaTeX code that sets these characters in the first of these fonts that is installed;
# none if there are no such characters. Only XeLaTeX can change the font from one letter
# to the next. The font family is changed without a group, because a group could end
# inside a word. If a group of the text ends, the family is restored automatically.
cjk_head <- function(characters, engine, fonts = cjk_fonts()) {
  if (!length(characters) || !identical(engine, "xelatex")) return(character())
  choice <- "\\relax"
  for (font in rev(fonts)) {
    choice <- sprintf(
      "\\IfFontExistsTF{%s}{\\newfontfamily\\cjkletters[%s]{%s}}{%s}",
      font, "AutoFakeBold,AutoFakeSlant", font, choice
    )
  }
  between <- function(from, to, tokens) {
    sprintf("\\XeTeXinterchartoks %s %s={%s}", from, to, tokens)
  }
  begin <- "\\ifx\\f@family\\cjkfamily\\else\\let\\latinfamily\\f@family\\cjkletters\\fi"
  end <- "\\ifx\\f@family\\cjkfamily\\fontfamily{\\latinfamily}\\selectfont\\fi"
  c(
    "\\usepackage{fontspec}", choice, "\\makeatletter", "\\ifdefined\\cjkletters",
    "{\\cjkletters\\global\\let\\cjkfamily\\f@family}",
    "\\let\\latinfamily\\rmdefault", "\\newXeTeXintercharclass\\cjkclass",
    sprintf("\\XeTeXcharclass\"%X=\\cjkclass", codes_of(characters)),
    between("0", "\\cjkclass", begin), between("4095", "\\cjkclass", begin),
    between("\\cjkclass", "\\cjkclass", begin), between("\\cjkclass", "0", end),
    between("\\cjkclass", "4095", end),
    "\\AtBeginDocument{\\XeTeXinterchartokenstate=1",
    "\\XeTeXlinebreaklocale \"zh\"\\XeTeXlinebreakskip=0pt plus 1pt\\relax}",
    "\\fi", "\\makeatother"
  )
}

# The distinct Chinese, Japanese and Korean characters of these texts
cjk_characters <- function(text) {
  text <- enc2utf8(as.character(text))
  code <- unique(codes_of(text[!is.na(text) & validUTF8(text)]))
  code <- code[(code >= 0x2E80 & code <= 0xD7AF) | (code >= 0xF900 & code <= 0xFAFF) |
    (code >= 0xFE30 & code <= 0xFE4F) | (code >= 0xFF00 & code <= 0xFFEF) |
    (code >= 0x20000 & code <= 0x3FFFF)]
  vapply(code, intToUtf8, "")
}

codes_of <- function(text) utf8ToInt(paste(text, collapse = ""))

# Every text that a report of the study may print
study_texts <- function(study) {
  unlist(lapply(tables_of(study), function(table) {
    c(names(table), lapply(table, function(x) {
      c(attr(x, "label"), if (is.factor(x)) levels(x) else if (is.character(x)) unique(x))
    }))
  }), use.names = FALSE)
}

# Fonts with these characters: those that fontconfig lists, then usual names on Linux,
# macOS and Windows, and the one in TeX Live
cjk_fonts <- function(list = Sys.which("fc-list")) {
  found <- if (nzchar(list)) {
    lines <- tryCatch(
      suppressWarnings(system2(list, c(":lang=zh-cn", "family"), stdout = TRUE)),
      error = function(e) character()
    )
    sub(",.*", "", lines)
  }
  names <- unique(c(
    "Noto Serif CJK SC", "Noto Sans CJK SC", "Source Han Serif SC", "Songti SC",
    "PingFang SC", "SimSun", "Microsoft YaHei", found, "FandolSong-Regular.otf"
  ))
  # because a name becomes part of LaTeX code
  grep("^[[:alnum:] .-]+$", names, value = TRUE)
}

# LaTeX omits characters that its font does not have, without an error
warn_missing_characters <- function(log) {
  if (!file.exists(log)) return(invisible())
  lines <- readLines(log, encoding = "UTF-8", warn = FALSE)
  lines <- lines[grepl("^Missing character: There is no ", lines, useBytes = TRUE)]
  missing <- sub("^Missing character: There is no (\\S+).*", "\\1", lines)
  missing <- unique(missing[validUTF8(missing)])
  if (!length(missing)) return(invisible())
  cjk <- length(cjk_characters(missing)) > 0L
  warn_oligosurv("data", sprintf(
    paste(
      "the PDF has gaps: its font lacks %s, such as %s; %swrite the report as .docx or",
      ".html, or make the labels of the study Latin"
    ), count_noun(length(missing), "character"),
    join_words(sprintf("\"%s\"", utils::head(missing, 3L))),
    if (cjk) "install a font that has them, such as Noto Serif CJK SC, " else ""
  ), characters = missing)
}
