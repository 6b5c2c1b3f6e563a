# What a call says of its rows: the expressions of `id` and `weights`.

# `id` and `weights` as they were written, to be evaluated in `data` or else in `env`,
# where the call was written. Every estimator begins with
#   call <- captured(substitute(id), substitute(weights), weight_type, parent.frame())
captured <- function(id, weights, weight_type, env) {
  list(id = id, weights = weights, weight_type = weight_type, env = env)
}
