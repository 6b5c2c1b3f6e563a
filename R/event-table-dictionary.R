# Dictionary encoding of status, groups and strata while chunks are read: each value gets
# a code when it first occurs.

# An empty dictionary of the values that have occurred in each column. `pair` is for
# combinations of columns, which are coded pair by pair, and `curve` for combinations of
# stratum and group.
new_dictionary <- function(picked) {
  empty <- function(names) {
    none <- lapply(names, function(x) list())
    list(column = none, pair = none)
  }
  list(
    status = list(), group = empty(picked$group), strata = empty(picked$strata),
    curve = list()
  )
}

# Adds the new values of a chunk to the dictionary. The element `code` of its parts
# `status`, `group`, `strata` and `curve` becomes the code of each row of the chunk.
encode_chunk <- function(dictionary, chunk) {
  dictionary$status <- encode_column(dictionary$status, chunk$status, chunk$at)
  dictionary$group <- encode_columns(dictionary$group, chunk$group, chunk$at)
  dictionary$strata <- encode_columns(dictionary$strata, chunk$strata, chunk$at)
  pair <- pair_code(dictionary$strata$code, dictionary$group$code)
  dictionary$curve <- encode_column(dictionary$curve, pair, chunk$at)
  dictionary
}

# Codes the values `x` of one column of a chunk, whose rows have the positions `at` in the
# source. Returns the updated dictionary of the column, list(values, at, code): its
# distinct values, the position at which each first occurred, and the code of each `x`.
encode_column <- function(dictionary, x, at) {
  code <- polled(match(x, dictionary$values))
  new <- which(is.na(code) & !is.na(x))
  if (length(new)) {
    first <- new[!duplicated(x[new])]
    dictionary <- list(
      values = c(dictionary$values, x[first]), at = c(dictionary$at, at[first])
    )
    code[new] <- match(x[new], dictionary$values)
  }
  list(values = dictionary$values, at = dictionary$at, code = code)
}

# encode_column() for combinations of any number of columns. Columns are paired one after
# another, so that only combinations that occur get a code.
encode_columns <- function(dictionary, columns, at) {
  dictionary$code <- rep(1L, length(at))
  for (j in seq_along(columns)) {
    dictionary$column[[j]] <- encode_column(dictionary$column[[j]], columns[[j]], at)
    pair <- pair_code(dictionary$code, dictionary$column[[j]]$code)
    dictionary$pair[[j]] <- encode_column(dictionary$pair[[j]], pair, at)
    dictionary$code <- dictionary$pair[[j]]$code
  }
  dictionary
}

# A pair of codes below 2^26 is stored as one number below 2^52, which a double represents
# exactly.
pair_radix <- 2^26

pair_code <- function(a, b) (a - 1) * pair_radix + b

first_of_pair <- function(pair) (pair - 1) %/% pair_radix + 1

second_of_pair <- function(pair) (pair - 1) %% pair_radix + 1

# Returns a list of the coded columns: for each column, its value in every combination, in
# the order of the codes. `type` converts the distinct values, see event-table-source.R.
decode_columns <- function(dictionary, type) {
  last <- length(dictionary$pair)
  at <- if (last) seq_along(dictionary$pair[[last]]$values)
  columns <- lapply(dictionary$column, function(column) type(column$values))
  for (j in rev(seq_along(columns))) {
    pair <- dictionary$pair[[j]]$values[at]
    columns[[j]] <- columns[[j]][second_of_pair(pair)]
    at <- first_of_pair(pair)
  }
  columns
}
