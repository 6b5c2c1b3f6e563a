# The contract of all readers for any file: they return a value or stop with a classed
# error, and leave the session and the folder unchanged. Also used by .dev/fuzz-readers.R.

# Writes good files of each kind to `dir`. Returns list(study, counts, stream, redcap,
# workbook, parts, counted): paths by kind, the folder of the unpacked workbook, and the
# counts.
good_files <- function(dir, tests) {
  helpers <- new.env(parent = asNamespace("oligosurv"))
  sys.source(file.path(tests, "helper-study.R"), helpers)
  path <- function(...) file.path(dir, ...)
  tables <- helpers$full_tables()
  study <- path(paste0(names(tables), ".csv"))
  Map(utils::write.csv, tables, study, row.names = FALSE, na = "", quote = FALSE)
  rows <- data.frame(
    time = c(1:20, 1:20), status = rep(c(1, 0, 1, 1, 0), 8),
    group = rep(c("a", "b c"), 20), start = 0
  )
  utils::write.csv(rows, path("rows.csv"), row.names = FALSE, quote = FALSE)
  counted <- event_table(Surv(time, status) ~ group, rows)
  late <- event_table(Surv(start, time, status) ~ group, rows)
  write_counts(counted, path("counts.csv"), unit = "days")
  write_counts(late, path("late.csv"), unit = "months")
  redcap <- data.frame(
    record_id = c(1, 1, 2), redcap_repeat_instrument = c("", "lesions", ""),
    redcap_repeat_instance = c(NA, 1, NA), sbrt_start = c("2020-01-01", "", "2020-02-01"),
    dose_gy = c("", 50, "")
  )
  utils::write.csv(redcap, path("redcap.csv"), row.names = FALSE, quote = FALSE, na = "")
  workbook <- path("study.xlsx")
  file.copy(file.path(tests, "excel", "small-study.xlsx"), workbook)
  utils::unzip(workbook, exdir = path("parts"))
  list(
    study = study[1:3], counts = path(c("counts.csv", "late.csv")),
    stream = path("rows.csv"), redcap = path("redcap.csv"), workbook = workbook,
    parts = path("parts"), counted = list(counts.csv = counted, late.csv = late)
  )
}

# The filled lines of a file in which each line is a row, that is, without quotation
# marks, zero bytes and odd line ends; else NA
plain_lines <- function(file) {
  bytes <- readBin(file, "raw", 1e7)
  if (any(bytes %in% as.raw(c(0x00, 0x22, 0x0d, 0x0b, 0x1a)))) return(NA)
  if (is.na(iconv(rawToChar(bytes), "UTF-8", "UTF-8"))) return(NA)
  lines <- readLines(file, warn = FALSE)
  sum(grepl("[^ ,;\t]", lines))
}

# Reads a file; the value is checked by what_is_lost()
read_file <- function(kind, file, good) {
  switch(kind,
    study = {
      # the other tables cannot be read without a table of patients
      own <- !startsWith(basename(file), "patients")
      if (own) file.copy(good$study[1L], "patients.csv")
      on.exit(if (own) unlink("patients.csv"))
      read_study(dirname(file))
    },
    workbook = read_study(file),
    counts = read_counts(file),
    stream = event_table_stream(file, "time", "status", group = "group", chunk_rows = 7),
    redcap = redcap_tables(file)
  )
}

# Faults of an answer: a damaged file of counts that was accepted without a warning
# although its checksum should differ, or rows that are lost
what_is_lost <- function(value, kind, file, good, warned = FALSE) {
  n <- plain_lines(file)
  if (kind == "counts") {
    summed <- any(grepl("^# checksum: ", readLines(file, warn = FALSE), useBytes = TRUE))
    if (warned || !summed) return(NULL)
    whole <- good$counted[[basename(file)]]
    same <- identical(as.data.frame(value), as.data.frame(whole))
    return(if (!same) "damaged counts pass")
  }
  if (kind == "stream") {
    rows <- sum(value$n) + sum(value$dropped)
    return(if (!is.na(n) && rows < n - 1) sprintf("%d rows of %d lines", rows, n))
  }
  if (kind == "study") {
    table <- sub("[.]csv$", "", basename(file))
    rows <- nrow(value[[table]])
    told <- value$problems$table == table & grepl("not read", value$problems$rule)
    if (is.null(rows) || is.na(n)) return(NULL)
    return(if (rows + sum(told) < n - 1) sprintf("%d rows of %d lines", rows, n))
  }
  NULL
}

# Texts that describe the faults of a reader for a file; character() if there are none
reader_faults <- function(kind, file, good, read = read_file) {
  found <- character()
  warned <- FALSE
  note <- function(...) found <<- unique(c(found, paste(...)))
  ours <- function(e) {
    inherits(e, c("oligosurv_error", "oligosurv_warning")) &&
      !inherits(e, "oligosurv_error_internal")
  }
  # showConnections() collects garbage first, which takes most of the time of these tests
  state <- function() {
    list(files = tools::md5sum(list.files(recursive = TRUE, all.files = TRUE)),
      connections = length(getAllConnections()), options = options()["warn"])
  }
  before <- state()
  value <- tryCatch(
    withCallingHandlers(read(kind, file, good),
      warning = function(w) {
        if (ours(w)) warned <<- TRUE else note("warning", conditionMessage(w))
        invokeRestart("muffleWarning")
      },
      message = function(m) invokeRestart("muffleMessage")
    ),
    error = function(e) {
      frame <- deparse(conditionCall(e))[1L]
      if (!ours(e)) note("error", conditionMessage(e), "| in", frame)
      NULL
    }
  )
  after <- state()
  for (part in names(before)) {
    if (!identical(before[[part]], after[[part]])) note("state", part)
  }
  if (is.null(value)) return(found)
  text <- utils::capture.output(suppressWarnings(print(value)))
  if (!length(text)) note("prints nothing")
  c(found, what_is_lost(value, kind, file, good, warned))
}
