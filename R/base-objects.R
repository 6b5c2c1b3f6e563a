# Objects that a user changed after they were made, for example by `fit$time <- NULL`: the
# one error for all of them.

# `component`: names of what is missing or does not match the rest
stop_changed <- function(noun, component, maker) {
  stop_oligosurv("data", sprintf(
    paste(
      "the %s was changed after %s made it (missing, or not matching the rest: %s);",
      "make it again"
    ), noun, maker, join_words(sprintf("`%s`", component))
  ), component = component)
}

# Called from C, which checks types, lengths and offsets whenever it reads a table
stop_changed_table <- function(component) {
  stop_changed("event table", component, "event_table()")
}
