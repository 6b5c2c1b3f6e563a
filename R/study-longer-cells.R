# Parts of longer_lesions() and longer_events(): cells of several columns in one column,
# terms of codes, checkboxes, and the usual names of the columns of lesions.

# Stacks columns, one below the other. Columns of the same type keep it, with its levels,
# value labels and units; columns of different types become text as in a CSV file.
stack_columns <- function(columns) {
  columns <- lapply(columns, function(x) if (inherits(x, "POSIXlt")) as.POSIXct(x) else x)
  empty <- vapply(columns, function(x) is.logical(x) && all(is.na(x)), NA)
  if (all(empty)) return(unlist(columns))
  kinds <- lapply(columns[!empty], type_of_column)
  if (length(unique(kinds)) > 1L) {
    return(unlist(lapply(columns, function(x) cell_text(plain_column(x)))))
  }
  cells <- unlist(lapply(columns, function(x) as.vector(unclass(x))))
  attributes(cells) <- kinds[[1L]]$attributes
  cells
}

# The attributes of a column that are not about its rows or its own name
type_of_column <- function(x) {
  kept <- attributes(x)
  kept <- kept[setdiff(names(kept), c("names", "label"))]
  list(
    type = if (is.numeric(x) && !is.object(x)) "number" else typeof(x),
    attributes = if (length(kept)) kept[sort(names(kept))]
  )
}

# Selects cells of a column of any class. It does not use the method of the class, which
# may be that of a package that is not loaded.
pick_cells <- function(x, at) {
  kept <- attributes(x)
  x <- as.vector(unclass(x))[at]
  attributes(x) <- kept
  x
}

pick_rows <- function(columns, at) quick_frame(lapply(columns, pick_cells, at))

# Checks `terms`: NULL, or a vector of terms. Its names are the texts for the terms in the
# names of columns; an element without a name is its own text.
check_terms <- function(terms) {
  if (is.null(terms)) return(NULL)
  terms <- if (is.list(terms)) unlist(terms) else plain_argument(terms)
  ok <- is.character(terms) && length(terms) && !anyNA(terms) && all(nzchar(terms))
  if (ok && is.null(names(terms))) names(terms) <- terms
  if (!ok || anyDuplicated(fold_key(names(terms)))) {
    stop_oligosurv("input", sprintf(
      paste(
        "`terms` must be distinct terms, or terms named by distinct codes, as in",
        "c(\"1\" = \"Fatigue\", \"2\" = \"Nausea\"); it is %s"
      ), describe(terms)
    ), arg = "terms")
  }
  terms
}

# The regular expression for # in patterns: any text; or only one of `terms` if a pattern
# consists of # alone
term_regex <- function(columns, terms) {
  alone <- columns[!grepl("[[:alnum:]]", columns)]
  if (!length(alone)) return(".+")
  if (is.null(terms)) {
    stop_oligosurv("input", paste(
      "the pattern \"#\" of `columns` matches every column; say which are events, as in",
      "terms = c(\"Fatigue\", \"Nausea\")"
    ), arg = "terms")
  }
  paste(vapply(names(terms), literal_regex, ""), collapse = "|")
}

# The term of each column: from `terms`, from the label of a REDCap checkbox, or the text
# in its name
term_labels <- function(data, found, terms) {
  label <- trim_blank(gsub("[._]+", " ", found$text))
  if (!is.null(terms)) {
    label <- unname(terms)[match(found$key, fold_key(names(terms)))]
    unknown <- found$name[is.na(label) & nzchar(found$key)]
    if (length(unknown)) {
      stop_oligosurv("input", sprintf(
        "`terms` has no term for %s; add it, or leave the column out of `data`",
        join_words(sprintf("the column \"%s\"", unknown))
      ), arg = "terms", column = unknown)
    }
    return(label)
  }
  choice <- vapply(found$name, function(name) {
    own <- column_attribute(data[[name]], "label")
    if (is.character(own) && grepl("[(]choice ?=.*[)]$", own[1L])) {
      trim_blank(sub("^.*[(]choice ?=(.*)[)]$", "\\1", own[1L]))
    } else {
      NA_character_
    }
  }, "")
  # the checkbox label of a key also applies to the other columns with this key
  choice <- choice[!is.na(choice)][match(found$key, found$key[!is.na(choice)])]
  label <- ifelse(is.na(choice), label, choice)
  codes <- unique(found$text[grepl("^[0-9]+$", label)])
  if (length(codes)) {
    stop_oligosurv("input", sprintf(
      "`terms` must say what %s, as in terms = c(\"%s\" = \"Fatigue\")",
      if (length(codes) == 1L) paste("the code", codes, "means") else
        paste("the codes", join_words(codes), "mean"), codes[1L]
    ), arg = "terms")
  }
  unname(label)
}

is_checked <- function(x, names) {
  word <- cell_text(plain_column(x))
  answer <- yes_no(word)
  answer[lower_case(word) %in% "x"] <- TRUE
  wrong <- which(is.na(answer) & !is.na(word))
  if (length(wrong)) {
    stop_oligosurv("domain", sprintf(
      "a checkbox (%s) must be 1 or 0, yes or no, or empty; \"%s\" was found",
      join_words(sprintf("\"%s\"", names), "or"), word[wrong[1L]]
    ), arg = "columns", where = wrong)
  }
  answer %in% TRUE
}

# A grade or date of an event that is not checked contradicts the box.
check_unchecked <- function(value, checked, parts) {
  for (part in unique(parts)) {
    text <- cell_text(plain_column(value[[part]]))
    wrong <- which(!checked & !is.na(text) & !(part == "grade" & text %in% "0"))
    if (!length(wrong)) next
    stop_oligosurv("data", sprintf(
      paste(
        "`%s` is %s for \"%s\" of patient %s, but its box is not checked; correct one of",
        "them"
      ), part, text[wrong[1L]], value$term[wrong[1L]], format(value$patient_id[wrong[1L]])
    ), arg = "columns", where = wrong)
  }
}

# Stops if columns fit no pattern although they begin like columns of lesions, with the
# text before # and a number.
check_left_over <- function(names, columns, found) {
  rest <- setdiff(names, found$name)
  side <- sub("#.*$", "", columns[grepl("#", columns, fixed = TRUE)])
  side <- unique(side[grepl("[[:alpha:]]", side)])
  regex <- sprintf("^%s[0-9]+([^0-9]|$)", vapply(lower_case(side), literal_regex, ""))
  alike <- rest[Reduce(`|`, lapply(regex, grepl, lower_case(rest)), FALSE)]
  if (!length(alike)) return(invisible())
  stop_oligosurv("input", sprintf(
    paste(
      "the columns %s of `data` seem to belong to lesions, but no pattern of `columns`",
      "matches them; add one, as in columns = %s, or leave the columns out of `data`"
    ), join_words(sprintf("\"%s\"", alike)),
    r_code(c(columns, c(note = sub("[0-9]+", "#", alike[1L]))))
  ), arg = "columns", column = alike)
}

# Words for a lesion. They are ignored when columns are compared.
lesion_marks <- "(lesion|les|met|metastasis|target|tumou?r|l)"

# The column of the schema for a name from which the number has been removed: the name of
# the schema or a usual name, ignoring the unit and words for a lesion; NA if there is
# none. The number after "RECIST" may be its version.
lesion_part <- function(name) {
  bare <- function(x) {
    words <- gsub("([a-z])([A-Z])", "\\1 \\2", x)
    words <- strsplit(lower_case(words), "[^[:alnum:]]+")
    vapply(words, function(w) {
      unit <- w %in% c("gy", "mm", "cm3", "pct", "")
      paste(w[!unit & !grepl(sprintf("^%s$", lesion_marks), w)], collapse = " ")
    }, "")
  }
  known <- setdiff(schema_of("lesions")$column, c("patient_id", "lesion_id"))
  usual <- lapply(column_synonyms$lesions[known], grep,
    pattern = "recist", invert = TRUE, value = TRUE
  )
  column <- c(known, rep(known, lengths(usual)))
  words <- c(known, unlist(usual, use.names = FALSE))
  column[match(bare(name), bare(words), incomparables = "")]
}

# Finds patterns for the columns of lesions, such as "dose_#", from the names of all
# columns. Any number in a name may be the number of the lesion. The first one is used for
# which lesion_part() finds a column of the schema from the rest of the name.
guess_lesion_columns <- function(names) {
  runs <- gregexpr("[0-9]+", names)
  candidates <- Map(function(name, at) {
    if (at[1L] < 0L) return(NULL)
    vapply(seq_along(at), function(i) {
      end <- at[i] + attr(at, "match.length")[i]
      paste0(substr(name, 1L, at[i] - 1L), "#", substring(name, end))
    }, "")
  }, names, runs)
  columns <- list()
  unknown <- character()
  for (name in names) {
    patterns <- candidates[[name]]
    part <- lesion_part(gsub("#", " ", patterns))
    known <- which(!is.na(part))[1L]
    mark <- sprintf("(^|[^[:alpha:]])%s[^[:alnum:]]*#", lesion_marks)
    if (!is.na(known)) {
      columns[[part[known]]] <- unique(c(columns[[part[known]]], patterns[known]))
    } else if (any(grepl(mark, lower_case(patterns)))) {
      marked <- patterns[grepl(mark, lower_case(patterns))]
      unknown <- unique(c(unknown, marked))
    }
  }
  columns <- lapply(columns, function(x) x[!duplicated(fold_key(x))])
  columns <- stats::setNames(unlist(columns), rep(names(columns), lengths(columns)))
  if (length(unknown) || !length(columns) || anyDuplicated(lesion_part(columns))) {
    stop_oligosurv("input", sprintf(
      paste(
        "`columns` is needed: %s. Say which columns belong to lesions, with # for the",
        "number, as in columns = %s; see study_schema() for the names"
      ),
      if (length(unknown)) {
        paste("it is not clear what", join_words(sprintf("\"%s\"", unknown)), "hold")
      } else if (length(columns)) {
        "several columns seem to mean the same"
      } else {
        "no column of `data` has a usual name with a number"
      },
      r_code(if (length(columns)) columns else c(dose_gy = "lesion#_dose"))
    ), arg = "columns", column = unknown)
  }
  columns
}
