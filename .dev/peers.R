# Rscript .dev/peers.R : draws vignettes/peers/*.png, figures of the same data by other
# packages with their usual settings, for the gallery on machines without those packages.
# vignettes/peers/versions.csv records the versions of the packages.
library(oligosurv)
os <- as.data.frame(endpoint(hcc_sbrt, "os"))
lf <- as.data.frame(endpoint(hcc_sbrt, "local_failure"))
from <- function(package, name) getExportedValue(package, name)
survival_curves <- survival::survfit(Surv(time, status) ~ cohort, os)
risks <- survival::survfit(Surv(time, status) ~ cohort, lf)

figures <- list(
  survminer = list(
    survival = function() {
      print(from("survminer", "ggsurvplot")(survival_curves,
        data = os, risk.table = TRUE, pval = TRUE, conf.int = TRUE
      ))
    },
    incidence = function() print(from("survminer", "ggcompetingrisks")(risks))
  ),
  prodlim = list(
    survival = function() {
      plot(from("prodlim", "prodlim")(prodlim::Hist(time, status) ~ cohort, os))
    },
    incidence = function() {
      fit <- from("prodlim", "prodlim")(
        prodlim::Hist(time, status, cens.code = "censored") ~ cohort, lf
      )
      plot(fit, cause = "local failure")
    }
  )
)
there <- Filter(function(p) nzchar(system.file(package = p)), names(figures))
for (package in there) {
  for (name in names(figures[[package]])) {
    save_figure(figures[[package]][[name]],
      sprintf("vignettes/peers/%s-%s.png", package, name), 174, 130, dpi = 100
    )
  }
}
versions <- vapply(there, function(p) as.character(utils::packageVersion(p)), "")
write.csv(data.frame(package = there, version = versions),
  "vignettes/peers/versions.csv", row.names = FALSE
)
