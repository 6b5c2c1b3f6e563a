# The forms of dates: one line per form, with the parts that it is taken apart into.

known <- utils::read.table(header = TRUE, sep = "|", strip.white = TRUE, quote = "",
  colClasses = "character", text = "
  written                        | read
  2020-01-31                     | 2020 1 31
  2020-1-5                       | 2020 1 5
  2020/01/31                     | 2020 1 31
  2020.01.31                     | 2020 1 31
  2020 01 31                     | 2020 1 31
  20200131                       | 2020 1 31
  31-Jan-2020                    | 2020 1 31
  31 January 2020                | 2020 1 31
  31st of January 2020           | 2020 1 31
  January 31, 2020               | 2020 1 31
  Jan 31 2020                    | 2020 1 31
  2020-Jan-31                    | 2020 1 31
  Friday, January 31, 2020       | 2020 1 31
  Fri 31 Jan 2020                | 2020 1 31
  Fri, 2020-01-31                | 2020 1 31
  Freitag, 31. Januar 2020       | 2020 1 31
  vendredi 31 janvier 2020       | 2020 1 31
  viernes, 31 de enero de 2020   | 2020 1 31
  sexta-feira, 31 de janeiro de 2020 | 2020 1 31
  venerdi 31 gennaio 2020        | 2020 1 31
  mar 31 2020                    | 2020 3 31
  01JAN2021                      | 2021 1 1
  31JAN20                        | 20 1 31
  20-May-18                      | 18 5 20
  2020-01-31 08:30               | 2020 1 31
  2020-01-31 00:00:00            | 2020 1 31
  2020-01-31 00:00:00.000        | 2020 1 31
  2020-01-31T00:00:00Z           | 2020 1 31
  2020-01-31T23:30:00+01:00      | 2020 1 31
  2020-01-31 23:30:00 UTC        | 2020 1 31
  31JAN2020:08:30:00             | 2020 1 31
  31-Jan-2020 8:30 p.m.          | 2020 1 31
  2020-08                        | 2020 8 0
  2020/8                         | 2020 8 0
  08/2020                        | 2020 8 0
  08.2020                        | 2020 8 0
  Aug 2020                       | 2020 8 0
  August 2020                    | 2020 8 0
  2020-Aug                       | 2020 8 0
  Aug-20                         | 20 8 0
  UN/AUG/2020                    | 2020 8 0
  UNK-AUG-2020                   | 2020 8 0
  2020-08-UN                     | 2020 8 0
  2020-08-00                     | 2020 8 0
  2020-08-??                     | 2020 8 0
  2020-UN-15                     | 2020 0 15
  2020-UNK-UNK                   | 2020 0 0
  2020                           | 2020 0 0
  UNK 2020                       | 2020 0 0
  0000-00-00                     | 0 0 0
")

test_that("every form that has one reading is taken apart", {
  found <- date_forms(known$written)
  expect_identical(found$kind, rep("known", nrow(known)))
  found[is.na(found)] <- 0
  expect_identical(paste(found$y, found$m, found$d), known$read)
  expect_identical(known$written[found$short], c("31JAN20", "20-May-18", "Aug-20"))
})

test_that("three numbers with the year last are open; dots are kept in mind", {
  found <- date_forms(c("31/01/2020", "1-2-20", "31.01.2020", "31012020", "UN/08/2020"))
  expect_identical(found$kind, rep("open", 5))
  expect_identical(found$a, c(31, 1, 31, 31, 0))
  expect_identical(found$b, c(1, 2, 1, 1, 8))
  expect_identical(found$c, c(2020, 20, 2020, 2020, 2020))
  expect_identical(found$dots, c(FALSE, FALSE, TRUE, FALSE, FALSE))
  expect_identical(found$short, c(FALSE, TRUE, FALSE, FALSE, FALSE))
  day <- date_forms("Fr. 31.01.2020") # of the week
  expect_identical(c(day$a, day$b, day$c), c(31, 1, 2020))
})

test_that("five digits are a day number; other text is no date", {
  expect_identical(date_forms(c("43861", "43861.5"))$s, c(43861, 43861.5))
  no <- c(
    "", "dead", "unknown", "UNK", "2021-04", "12:30", "1/2", "20-Aug", "123", "1234567",
    "0x7e4", "Juillembre 2020", "01/AUG/UNK", "2020-01/31", strrep("1", 100), NA,
    "2020-01-31 25:00"
  )
  found <- date_forms(no)
  expect_identical(no[!is.na(found$kind)], "2021-04")
  expect_identical(nrow(date_forms(character())), 0L)
})

test_that("months are known by name in six languages, whatever the case and accents", {
  english <- vapply(tolower(month.name), month_number, 1L, USE.NAMES = FALSE)
  expect_identical(english, 1:12)
  written <- c(
    "31. M\u00e4rz 2020", "31. MAERZ 2020", "3 ao\u00fbt 2020", "1er f\u00e9vrier 2020",
    "15 D\u00c9CEMBRE 2020", "31 de enero de 2020", "3 Fevereiro 2020",
    "1 Mar\u00e7o 2020", "12 giugno 2020", "5 dic. 2020", "5 Out 2020", "5-SET-2020",
    "5 Okt. 2020"
  )
  expect_identical(date_forms(written)$m, c(3, 3, 8, 2, 12, 1, 2, 3, 6, 12, 10, 9, 10))
  # Of two months that begin alike, none is taken: juin and juillet
  expect_identical(month_number("jui"), NA_integer_)
  expect_identical(date_forms("31 juil. 2020")$m, 7)
  expect_identical(date_forms("2020\u5e741\u670831\u65e5")$d, 31)
})

test_that("no locale changes what is read", {
  written <- c(
    known$written, "31. M\u00e4rz 2020", "5 GIUGNO 2020", "15 D\u00c9CEMBRE 2020"
  )
  read <- date_forms(written)
  for (locale in c("C", "tr_TR.UTF-8", "ja_JP.UTF-8")) {
    available <- suppressWarnings(withr::with_locale(c(LC_CTYPE = locale),
      Sys.getlocale("LC_CTYPE")
    ))
    if (available != locale) next
    withr::with_locale(c(LC_CTYPE = locale), {
      expect_identical(date_forms(written), read, label = locale)
    })
  }
  expect_identical(tail(read$m, 3), c(3, 6, 12))
})

test_that("a two-digit year is the last one that is not after the given day", {
  last <- as.Date("2026-11-29")
  expect_identical(full_year(c(26, 27, 0, 99), TRUE, last), c(2026, 1927, 2000, 1999))
  expect_identical(full_year(2018, FALSE, last), 2018)
})

test_that("unknown parts give a span of days; a day that does not exist gives none", {
  parts <- data.frame(
    y = c(2020, 2020, 2021, 2020, 2020, 2021), m = c(1, 2, 2, 0, 12, 2),
    d = c(31, 0, 0, 15, 0, 29)
  )
  span <- date_span(parts)
  expect_identical(format(span$from), c(
    "2020-01-31", "2020-02-01", "2021-02-01", "2020-01-01", "2020-12-01", NA
  ))
  expect_identical(format(span$to), c(
    "2020-01-31", "2020-02-29", "2021-02-28", "2020-12-31", "2020-12-31", NA
  ))
})
