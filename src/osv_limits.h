/* osv_limits - prototypes of confidence limits and bands, see osv_core.h. */
#ifndef OSV_LIMITS_H
#define OSV_LIMITS_H

/* ---- pointwise limits: osv_interval.c, osv_limits.c, osv_cluster_limits.c ---- */

void osv_cause_interval(osv_conf type, double z, size_t n_cause, const double *f,
                        const double *rest, const double *std_error, size_t m,
                        double *low, double *high);

/* F and 1 - F of one cause in one row */
typedef struct {
  double cif, rest;
} osv_incidence_row;
osv_incidence_row osv_incidence_start(void);
void osv_incidence_limits(osv_conf type, double z, const osv_aj_out *aj, size_t stride,
                          size_t n_cause, size_t cause, size_t m, osv_incidence_row *last,
                          double *low, double *high);

/* A product of independent beta variables, one per event time. log_mean is the log of its
 * mean, prod a / (a + b). The beta distribution with the same two moments follows from
 * log_square and log_shift, see match_beta(). a and b are the shapes of the last factor,
 * so with a single factor they are the shapes of the product. */
typedef struct {
  double log_mean, log_square, log_shift;
  double a, b;
  int factors;
} osv_beta_moments;

/* State of the exact limits of one cause: the moments of the product so far; `risk`, the
 * subdistribution risk set after the last time; `ratio`, risk divided by the number at
 * risk; `after`, the number at risk after the last time; `least`, the minimum of `risk`
 * so far */
typedef struct {
  osv_beta_moments moments;
  double ratio, risk, after, least;
  int ended; /* 1: S is 0, and F keeps its last value even if subjects enter later */
} osv_exact_state;

/* Shapes of the two beta distributions behind the exact limits of 1 - F; `least` as in
 * osv_exact_state */
typedef struct {
  double *low_a, *low_b, *high_a, *high_b, *least;
} osv_exact_out;
osv_exact_state osv_exact_start(double start);
void osv_exact_update(osv_exact_state *state, const osv_counts *counts, size_t n_cause,
                      size_t cause, const double *after, size_t from, size_t m,
                      const osv_exact_out *out);
double osv_log_limit_no_event(double n, double tail);
int osv_beta_quantile(double tail, double a, double b, double log_beta, int upper,
                      double *x);

/* The kind of limits of a row */
typedef enum {
  OSV_LIMITS_FORMULA,   /* those of osv_interval() */
  OSV_LIMITS_UNKNOWN,   /* cannot be computed: NaN */
  OSV_LIMITS_NO_EVENT,  /* no event yet */
  OSV_LIMITS_PRODUCT,   /* beta product, see osv_exact_update() */
  OSV_LIMITS_EFFECTIVE, /* Clopper-Pearson for the effective number of ids */
  OSV_LIMITS_LATE       /* as OSV_LIMITS_EFFECTIVE, for delayed entry */
} osv_limits_kind;

typedef struct {
  int at_start, at_end; /* at_start: the estimate is still at its first value; at_end: all
                         * have had the event */
  int no_event;         /* no event of the cause has occurred */
  double events;        /* events of the cause up to the row */
  int late;             /* some subjects have delayed entry */
  int by_id, no_spread; /* by_id: rows have ids; no_spread: all ids have the same
                         * estimate */
  double n_id;
} osv_limits_row;
osv_limits_kind osv_which_limits(osv_conf type, const osv_limits_row *row);
osv_conf osv_conf_of_size(osv_conf type, double n);

/* The inputs of the exact limits of a row, see osv_exact_limits() */
typedef struct {
  osv_limits_kind kind;
  int survival; /* 1: limits of S, which starts at 1; 0: limits of F, which starts at 0 */
  double a[2], b[2];
  double estimate, rest, std_error, n, least;
} osv_basis;

/* What osv_exact_limits() writes to low and high: the limits, or the numbers from which
 * limits at other confidence levels are computed. A: the first shapes of the
 * distributions of the lower and the upper limit. B: their second shapes. NUMBERS: with
 * delayed entry, low is n, and high is 1 if the risk set has been empty, else 0; without
 * delayed entry, low is 0, and high is `least` + 1, or 0 if `least` is NaN. In rows
 * before the first event the limits themselves are always written. */
typedef enum { OSV_SHOW_LIMITS, OSV_SHOW_A, OSV_SHOW_B, OSV_SHOW_NUMBERS } osv_exact_show;

/* The type and tail probability of exact limits, and the limits of the last row, which
 * are reused if the next row has the same inputs */
typedef struct {
  const osv_quantiles *quantiles;
  osv_conf type;
  double tail; /* error probability on each side */
  osv_exact_show show;
  double a[2], b[2], beta[2];          /* last shapes, and the limits computed from
                                        * them */
  double estimate, std_error, late[2]; /* last input of late_limits(), and its limits */
} osv_exact;
osv_exact osv_exact_of(osv_conf type, double tail, const osv_quantiles *quantiles);
void osv_exact_limits(osv_exact *x, const osv_basis *row, double *low, double *high);
void osv_effective_shapes(double f, double rest, double se, double *a, double *b);
void osv_effective_limits(osv_exact *x, double f, double rest, double se, double *low,
                          double *high);

/* State of the exact limits of one cause; the rows of the curve are read in order */
typedef struct {
  osv_exact exact;
  osv_subjects subjects;
  int survival;
  size_t n_cause, cause;
  osv_exact_state state;
  double events;
} osv_curve_limits;
osv_curve_limits osv_limits_start(const osv_exact *exact, osv_subjects subjects,
                                  int survival, size_t n_cause, size_t cause);
size_t osv_limits_update(osv_curve_limits *x, const osv_counts *counts,
                         const double *after, size_t n, const double *estimate,
                         const double *std_error, double *low, double *high);
void osv_limits_at_end(osv_curve_limits *x, const osv_counts *counts, const double *after,
                       size_t n, const double *estimate, const double *std_error,
                       double *low, double *high);
osv_status osv_limits_whole(osv_curve_limits *x, const osv_counts *counts,
                            const double *after, size_t m, const double *estimate,
                            const double *std_error, const osv_poll *poll, double *low,
                            double *high);
osv_status osv_cluster_limits(const osv_exact *want, double z, const osv_counts *counts,
                              size_t m, size_t n_cause, size_t cause, int survival,
                              const osv_cluster_out *by_id, const double *events,
                              const double *rest, const osv_poll *poll, double *event,
                              double *low, double *high);

/* ---- options of a survival curve: osv_survival.c, osv_band.c ---- */

void osv_breslow(const double *n_risk, const double *n_event, size_t m, int one_by_one,
                 const osv_km_out *out);
typedef enum { OSV_LOWER_USUAL, OSV_LOWER_PETO, OSV_LOWER_MODIFIED } osv_lower;
void osv_lower_std_error(osv_lower lower, const double *n_risk, const double *n_event,
                         const double *surv, const double *risk, const double *std_error,
                         size_t m, double *out);
void osv_survival_limits(osv_conf type, double z, osv_lower lower, const double *n_risk,
                         const double *n_event, const osv_km_out *km, size_t m,
                         double *work, double *low, double *high);

typedef enum { OSV_BAND_HALL_WELLNER, OSV_BAND_EQUAL_PRECISION } osv_band;
double osv_band_probability(osv_band band, double c, double a, double b);
double osv_band_critical(osv_band band, double level, double a, double b);
typedef struct {
  osv_band band;
  osv_conf scale;
  double level, range[2];
} osv_band_request;
double osv_band_limits(const osv_band_request *want, const double *time,
                       const double *n_risk, const osv_km_out *km, size_t m, double *work,
                       double *low, double *high, double *from, double *to);

#endif
