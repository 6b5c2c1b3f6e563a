# A short run of the fuzzer of all exported functions, .dev/fuzz-r.R: `make fuzz-r` runs
# it for longer. The call with each number is always the same.

test_that("300 odd calls end in an answer or a classed error", {
  skip_on_cran()
  skip_on_os("windows")
  script <- test_path("..", "..", ".dev", "fuzz-r.R")
  skip_if_not(file.exists(script), "the fuzzer is not in the package")
  withr::local_dir(test_path("..", ".."))
  out <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"),
    c("--vanilla", ".dev/fuzz-r.R", "--seed=1", "--calls=300", "--seconds=120"),
    stdout = TRUE, stderr = FALSE
  ))
  crashes <- grep("^(crash|hang)", out, value = TRUE)
  expect_identical(crashes, character())
  expect_match(utils::tail(out, 1L), "^fuzz-r: [0-9]+ calls .* 0 crashes and hangs")
})
