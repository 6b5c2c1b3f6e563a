# read_study(): untidy exports of one study, each of which gives the study of its tidy
# tables, or an error that says what to do (helper-messy.R).

# What reading says in notes and warnings, as one text
heard <- function(expr) {
  said <- character()
  value <- withCallingHandlers(expr, warning = function(w) {
    said <<- c(said, conditionMessage(w))
    invokeRestart("muffleWarning")
  }, message = function(m) {
    said <<- c(said, conditionMessage(m))
    invokeRestart("muffleMessage")
  })
  list(value = value, said = paste(said, collapse = "\n"))
}

messy_folder <- function(form, frame = parent.frame()) {
  dir <- withr::local_tempdir(.local_envir = frame)
  form$write(form$change(messy_tables()), dir)
  dir
}

test_that("each untidy export is read by one call, or the error says what to do", {
  forms <- messy_forms()
  expect_false(anyDuplicated(names(forms)) > 0L)
  for (name in names(forms)) {
    form <- forms[[name]]
    dir <- messy_folder(form)
    read <- tryCatch(heard(do.call(form$read, c(dir, form$args))), error = identity)
    if (!is.null(form$message)) {
      expect_s3_class(read, "oligosurv_error")
      expect_match(conditionMessage(read), form$message, label = name)
      next
    }
    if (inherits(read, "error")) {
      fail(sprintf("%s: %s", name, conditionMessage(read)))
      next
    }
    tidy <- heard(do.call(sbrt_study, form$but(messy_tables())))$value
    expect_identical(messy_values(read$value), messy_values(tidy), label = name)
    if (is.null(form$says)) {
      expect_identical(read$said, "", label = name)
    } else {
      expect_match(read$said, form$says, label = name)
    }
  }
})

test_that("the call that an error suggests runs, and reads the study", {
  forms <- Filter(function(form) form$advice, messy_forms())
  expect_gte(length(forms), 5L)
  for (name in names(forms)) {
    form <- forms[[name]]
    dir <- messy_folder(form)
    error <- tryCatch(heard(read_study(dir)), error = identity)
    expect_match(error$advice, "This call reads the study", label = name)
    expect_match(conditionMessage(error), error$advice, fixed = TRUE, label = name)
    code <- sub("^[^\n]*:\n", "", error$advice)
    read <- heard(eval(parse(text = code, encoding = "UTF-8")))
    tidy <- suppressMessages(do.call(sbrt_study, form$but(messy_tables())))
    expect_identical(messy_values(read$value), messy_values(tidy), label = name)
  }
})
