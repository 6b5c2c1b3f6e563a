#' @useDynLib oligosurv, .registration = TRUE, .fixes = "C_"
#' @importFrom generics tidy glance augment
#' @importFrom survival Surv strata
#' @importFrom stats median pchisq pt qt quantile
NULL

#' @export
generics::tidy

#' @export
generics::glance

#' @export
generics::augment

#' @export
survival::Surv

#' @export
survival::strata

.onUnload <- function(libpath) library.dynam.unload("oligosurv", libpath)

# Wraps the functions of objects so that they name a changed component, see guarded()
assign("make", function() example_objects(), envir = object_examples)
assign("fault", function(x, class) {
  switch(class,
    event_table = table_fault(x), state_table = states_fault(x),
    oligosurv_fit = fit_fault(x), hazard_ratio = ratio_fault(x),
    state_occupation = if (!is.null(states_fault(x$counts))) "counts"
  )
}, envir = object_examples)
for (name in c(
  "print_result", "tidy_result", "glance_result", "frame_result", "table_knit",
  "result_table", "inline_text", "save_table", "as_tinytable", "forest_plot",
  "curve_plot", "flow_plot", "as_survfit", "cumulative_hazard", "survival_band",
  "survival_estimate", "state_occupation", "adjusted_curves", "loglog_plot",
  "write_counts", "concordance_index", "study_problems", grep(paste0(
    "^(print|summary|format|predict|tidy|glance|median|quantile|plot|autoplot|augment|",
    "coef|vcov|confint|nobs|logLik|formula|model.matrix|anova|drop1|residuals|",
    "as.data.frame|droplevels|unique|relevel|levels<-|\\[|\\[\\[)[.]"
  ), ls(environment()), value = TRUE)
)) {
  assign(name, guarded(get(name)))
}
rm(name)
