# Text shared by all layers: counts, times, p-values and words in messages and prints, and
# lines and columns that fit the width of the console.

# Is every label short printable ASCII text without blanks at its ends? Such labels are
# not changed by any rule on encodings, locales or white space.
is_simple_text <- function(labels) .Call(C_is_simple_text, labels)

# Returns `rule`, a function of text, with a cache of up to `most` answers, because a
# regular expression takes longer than the estimates of a small cohort. The last answer is
# stored separately, because comparing one text is faster than a look-up in the cache.
remember <- function(rule, most = 1000L) {
  answers <- new.env(parent = emptyenv())
  last <- list(text = FALSE, answer = NULL)
  function(text) {
    if (identical(text, last$text)) return(last$answer)
    if (length(text) > 32L || !.Call(C_is_simple_text, text)) return(rule(text))
    key <- if (length(text) == 1L) text else paste(text, collapse = "\n")
    answer <- answers[[key]]
    if (is.null(answer)) {
      if (length(answers) >= most) rm(list = ls(answers), envir = answers)
      answers[[key]] <- answer <- rule(text)
    }
    last <<- list(text = text, answer = answer)
    answer
  }
}

# Returns `rule`, a function of a vector or an expression, which answers at once if it is
# given the same one as in the call before. The answer to one of more than 32 elements or
# names is not stored, because it may be large.
remember_last <- function(rule) {
  last <- new.env() # identical to no argument
  answer <- NULL
  function(x) {
    if (identical(x, last)) return(answer)
    size <- if (is.language(x)) length(all.names(x)) else length(x)
    if (size > 32L) return(rule(x))
    answer <<- rule(x)
    last <<- x
    answer
  }
}

trim_blank <- function(text) gsub("^[\\h\\v]+|[\\h\\v]+$", "", text, perl = TRUE)

one_blank <- function(text) gsub("[\\h\\v]+", " ", trim_blank(text), perl = TRUE)

# Joins words as in "a", "a and b" and "a, b and c"; `last` replaces "and".
join_words <- function(words, last = "and") {
  n <- length(words)
  if (n < 2L) return(words)
  paste(paste(words[-n], collapse = ", "), last, words[n])
}

# Separates the thousands of numbers from 10,000 on, by a comma or, if the style of the
# journal requires it, by a narrow space
thousands <- function(text, style = "plain") {
  mark <- if (style %in% c("jama", "lancet")) "\u2009" else ","
  long <- regexpr("^-?[0-9]{5,}", text)
  regmatches(text, long) <- gsub(
    "(?<=[0-9])(?=([0-9]{3})+$)", mark, regmatches(text, long), perl = TRUE
  )
  text
}

# Counts in messages, tables and sentences. As in figures, the thousands are separated
# from 10,000 on. Weighted counts have common decimals or, with `each`, as many as each
# count needs.
format_count <- function(n, na = "NA", style = "plain", each = FALSE) {
  own <- each && is.double(n) && any(n != round(n), na.rm = TRUE)
  text <- (if (own) format_each else format)(n, scientific = FALSE, trim = TRUE)
  if (anyNA(n)) text[is.na(n)] <- na
  if (any(nchar(text) > 4L)) thousands(text, style) else text
}

# The number of a row or line, as a spreadsheet or an editor shows it
format_position <- function(n) format(n, scientific = FALSE, trim = TRUE)

# A text with counts, each "%d" in `pattern`, written by format_count()
sprintf_counts <- function(pattern, ...) {
  counts <- lapply(list(...), function(n) if (is.numeric(n)) format_count(n) else n)
  do.call(sprintf, c(list(gsub("%d", "%s", pattern, fixed = TRUE)), counts))
}

# "1 row", "2 rows"
count_noun <- function(n, noun) {
  paste0(format_count(n), " ", noun, if (n != 1) "s")
}

# Times and estimates with four significant digits; `na` replaces NA
format_time <- function(x, na = "NR") {
  ifelse(is.na(x), na, format_each(signif(x, 4)))
}

# Formats each number separately, with as many digits as it needs. Equal numbers are
# formatted once, as there may be many.
format_each <- function(x, ...) {
  once <- unique(x)
  vapply(once, format, "", ...)[match(x, once)]
}

# Formats p-values as "= 0.042" or "< 0.001", to follow the letter p in a sentence. For a
# column, `equals = ""` leaves out the equals sign.
format_p <- function(p, digits = 3L, equals = "= ") {
  ifelse(is.na(p), "NA", ifelse(p < 10^-digits, paste0("< ", format(10^-digits)),
    paste0(equals, formatC(p, digits = digits, format = "f"))
  ))
}

percent_text <- function(x) ifelse(is.na(x), "NA", sprintf("%.1f%%", 100 * x))

# Describes an unexpected value: "NULL", "a data frame of 3 rows", the value itself if it
# is one string or number, or "an object of class 'list' and length 3"
describe <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.data.frame(x)) return(sprintf("a data frame of %d rows", nrow(x)))
  if (is.factor(x)) return(sprintf("a factor of length %d", length(x)))
  if (is.atomic(x) && length(x) == 1L) {
    # the format() method of a class may stop if the value does not suit it
    text <- tryCatch(format(x), error = raise_time_limit)
    if (is.character(x) || length(text) == 1L) {
      if (!is.character(x)) return(text)
      return(sprintf("\"%s\"", message_text(as.vector(unclass(x)))))
    }
  }
  sprintf("an object of class '%s' and length %d", class(x)[1L], length(x))
}

# Numbers with the minus sign U+2212 in place of a hyphen; `digits`: decimals, or NULL for
# those of common_decimals(), with which no number is printed as 0. A double has no more
# than 15 significant digits, so the upper limit of an unstable ratio, such as 2.047e+26,
# is not written out.
number_text <- function(x, digits = 1L, na = "NR") {
  size <- abs(x)
  odd <- is.finite(x) & size >= 1e9
  if (is.null(digits)) {
    digits <- common_decimals(x)
    odd <- odd | (is.finite(x) & x != 0 & size < 0.5 * 10^-digits)
  }
  text <- sprintf("%.*f", digits, x)
  if (any(odd)) text[odd] <- vapply(signif(x[odd], 4), format, "")
  ifelse(is.na(x), na, sub("^-", "\u2212", text))
}

# Number of decimals that gives the median of the numbers four significant digits, but not
# more than the numbers need. All numbers of a column get the same number of decimals, so
# that "4.60" is shown as precisely as "21.22".
common_decimals <- function(x) {
  x <- x[is.finite(x)]
  size <- abs(x[x != 0])
  if (!length(size)) return(0L)
  digits <- as.integer(min(max(3 - floor(log10(stats::median(size))), 0), 12))
  for (fewer in seq_len(digits) - 1L) {
    if (all(round(x, fewer) == round(x, digits))) return(fewer)
  }
  digits
}

# The sign between two limits: an en dash, or "to" if a limit is negative, since the dash
# and the minus sign could be confused
range_sign <- function(limits) if (any(limits < 0, na.rm = TRUE)) " to " else "\u2013"

# Explains the signs that occur in the columns
sign_text <- function(signs, body) {
  cells <- unlist(body, use.names = FALSE)
  used <- vapply(names(signs), function(sign) {
    any(if (nchar(sign) > 1L) grepl(sign, cells, fixed = TRUE) else cells == sign)
  }, NA)
  if (!any(used)) return(NULL)
  paste(names(signs)[used], signs[used], sep = ": ", collapse = "; ")
}

# The labels of a factor as text; "NA" for the level NA of addNA()
label_text <- function(x) {
  if (is.factor(x) && anyNA(levels(x))) levels(x)[is.na(levels(x))] <- "NA"
  as.character(x)
}

sentence_case <- function(x) {
  x <- as.character(x)
  first <- substr(x, 1L, 1L)
  if (all(first %in% LETTERS)) x else paste0(upper_case(first), substring(x, 2L))
}

# Width of a text in columns; a wide character (Chinese, for example) takes two
text_columns <- function(x) nchar(enc2utf8(x), "width", allowNA = TRUE)

# Each text as its lines in the console, where those that are too wide are wrapped
console_lines <- function(text) {
  width <- getOption("width")
  lines <- gsub("\n", " ", as.character(text), fixed = TRUE)
  wide <- text_columns(lines) > width
  lines <- as.list(lines)
  lines[wide] <- lapply(lines[wide], strwrap, width = width + 1L, exdent = 2L)
  lines
}

# Shortens texts to at most `most` columns by leaving out their middle. Those that become
# equal are numbered, so that no two groups share a label.
shorten <- function(x, most) {
  short <- vapply(gsub("[[:cntrl:]]", " ", x), function(text) {
    if (text_columns(text) <= most) return(text)
    letters <- strsplit(text, "")[[1L]]
    columns <- text_columns(letters)
    head <- letters[cumsum(columns) <= (most - 3) * 0.6]
    tail <- letters[rev(cumsum(rev(columns))) <= (most - 3) * 0.4]
    paste0(c(head, "...", tail), collapse = "")
  }, "", USE.NAMES = FALSE)
  again <- short %in% short[duplicated(short)] & short != x
  short[again] <- sprintf("%s [%d]", short[again], seq_len(sum(again)))
  short
}

print_lines <- function(text) writeLines(as.character(unlist(console_lines(text))))

# Prints columns of text, left-aligned if named in `left`. If the console is too narrow,
# long headings take several lines. Columns that still do not fit follow in another block,
# which begins with the row labels again. A row takes one line, unless its label or its
# text alone is too wide.
print_columns <- function(body, left, width = getOption("width")) {
  is_left <- names(body) %in% left
  heads <- names(body)
  lines <- block_lines(body, heads, is_left)
  if (all(text_columns(lines) <= width)) return(writeLines(trimws(lines, "right")))
  heads <- narrow_heads(body, width)
  size <- column_sizes(body, heads)
  if (line_width(size) <= width) return(print_block(body, heads, is_left))
  keys <- which(cumsum(!is_left) == 0L & cumsum(size + 1) <= 0.45 * width)
  if (!length(keys) || length(keys) == length(body)) keys <- 1L
  blocks <- column_blocks(names(body)[-keys], size[-keys], width - sum(size[keys] + 1))
  for (block in blocks) {
    block <- c(keys, block + length(keys))
    cells <- narrow_columns(body[block], heads[block], is_left[block], width)
    print_block(cells, heads[block], is_left[block])
  }
}

# Width of each column: of its cells and of the lines of its heading
column_sizes <- function(body, heads) {
  lines <- Map(function(head, cells) {
    c("", strsplit(head, "\n", fixed = TRUE)[[1L]], cells)
  }, heads, body)
  width <- split(text_columns(unlist(lines)), rep(seq_along(lines), lengths(lines)))
  vapply(width, max, 0L, USE.NAMES = FALSE)
}

# Width of a line of columns, with a space between them
line_width <- function(size) sum(size + 1) - 1

# Wraps headings that are wider than their column and ten letters, between words, until
# the columns fit. It begins with the headings where that saves most width.
narrow_heads <- function(body, width) {
  heads <- names(body)
  # a colon stays with the word before it
  wrapped <- vapply(seq_along(body), function(j) {
    words <- gsub(" : ", "\u00a0: ", heads[j], fixed = TRUE)
    text <- strwrap(words, max(text_columns(body[[j]]), 10) + 1L)
    gsub("\u00a0", " ", paste(text, collapse = "\n"), fixed = TRUE)
  }, "")
  size <- column_sizes(body, heads)
  saved <- size - column_sizes(body, wrapped)
  first <- order(-saved)[seq_len(sum(saved > 0))]
  fits <- which(line_width(size) - cumsum(saved[first]) <= width)
  at <- first[seq_len(c(fits, length(first))[1L])]
  heads[at] <- wrapped[at]
  heads
}

# Assigns columns to blocks that fit into `room`; limits stay with their estimate
column_blocks <- function(names, size, room) {
  with_last <- grepl("^[0-9.]+% CI$", names)
  of <- cumsum(!with_last)
  blocks <- list()
  now <- integer()
  for (part in split(seq_along(names), of)) {
    if (length(now) && line_width(size[c(now, part)]) > room) {
      blocks <- c(blocks, list(now))
      now <- integer()
    }
    now <- c(now, part)
  }
  c(blocks, list(now))
}

print_block <- function(body, heads, is_left) {
  writeLines(trimws(block_lines(body, heads, is_left), "right"))
}

# Columns as lines of text. Headings of fewer lines stand directly above their column.
block_lines <- function(body, heads, is_left) {
  lines <- strsplit(heads, "\n", fixed = TRUE)
  most <- max(1L, lengths(lines))
  shown <- Map(function(v, head, left) {
    head <- c(character(most - length(head)), head)
    format(c(head, v), justify = if (left) "left" else "right")
  }, body, lines, is_left)
  do.call(paste, unname(shown))
}

# If a block is too wide, wraps the cells of the widest left-aligned columns
narrow_columns <- function(body, heads, is_left, width) {
  wide <- vapply(body, function(v) max(0L, text_columns(v)), 0)
  for (j in order(-wide * is_left)[seq_len(sum(is_left))]) {
    size <- column_sizes(body, heads)
    over <- line_width(size) - width
    if (over <= 0) break
    body <- wrap_cells(body, j, max(size[j] - over, column_sizes("", heads[j]), 12))
  }
  body
}

# Wraps the cells of a column; in the additional lines the other columns are empty
wrap_cells <- function(body, j, room) {
  lines <- lapply(body[[j]], function(cell) {
    wrapped <- strwrap(cell, room + 1L)
    if (length(wrapped)) wrapped else ""
  })
  first <- cumsum(c(1L, lengths(lines)))[seq_along(lines)]
  out <- lapply(body, function(v) replace(character(sum(lengths(lines))), first, v))
  out[[j]] <- unlist(lines)
  out
}
