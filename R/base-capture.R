# What a call says of its rows: the expressions of `id` and `weights`.

# `id` and `weights` as they were written, to be evaluated in `data` or else in `env`, the
# frame in which the call was written. Every estimator calls this first, with substitute()
# of both and its parent.frame().
captured <- function(id, weights, weight_type, env) {
  list(id = id, weights = weights, weight_type = weight_type, env = env)
}
