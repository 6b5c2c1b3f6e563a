#' Estimators, lower limits and bands of a survival curve
#'
#' What [kaplan_meier()] gives beside the product-limit curve with pointwise limits:
#' `estimator`, `conf.lower`, the interval types `"mid-p"` and `"small-sample"`, `band`
#' and `start`.
#'
#' @details **`estimator`.** `"breslow"` is \eqn{e^{-H}}{exp(-H)} with the cumulative
#'   hazard H of Nelson and Aalen, `"fleming-harrington"` the same with events of one time
#'   taken one by one (SAS has the same names; survival: `stype = 2` with `ctype = 1` and
#'   `2`), see [cumulative_hazard()]. The standard error is
#'   \eqn{e^{-H} \mathrm{se}(H)}{exp(-H) se(H)}. Without ties the two are one; neither
#'   falls to 0.
#'
#'   **`conf.lower`** widens lower limits while subjects leave and nobody fails, by the
#'   number still at risk, n: the standard error of the lower limit is
#'   \eqn{S \sqrt{(1 - S) / n}}{S sqrt((1 - S) / n)} with `"peto"`, and
#'   \eqn{s \sqrt{n' / n}}{s sqrt(n' / n)} with `"modified"`, n' at risk at the last event
#'   time. Upper limits stay.
#'
#'   **`conf.type = "mid-p"`** is the mid-p form of `"exact"`: quantiles of the even
#'   mixture of the distributions behind the lower and the upper exact limit. Shorter;
#'   covers the level on the average, not at least.
#'
#'   **`conf.type = "small-sample"`**, the default, has exact limits in curves of up to 50
#'   subjects; in larger ones as long as the curve (of a cause) has had at most 5 events,
#'   and log-log limits after them. In small groups nothing else keeps its level: of 9 to
#'   37 subjects none of whom is censored, with 3 to 50% of events (a sum over the
#'   binomial law), 95% log-log intervals of S cover from 90.9% on and mid-p ones from
#'   92.3% on, these from 95.1% on; with staggered censoring (simulated) log-log intervals
#'   cover 91.7 to 98.1% (S) and 93.2 to 99.7% (F), these 95.1% and more. That holds for
#'   right-censored data; for left truncation see [kaplan_meier()]. With the
#'   jackknife (`id`, sampling weights) ids (or rows) are counted, not subjects: with
#'   lesions of 9 to 37 patients log-log limits cover from 91.6% on, these from 94.5% on.
#'   Events of sampling weights are counted as rows. [tidy()] says in each row which
#'   limits stand there, `exact` or `log-log`.
#'
#'   **`band`**: limits that hold the whole curve between two times, not one point of it,
#'   in the columns `band.low` and `band.high`, on `band_scale`. With n the
#'   subjects of the curve, v the variance of \eqn{\log S}{log S} and
#'   \eqn{a = n v / (1 + n v)}{a = n v / (1 + n v)} at the two times, \eqn{z s}{z s} of
#'   the interval formulas becomes
#'   \deqn{\textrm{Hall-Wellner: } S (1 + n v) k / \sqrt{n}, \quad
#'     \textrm{equal precision: } c s}{
#'     Hall-Wellner: S (1 + n v) k / sqrt(n); equal precision: c s}
#'   where k bounds a Brownian bridge and c a bridge over its standard deviation from
#'   \eqn{a_L}{a_L} to \eqn{a_U}{a_U} with probability `conf.level`. Both are computed,
#'   not looked up: k by reflection, c by the eigenfunctions of the Ornstein-Uhlenbeck
#'   process (published tables of c rest on an approximation: 2.8826 for 0.1 to 0.6 at
#'   95%, here 2.8873). The times are `band_range`, by default, and at most, from the
#'   first event to the last time at which S is above 0; outside them the columns are
#'   `NA`. A band is nowhere narrower than the exact limits of a point, where `conf.type`
#'   has those. Simulated over the whole of that range at 9 to 37 subjects with 10 to 50%
#'   of events by month 24 of 72, 95% bands as they are by default cover 95.9% and more;
#'   those of the formula alone on the arcsine scale, which Borgan and Liestol (1990)
#'   found best, 89 to 99%, on the log-log scale 83 to 94%.
#'
#'   **`start`**: survival given event-free just after `start`,
#'   \deqn{S(t \mid T > s) = S(t) / S(s) = \prod_{s < t_j \le t} (1 - d_j / n_j)}{
#'     S(t | T > s) = S(t) / S(s) = prod_(s < t_j <= t) (1 - d_j / n_j)}
#'   with the Greenwood sum over the same times: rows that leave by `start` play no part.
#'   The clock stays that of the data ([late_group()] has the landmark that restarts it);
#'   the first row of [tidy()] is at `start`, and earlier `times` are an error. An event
#'   at `start` itself has happened; `survival::survfit(start.time =)` keeps it in.
#' @section Errors: `oligosurv_error_input` for `conf.lower` with exact limits and for
#'   exact limits of another estimator, which rest on the product-limit curve, and for
#'   these options without limits (`conf.type = "none"`);
#'   `oligosurv_error_data` for these options with `id` or sampling weights, whose
#'   variance they would ignore, and for Hall-Wellner bands with left truncation;
#'   `oligosurv_error_domain` for times before `start`.
#' @references Fleming and Harrington (1984) \doi{10.1080/03610928408828837};
#'   Peto et al. (1977) \doi{10.1038/bjc.1977.1};
#'   Dorey and Korn (1987) Statistics in Medicine 6, 679-687;
#'   Fay and Brittain (2016) \doi{10.1002/sim.6905};
#'   Hall and Wellner (1980) \doi{10.1093/biomet/67.1.133};
#'   Nair (1984) \doi{10.1080/00401706.1984.10487964};
#'   Borgan and Liestol (1990) Scandinavian Journal of Statistics 17, 35-41.
#' @examples
#' d <- data.frame(month = c(2, 3, 3, 5, 8, 9, 12, 15), dead = c(1, 1, 1, 0, 1, 0, 1, 0))
#' # all at once: H(3) = 1/8 + 2/7; one by one: 1/8 + 1/7 + 1/6
#' fit <- kaplan_meier(Surv(month, dead) ~ 1, d, estimator = "fleming-harrington")
#' -log(summary(fit, times = 3)$estimate) # 0.4345238
#' # among those event-free after 3 months: S(9) / S(3) = 3/4
#' kaplan_meier(Surv(month, dead) ~ 1, d, start = 3, times = 9)
#' # curve_plot() draws the band, fainter, behind the limits of each time
#' kaplan_meier(Surv(month, dead) ~ 1, d, band = "hall-wellner")
#' @name survival_band
NULL
