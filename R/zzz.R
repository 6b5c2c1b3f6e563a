#' @useDynLib oligosurv, .registration = TRUE, .fixes = "C_"
#' @importFrom generics tidy glance
#' @importFrom survival Surv strata
#' @importFrom stats median quantile
NULL

#' @export
generics::tidy

#' @export
generics::glance

#' @export
survival::Surv

#' @export
survival::strata

.onUnload <- function(libpath) library.dynam.unload("oligosurv", libpath)
