#' A study of stereotactic body radiotherapy
#'
#' Checks the tables of a study and combines them in one object: patients and, optionally,
#' irradiated lesions, adverse events, courses of SBRT, dated assessments, systemic
#' therapies and tests of liver function.
#'
#' **Dates, or times.** The patients have either dates (`sbrt_start`, `progression_date`,
#' `death_date`, `last_contact`) or, for at least one endpoint, a time and a status, such
#' as `os_time` and `os_status`, or both. `time_unit` gives the unit of the times, unless
#' the columns have an attribute `units`. A status is 0 = censored or 1 = event (2 =
#' death, if death competes), or a word: alive, dead, progression and the like; `levels`
#' translates other words and names further competing events. Without dates everything
#' that does not need them works: see [endpoint()]. If both are given, the dates are used,
#' and a time or status that differs from them is a doubtful value.
#'
#' **Groups.** `cohort` and `strategy` may have any labels (SABR and standard of care,
#' three cohorts, the state of [omd_class()]), or may be missing in a study of one arm.
#' Labels that differ only in capitals or blanks are one group. The order of the groups is
#' that of `levels`; otherwise OP, OM (or OP-N, OP-C) if there are no other labels;
#' otherwise that of a factor; otherwise sorted, numbers by size. Results compare the
#' second group with the first.
#'
#' All checks run before anything is reported, so that one run lists every problem. They
#' check the columns of [study_schema()] with their types and allowed values; ids that are
#' empty, repeated or without a patient; and the order of dates (no date before
#' `sbrt_start`, after death, or after the cut-off; no progression or local failure after
#' the last contact of a patient without a `death_date`; between the last contact and a
#' known death all events are allowed). Doubtful values are warnings: they are possible,
#' but often typing errors. Among them are
#'
#' * patients without lesions or with more than 5, repeated rows, ids that differ only in
#'   case, words used for an empty cell (`n/a`, `-`);
#' * dates in the future, an adverse event after the last contact, before SBRT (a baseline
#'   event, see [toxicity_table()]) or without date and phase, SBRT of more than 90 days,
#'   an assessment more than a year before SBRT;
#' * terms and sites that differ only in capitals or blanks: they get the most frequent
#'   spelling; labels of columns outside the schema (male, Male), which keep theirs;
#' * a progression that is not in `progression_date`: a local failure, a
#'   `distant_failure_date`, a new lesion or PD in the assessments, PD as best response;
#' * a new lesion, a next line or a next course that is in its table, but not in the date
#'   column of the patients, which [endpoint()] uses if it has any date;
#' * doses below 3 or above 40 Gy per fraction, or other than in course 1, a PTV smaller
#'   than its GTV, target lesions of 0 mm or lymph nodes below 10 mm before SBRT, whole
#'   columns in cm instead of mm or as fractions instead of percent;
#' * a column whose name is similar to one of the schema, or equal to one that
#'   [endpoint()] adds.
#'
#' Columns may be text, factors, numbers, `Date` or `POSIXct`; for dates in text see the
#' section *Dates*. Categories become factors with the levels of the schema, dates become
#' `Date`, and columns outside the schema are kept. Columns keep their attributes `label`
#' and `units`; a unit other than that of the schema is an error.
#'
#' If you edit a table of the study afterwards, the next function that uses the study
#' checks it again and stops if there is an error or if the type of a column has changed.
#' @section Dates:
#' A date that can mean only one day is accepted in any of these forms, in every locale:
#'
#' | form | meaning |
#' |---|---|
#' | 2020-01-31, 2020/1/31, 2020.01.31, 20200131 | year, month, day |
#' | 31-Jan-2020, 31JAN2020, 31. March 2020, Jan 31, 2020 | months by name |
#' | Friday, January 31, 2020 | the day of the week is ignored |
#' | 31.01.2020, 1.2.2020 | day.month.year, unless `dates` gives another order |
#' | 31/01/2020, 01-31-2020 | a number above 12 is the day; this determines the order for the whole column |
#' | 20-May-18 | the last year 18 that is not after the cut-off (or today) |
#' | 2020-01-31 08:30, 2020-01-31T00:00:00Z | the day as written; the time is ignored |
#' | 43861 | the day number of a spreadsheet, from 1970 (25569) on, with a note |
#' | `POSIXct` | the day in its own time zone |
#'
#' Months may be English, German, French, Spanish, Portuguese or Italian; three letters
#' are enough.
#'
#' * If all days of a column are at most 12, 03/04/2020 can be 3 April or 4 March: this is
#'   an error that shows what to give as `dates`. A column with numbers above 12 in both
#'   places is an error that shows both. A date in another order than that of `dates` is
#'   an error.
#' * Incomplete dates (2020-08, 08/2020, Aug 2020, UN/AUG/2020, 2020-08-UN, 00/08/2020,
#'   2020) are errors without `impute`. With it, a month is replaced by its first day, its
#'   15th or its last day, a year by its first day, 1 July or its last day. If the schema
#'   forbids a day before `sbrt_start` or after death, last contact or the cut-off, the
#'   day is moved, within its month or year, so that it is allowed. `imputed` of the study
#'   lists these cells, and the report says how many there are.
#' * The same time of day in all cells of a column (23:00, or 22:00 and 23:00) is a
#'   warning: it may be midnight of another time zone.
#' * If all dates of a study are before 1950 or after 2099, there is a warning, since
#'   their years were probably shifted to protect privacy. A single such date, as
#'   9999-12-31, is an error; give it in `missing` if it means an empty cell.
#' * Dates outside the schema remain text; [swimmer_plot()] reads them by these rules.
#' @section How cells are read:
#' - **Words** are compared without regard to case, blanks and punctuation: `om`, ` Op `,
#'   `non target`. Yes and no may be yes/no, y/n, true/false, 1/0, ja/nein, oui/non, si/no
#'   or sim/nao; best responses may be written out (`Partial response`). In `1, OP`,
#'   `1 = OP` and `PR (partial response)` only the label is used. Other words are an error
#'   that shows an argument `levels` to copy.
#' - **Numbers** may have the unit of the schema (`50 Gy`, `30mm`, `95 %`, `5 fx`,
#'   `Grade 2`) or a unit that is converted, with a note (cGy, cm, ml, mm3, weeks).
#'   Decimal commas are read, with a note, if no number in the column has a point; a comma
#'   before three digits (`1,234`) is read as a decimal comma only if the column has
#'   others. A thousands separator is an error.
#' - **Value labels** of haven (SPSS, Stata, SAS) are used: codes labelled OP and OM are
#'   read as OP and OM, terms and sites as their labels, and columns outside the schema
#'   become factors. Values declared missing in SPSS are empty. The columns
#'   `<name>.factor` of REDCap are read instead of their codes.
#' - **Empty cells** are `""`, `NA` and the words of `missing`. The words `n/a`, `-`,
#'   `--`, `.`, `?`, `null`, `nan` and `nil` are read as empty in columns of
#'   categories, numbers and dates, with a warning.
#' @section Problems to follow by hand:
#' SBRT of A began on 2021-01-01, A died on 2021-07-20, the data cut-off is 2021-06-30.
#' - `death_date` 2021-07-20 is after the cut-off: an error.
#' - `last_contact` 2021-07-21 is after death: an error.
#' - `progression_date` 2020-12-31 is before SBRT: an error.
#' - A local failure on 2021-03-02 with an empty `progression_date`: a warning, because
#'   [endpoint()] would not count a progression.
#' - `sbrt_start` as 01.01.2021 is read; as 44197 it is read as 2021-01-01 with a note.
#' - `sbrt_start` as 02/03/2021, 2021-02-30 or 2021-02 does not determine one day: an
#'   error, whose message says what to do.
#' - `dose_gy` 10 in 5 fractions, because the dose per fraction of 50 Gy was entered: 2 Gy
#'   per fraction, a warning.
#' @param patients,lesions,adverse_events Data frames, one row per patient, lesion and
#'   event; columns as in [study_schema()]. Lesions and events are optional: `NULL`, or a
#'   table of lesions without rows, means a study without them. Every patient had SBRT,
#'   whose first day is day 0: a trial with a control arm is not such a study; compare its
#'   arms by [kaplan_meier()] and [hazard_ratio()], with times from randomisation.
#' @param assessments Optional data frame, one row per lesion and imaging, or per imaging.
#' @param cutoff Optional date of the data cut-off, as `Date` or `"yyyy-mm-dd"`; no date
#'   of the study may be after it. Without a cut-off, dates after today are warnings.
#' @param courses Optional data frame, one row per course of SBRT, or per course and
#'   lesion.
#' @param therapies Optional data frame, one row per systemic therapy.
#' @param liver_function Optional data frame, one row per patient and day of laboratory
#'   values and signs of liver function; see [albi()].
#' @param columns Optional list with the names of your columns that differ from the
#'   schema, by table, as in `list(patients = c(sbrt_start = "RT start"))`. Your name
#'   becomes the `label` of the column unless it has one. Lesions or adverse events in
#'   columns of the table of patients are found by patterns, as in
#'   `list(lesions = c(dose_gy = "L# dose"))`, see [longer_lesions()].
#' @param dates Order of day, month and year in text: `"ymd"`, `"dmy"` or `"mdy"`, for the
#'   whole study, or a list by table, by column, or by column within a table, as in
#'   `list(patients = "dmy", onset_date = "mdy")`.
#' @param impute The day used for an incomplete date: the `"first"`, `"middle"` or
#'   `"last"` day of its month or year; for the whole study or a list, like `dates`. See
#'   the section *Dates*.
#' @param levels The meaning of your words in the cells of a column, mostly the levels of
#'   a category, by column or by column within a table, as in
#'   `list(cohort = c("1" = "OP", "2" = "OM"))` or `list(patients = list(best_response =
#'   c(Teilremission = "PR")))`. A word with the meaning `NA` is read as empty; the word
#'   `"(empty)"` represents an empty cell, as in
#'   `list(related = c(x = "yes", "(empty)" = "no"))`.
#' @param missing Further words, numbers or dates that mean an empty cell in any column,
#'   as in `c("-99", "unk", "9999-12-31")`; at most 1000. Numbers do not apply to ids.
#' @param time_unit Unit of columns that hold times: `"days"`, `"weeks"`, `"months"` or
#'   `"years"`. A week is 7 days, a month 30.4375, a year 365.25. A column with an
#'   attribute `units` has that unit.
#' @param ... Not used; an unknown argument is an error.
#' @return An `sbrt_study`: a list of the checked data frames `patients`, `lesions`,
#'   `adverse_events`, `courses`, `assessments`, `therapies` and `liver_function` (all
#'   except the first may be `NULL`), the `cutoff` (or `NULL`) and `problems` (see
#'   [study_problems()]). If dates were imputed, also `imputed`: a data frame with the
#'   `table`, `row` and `column` of each, the text `written` and the day `read`. Doubtful
#'   values are reported in one warning, notes on unusual forms in one message. For a
#'   subset of the patients see [subset_study].
#' @section Errors:
#' `oligosurv_error_input` (missing table, column or rows, wrong type),
#' `oligosurv_error_domain` (values) or `oligosurv_error_data` (ids): the first of these
#' classes that applies. The message names table, column and rows; the field `problems` of
#' the condition is the data frame of all problems. The message ends with a call that
#' reads the study, or more of it, if such a call was found (field `advice`).
#' @seealso [read_study()] for files, [longer_lesions()] for wide tables, [endpoint()],
#'   [response_rate()], [toxicity_table()]
#' @examples
#' patients <- data.frame(
#'   patient_id = c("A", "B"), cohort = c("OP", "OM"), strategy = c("OP-N", NA),
#'   sbrt_start = c("2020-01-01", "2020-03-01"), progression_date = c("2020-07-01", NA),
#'   death_date = c("2021-01-01", NA), last_contact = c("2021-01-01", "2022-03-01")
#' )
#' lesions <- data.frame(
#'   patient_id = c("A", "A", "B"), lesion_id = 1:3,
#'   local_failure_date = c("2020-08-01", NA, NA)
#' )
#' events <- data.frame(
#'   patient_id = "B", term = "fatigue", grade = 1, onset_date = "2020-03-11"
#' )
#' sbrt_study(patients, lesions, events, cutoff = "2022-12-31")
#' # dates as day/month/year, and one of which only the month is known: 2021-01-15
#' slashed <- patients
#' slashed$sbrt_start <- c("01/01/2020", "01/03/2020")
#' slashed$death_date <- slashed$last_contact <- c("UN/JAN/2021", NA)
#' slashed$last_contact[2] <- "01/03/2022"
#' study <- sbrt_study(slashed, lesions, events, dates = "dmy", impute = "middle")
#' study$imputed
#' # the same, with another name for a column
#' names(patients)[4] <- "RT start"
#' sbrt_study(patients, lesions, events,
#'   columns = list(patients = c(sbrt_start = "RT start"))
#' )$patients$sbrt_start
#' # times instead of dates, one arm: 2 deaths after 10 and 30 months
#' times <- data.frame(patient_id = 1:3, os_time = c(10, 20, 30), os_status = c(1, 0, 1))
#' endpoint(sbrt_study(times, time_unit = "months"), "os")
#' @export
sbrt_study <- function(patients, lesions = NULL, adverse_events = NULL,
                       assessments = NULL, cutoff = NULL, courses = NULL,
                       therapies = NULL, columns = NULL, dates = NULL, impute = NULL,
                       levels = NULL, missing = NULL, time_unit = NULL,
                       liver_function = NULL, ...) {
  check_no_dots(...)
  reading <- study_reading(columns, dates, impute, levels, missing, time_unit)
  tables <- list(
    patients = if (!base::missing(patients)) patients, lesions = lesions,
    adverse_events = adverse_events, courses = courses, assessments = assessments,
    therapies = therapies, liver_function = liver_function
  )
  tables <- tables[!vapply(tables, is.null, NA)]
  gathered <- gather_study(tables, check_day(cutoff, "cutoff"), reading)
  new_study(gathered, "The study", origin_of_tables(match.call(), names(tables)))
}

# The arguments of sbrt_study() as they were written, for the calls that messages suggest.
# A table given as a value instead of code (as in do.call()), or by long code, is shown by
# the name of its argument.
origin_of_tables <- function(call, tables) {
  written <- vapply(tables, function(name) {
    argument <- call[[name]]
    if (!is.language(argument)) return(name)
    text <- deparse(argument, 60L)
    if (length(text) == 1L && nchar(text) <= 60L) text else name
  }, "")
  list(
    fun = "sbrt_study", first = written,
    listed = sprintf("list(%s)", paste(tables, "=", written, recycle0 = TRUE,
      collapse = ", "
    ))
  )
}
