# Replaces an object of the package until the end of a test.

local_internal <- function(name, value, frame = parent.frame()) {
  inside <- asNamespace("oligosurv")
  set <- function(value) {
    unlockBinding(name, inside)
    assign(name, value, inside)
    lockBinding(name, inside)
  }
  usual <- get(name, inside)
  withr::defer(set(usual), envir = frame)
  set(value)
  invisible(usual)
}
