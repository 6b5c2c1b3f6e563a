#' @useDynLib oligosurv, .registration = TRUE, .fixes = "C_"
#' @importFrom generics tidy glance augment
#' @importFrom survival Surv strata
#' @importFrom stats median quantile
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
