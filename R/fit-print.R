# Prints of results: lines of text and columns that fit the width of the console.

#' @rawNamespace
#' S3method(print, oligosurv_fit, print_result)
#' S3method(print, oligosurv_test, print_result)
#' S3method(print, oligosurv_contrast, print_result)
#' S3method(print, oligosurv_score, print_result)
#' S3method(print, pairwise_test, print_result)
#' S3method(print, hazard_ratio, print_result)
#' S3method(print, one_sample_test, print_result)
#' S3method(print, response_rate, print_result)
#' S3method(print, response_difference, print_result)
#' S3method(print, dose_response, print_result)
#' S3method(print, toxicity_table, print_result)
#' S3method(print, baseline_table, print_result)
#' S3method(print, flow_table, print_result)
#' S3method(print, dose_table, print_result)
#' S3method(print, omd_class, print_result)
#' S3method(print, sample_size, print_result)
#' S3method(print, predicted_curves, print_result)
print_result <- function(x, n = most_shown, digits = NULL, ...) {
  r <- result_rows(x)
  if (is.null(r)) return(print(as.data.frame(x), ...))
  if (!missing(n)) n <- check_shown(n)
  if (!is.null(digits)) digits <- check_whole(digits, "digits", 0, 10)
  # as many rows as R prints of a data frame
  most <- max(getOption("max.print") %/% max(length(r$columns), 1L), 1)
  columns <- r$columns
  group <- r$group
  rows <- max(0L, rapply(as.list(columns), length, how = "unlist"))
  if (rows > most) {
    columns <- first_rows(columns, rows, most)
    group <- first_rows(group, rows, most)
  }
  shown <- columns_text(columns, digits, "console", r$unit)
  body <- shown$body
  groups <- nlevels(group)
  if (groups > n) body <- lapply(body, `[`, as.integer(group) <= n)
  signs <- sign_text(r$signs, body)
  title <- if (is.null(r$title)) r$what else r$title
  counts <- if (!is.null(r$table)) table_words(r$table)
  if (!is.null(counts)) title <- sprintf("%s: %s (%s)", title, counts$size, counts$states)
  above <- c(title, sentence_case(r$basis), counts$losses)
  below <- c(
    if (groups > n) sprintf("... and %s more", count_noun(groups - n, "group")),
    if (rows > most) {
      sprintf("... %s rows, of which the first %d are shown; tidy() has all",
        format_count(rows), most
      )
    },
    signs, r$details, r$remarks
  )
  lines <- console_lines(c(above, below))
  at <- seq_along(above)
  writeLines(unlist(lines[at]))
  print_columns(body, shown$left)
  if (length(below)) writeLines(unlist(lines[-at]))
  invisible(x)
}

# The first `most` of the `rows` of columns; elements of other lengths are not columns
first_rows <- function(columns, rows, most) {
  if (is.list(columns)) return(lapply(columns, first_rows, rows, most))
  if (length(columns) == rows) columns[seq_len(most)] else columns
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
  saved <- column_sizes(body, heads) - column_sizes(body, wrapped)
  for (j in order(-saved)[seq_len(sum(saved > 0))]) {
    heads[j] <- wrapped[j]
    if (line_width(column_sizes(body, heads)) <= width) break
  }
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
