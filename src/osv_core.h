/* osv_core - prototypes of the kernels. The contract of each is above its definition.
 * Kernels do not use R: they read const pointers, write to arrays of the caller, allocate
 * nothing and return an osv_status.
 *
 * In the contracts, x[n] is an array of length n, work and scratch are arrays whose
 * contents do not matter, and "Value" is the return value. In the formulas, n is the
 * number at risk, d the events, t- means just before t, delta_jl is 1 if j = l, else 0,
 * [condition] is 1 if the condition holds, else 0, and <- is an update. */
#ifndef OSV_CORE_H
#define OSV_CORE_H

#include "oligosurv.h"
#include "osv_dd.h"

/* A time t is merged into the first time t0 of its tie if t - t0 <= OSV_TIE_TOL t. A
 * curve within OSV_SAME_PROBABILITY of a probability counts as equal to it. The limits of
 * the small-sample type are exact up to OSV_FEW_EVENTS events, and in curves of up to
 * OSV_FEW_SUBJECTS subjects or ids. R code has the same values; a test compares them. */
#define OSV_TIE_TOL 1e-9
#define OSV_SAME_PROBABILITY 1e-12
enum { OSV_FEW_EVENTS = 5, OSV_FEW_SUBJECTS = 50 };

/* A log likelihood is a sum over events, of which rounding errors may be this share */
#define OSV_LOGLIK_ERROR 1e-10

/* Returns 1 when a kernel should poll. `done` counts the rows since the last poll, or
 * other steps of similar cost. */
static inline int osv_is_due(size_t *done) {
  if (*done < OSV_POLL_ROWS) return 0;
  *done = 0;
  return 1;
}

/* Work on a matrix of p covariates costs about p^2 operations per row: with more
 * covariates than this, kernels poll once per row. Returns 1 if the user has requested a
 * stop. */
enum { OSV_MANY_COVARIATES = 128 };
static inline int osv_poll_row(const osv_poll *poll, size_t p) {
  return p > OSV_MANY_COVARIATES && poll && poll->fn(poll->ctx);
}

/* Kernels that other packages may call are declared by their public types. */
#define OSV_DECLARE(name) osv_##name##_fn osv_##name;
OSV_KERNELS(OSV_DECLARE)
#undef OSV_DECLARE

/* ---- rows -> event table: osv_count.c, osv_bucket.c, osv_sort.c ---- */

/* Columns of the caller, one subject per row. Times and statuses are double or int: one
 * pointer of each pair is NULL. A row with a missing value (NaN, or INT_MIN as in R) in
 * any column is incomplete and skipped. */
typedef struct {
  size_t n;
  const double *time;
  const int *time_int;
  const double *status;
  const int *status_int;
  int status_first;   /* the code that counts as status 0 */
  int n_status;       /* codes status_first .. status_first + n_status - 1 are allowed */
  const int *group;   /* 1 .. n_group, or NULL: one group */
  const int *stratum; /* 1 .. n_stratum, or NULL: one stratum */
  int n_group, n_stratum;
} osv_rows;

enum { OSV_BLOCK = 1024 };

/* The rows of a range that have no missing value. A cell is a pair of curve (group in a
 * stratum) and status, numbered curve * n_status + status. */
typedef struct {
  size_t n;
  double time[OSV_BLOCK];
  int cell[OSV_BLOCK];
} osv_block;

osv_status osv_rows_read(const osv_rows *rows, size_t from, size_t to, osv_block *block,
                         size_t *bad);

/* Hash table of distinct (time, cell); n == 0 marks a free slot. size is a power of 2. */
typedef struct {
  double time, n;
  int cell;
} osv_slot;

typedef struct {
  osv_slot *slot;
  size_t size, used;
} osv_hash;

/* Counts n[point * n_cell + cell] at `size` grid points, which are 1 / scale apart.
 * `time` is the time stored at each point, NaN at a point without one. If size is 0 there
 * is no grid. */
typedef struct {
  double scale;
  size_t size, n_cell;
  double *time;
  uint32_t *n;
} osv_grid;

double osv_grid_scale(const double *sorted, size_t n, size_t n_cell, size_t most,
                      size_t *size);
void osv_grid_clear(const osv_grid *grid);
size_t osv_grid_count_rows(const osv_grid *grid, const osv_rows *rows, size_t from,
                           size_t to, size_t *left);
int osv_grid_count_row(const osv_grid *grid, double time, int cell);
size_t osv_grid_used(const osv_grid *grid);
int osv_grid_add(const osv_grid *into, const osv_grid *from);
void osv_grid_to_table(const osv_grid *grid, int n_status, size_t n_curve, double *time,
                       int *status, double *n, double *start);

size_t osv_hash_block(size_t size);
osv_status osv_hash_count_rows(osv_hash *hash, const osv_grid *grid, const osv_rows *rows,
                               size_t to, size_t limit, const osv_poll *poll, size_t *at,
                               size_t *complete);
osv_status osv_hash_merge(osv_hash *into, const osv_hash *from);
osv_status osv_hash_add_grid(osv_hash *into, const osv_grid *from);
void osv_hash_to_table(const osv_hash *hash, int n_status, size_t n_curve, double *time,
                       int *status, double *n, double *start, double *scratch_time,
                       int *scratch_index, size_t *cell_end);

/* Buckets of near-equal times, for rows with many distinct times. The rows of a curve are
 * divided into `per_curve` buckets, each for an interval of times of length 1 / scale;
 * the first begins at `low`. */
typedef struct {
  double low, scale;
  size_t per_curve;
} osv_buckets;

osv_status osv_buckets_count(const osv_buckets *buckets, const osv_rows *rows,
                             size_t from, size_t to, const osv_poll *poll, size_t *count,
                             size_t *bad);
osv_status osv_buckets_scatter(const osv_buckets *buckets, const osv_rows *rows,
                               size_t from, size_t to, const osv_poll *poll, size_t *next,
                               double *time, int *status);
enum { OSV_SORT_SCRATCH = 1 << 15 };
void osv_sort_radix(double *key, int *code, size_t n, double *key2, int *code2);
void osv_sort_bucket(double *time, int *status, size_t n, int n_status,
                     double *scratch_time, int *scratch_status, size_t *status_count);
size_t osv_sum_cells(const double *time, const int *status, const double *weight,
                     size_t n, double *out_time, int *out_status, double *out_n);
size_t osv_compress(const double *time, const int *status, size_t n, double *out_time,
                    int *out_status, double *out_n);

/* ---- tie rule, counts, sweeps: osv_ties.c, osv_table.c, osv_sweep.c ---- */

size_t osv_first_time(const double *time, size_t from, size_t to, double t);
void osv_find_cut(const osv_table *table, double tol, size_t *at);
size_t osv_merge_half(const osv_table *table, double tol, const size_t *cut, int half,
                      const osv_poll *poll, double *joined);
size_t osv_merge_ties(const osv_table *table, double tol, size_t *at, size_t *heap,
                      double *joined);
size_t osv_count_all_times(const osv_table *table, size_t *at, size_t *heap);
size_t osv_count_cells(const osv_table *table, size_t most, size_t *rows);

/* Number of subjects of a curve: n in all, `start` of them at risk at its start. gains: 1
 * if at some later time more subjects enter than leave. */
typedef struct {
  double n, start;
  int gains;
} osv_subjects;
osv_subjects osv_count_subjects(const osv_table *table, size_t curve, int reverse);
void osv_risk_after(const osv_table *table, size_t curve, const osv_counts *counts,
                    size_t m, int reverse, double *after);

osv_status osv_read_counts(const osv_table *table, size_t end, size_t most, size_t *row,
                           double *left, const osv_counts *out, size_t *m);
void osv_remaining(const double *time, const double *n, size_t from, size_t end,
                   const double *at, size_t m, double *left);

void osv_sweep_start(osv_sweep *sweep);
int osv_sweep_next(osv_sweep *sweep);

/* A block of times of two curves in merged order, each time with a single row */
enum { OSV_TIME_BLOCK = 256 };
typedef struct {
  size_t m;
  size_t second[OSV_TIME_BLOCK]; /* 1: the row is of the second curve */
  int status[OSV_TIME_BLOCK];
  double n_risk[2][OSV_TIME_BLOCK]; /* just before the time */
} osv_time_block;
int osv_sweep_has_blocks(const osv_sweep *sweep);
int osv_sweep_block(osv_sweep *sweep, osv_time_block *block);

/* ---- estimators ---- */

void osv_km_reverse(double *n_risk, double *n_event, double *n_censor, size_t m);

/* State of a curve: S and the sum of Greenwood's formula */
typedef struct {
  osv_dd surv, sum;
} osv_km_state;
osv_km_state osv_km_start(void);
void osv_km_update(osv_km_state *state, const double *n_risk, const double *n_event,
                   size_t m, const osv_km_out *out);

/* State of a curve of competing risks; see osv_aj() for the symbols */
typedef struct {
  osv_dd mass, drift, both, rest; /* g, r, g r, g - g r */
  double left;                    /* at risk after the events of the previous time */
  double surv, *cause;
} osv_aj_state;
osv_aj_state osv_aj_start(int n_cause, double *work);
void osv_aj_update(osv_aj_state *state, const osv_counts *counts, size_t m, int n_cause,
                   const osv_aj_out *out, size_t stride);

/* Running state of the standard error of one cause; see osv_aalen() for the symbols */
typedef struct {
  osv_dd surv, a, b, c;
} osv_aalen_state;
osv_aalen_state osv_aalen_start(void);
void osv_aalen_update(osv_aalen_state *state, const osv_counts *counts, size_t m,
                      size_t n_cause, size_t cause, double *std_error);

/* The rows of a table by cluster */
typedef struct {
  const osv_table *table;
  const int *id;        /* by row of the table, 1 .. n_id */
  const int *entry_row; /* the row of each entry of the table, from 1; NULL: no entries */
  int kish;             /* 1: the effective number of ids uses the weights */
} osv_cluster_rows;

/* See osv_cluster_aj() */
typedef struct {
  double *n_id, *after, *surv, *cif, *std_error, *kept;
  double *ids, *start;
  int *gains;
} osv_cluster_out;
osv_status osv_cluster_aj(const osv_cluster_rows *rows, size_t curve,
                          const osv_counts *counts, size_t m, const osv_poll *poll,
                          double *work, const osv_cluster_out *out);
size_t osv_cluster_work(size_t n_id, int n_cause);
void osv_cluster_variance(const double *u, size_t n_id, size_t k, double *variance);

typedef struct {
  double lost, kept, std_error;
} osv_area_out;
void osv_area(const osv_counts *counts, size_t m, int n_cause, int cause, double tau,
              osv_area_out *out);
void osv_area_limits(const osv_counts *counts, size_t m, int n_cause, int cause,
                     const double *after, double start, double tau, double tail,
                     double *low, double *high);

/* The functional whose pseudo-values are computed: F_k(at), or with `area` its integral
 * from 0 to `at`. The cause k is 0-based. */
typedef struct {
  int cause, area;
  double at;
} osv_functional;

/* See osv_pseudo() */
typedef struct {
  double *left_out, *influence, *passed;
} osv_pseudo_out;
size_t osv_pseudo_work(size_t m);
double osv_pseudo(const osv_counts *counts, size_t m, int n_cause,
                  const osv_functional *functional, double *work,
                  const osv_pseudo_out *out);

osv_status osv_logrank_scores(const double *time, const int *status, size_t n,
                              osv_weight weight, double rho, double gamma, double *score);

osv_status osv_maxcombo(osv_sweep *sweep, const double *power, size_t q,
                        const osv_poll *poll, double *work, const osv_test_out *out);
enum { OSV_MAX_NORMAL = 6 };
/* fn(ctx, rank, x): P(R > x) for the length R of a spherical vector in `rank` dimensions
 * (normal, t, ...) */
typedef struct {
  double (*fn)(void *ctx, size_t rank, double x);
  void *ctx;
} osv_tail;
osv_status osv_max_elliptical(const double *correlation, size_t k, double c,
                              const osv_tail *tail, double *p, size_t *rank);
osv_status osv_max_normal(const double *correlation, size_t k, double c, double *p,
                          size_t *rank);

/* Scores by id, and the position of a sweep over a table whose rows have ids */
typedef struct {
  const int *id;        /* by row of the table, 1 .. n_id */
  const int *entry_row; /* the row of each entry, from 1; NULL without left truncation */
  size_t *from, *entered; /* [k], the row and entry at which the last step began */
  double *u;              /* [n_id * k] */
} osv_id_scores;
void osv_sweep_mark(const osv_sweep *sweep, const osv_id_scores *scores);
osv_status osv_logrank_ids(osv_sweep *sweep, osv_weight weight, double rho, double gamma,
                           const osv_poll *poll, double *work, const osv_id_scores *out);
osv_status osv_gray_ids(osv_sweep *sweep, double rho, const osv_poll *poll, double *work,
                        const osv_id_scores *out);
osv_status osv_gray_pair(osv_sweep *sweep, int first, size_t n_test, double rho,
                         const osv_poll *poll, double *work, const osv_test_out *out);
size_t osv_gray_pair_work(int n_cause);
size_t osv_gray_ids_work(size_t k);
void osv_project_out(double *variance, double *score, size_t k, const int *out);
double osv_quadratic_form(const double *variance, const double *score, size_t k,
                          double *work, size_t *rank);

/* ---- permutation tests: osv_permute.c ---- */

/* fn(ctx): the next random number in (0, 1) */
typedef struct {
  double (*fn)(void *ctx);
  void *ctx;
} osv_uniform;

/* The units that are assigned to groups: subjects or clusters. Stratum s has the units
 * start[s] .. start[s + 1] - 1. */
typedef struct {
  const int *label; /* observed group of each unit, from 0 */
  const size_t *start;
  size_t n_stratum;
  const int *pool; /* only for osv_permute(), from osv_pool_labels() */
  const size_t *moved;
} osv_units;
void osv_pool_labels(const osv_units *units, size_t k, size_t *size, int *pool,
                     size_t *moved);

/* A statistic as a function of the labels of the units; cost: number of rows it reads */
typedef struct {
  osv_status (*fn)(void *ctx, const int *label, double *value);
  void *ctx;
  size_t cost;
} osv_statistic;
osv_status osv_permute(const osv_units *units, const osv_statistic *test, double limit,
                       size_t times, const osv_uniform *uniform, const osv_poll *poll,
                       int *label, double *at_least);
osv_status osv_enumerate(const osv_units *units, const osv_statistic *test, double limit,
                         size_t times, const osv_poll *poll, int *label,
                         double *at_least);

/* A rank test of k groups */
typedef struct {
  size_t n_unit, k;
  const double *score, *variance; /* [n_unit], [k * k] */
  const double *contrast;         /* [k] or NULL */
  double *sum, *work;             /* [k], [k * (k + 2)] */
} osv_rank_test;
void osv_rank_covariance(const osv_units *units, const double *score, size_t k,
                         double *size, double *variance);
osv_status osv_rank_statistic(void *ctx, const int *label, double *value);

/* The largest of q rank tests of two groups */
typedef struct {
  size_t n_unit, q;
  const double *score;      /* [q * n_unit], test after test */
  const double *scale;      /* [q] one over the standard error; 0: test left out */
  double *sum;              /* [q] */
  double *limit, *at_least; /* [q] for each test alone, see osv_max_statistic() */
} osv_max_test;
void osv_max_covariance(const osv_units *units, const double *score, size_t q,
                        double *variance);
osv_status osv_max_statistic(void *ctx, const int *label, double *value);

/* Gray's test, recomputed for each assignment */
typedef struct {
  const double *time; /* rows by stratum, ascending in time */
  const int *status;
  const size_t *unit;  /* unit of each row; NULL: one row per unit */
  const size_t *start; /* rows of each stratum */
  size_t n_stratum, k;
  const double *contrast; /* [k] or NULL */
  double rho;
  const osv_poll *poll;
  osv_sweep *sweep;   /* over the table of the next three arrays */
  double *curve_time; /* [rows of the largest stratum] */
  int *curve_status;
  double *curve_start; /* [k + 1] */
  size_t *next;        /* [k] position of the next row of each group */
  double *work;        /* [osv_gray_work(k)] */
  osv_test_out out;
} osv_gray_test;
osv_status osv_gray_statistic(void *ctx, const int *label, double *value);

/* ---- bootstrap: osv_bootstrap.c ---- */

typedef enum { OSV_BOOT_QUANTILE, OSV_BOOT_RATE, OSV_BOOT_AREA } osv_boot_kind;

/* Quantiles at the probabilities `at`, values at the times `at`, or areas up to `at`, of
 * the curves in `cause`: 0 is S, k is the incidence of cause k. midpoint: 1 if the
 * quantile is the midpoint of the interval in which the curve equals its probability. */
typedef struct {
  osv_boot_kind kind;
  const int *cause;
  size_t n_cause;
  const double *at;
  size_t n_at;
  int midpoint;
} osv_boot_statistic;

/* The rows of one curve by resampling unit */
typedef struct {
  const double *time; /* [m] distinct times, ascending */
  size_t m, n_unit;
  int n_status;
  const size_t *cell;  /* of each row: status * m + index of its time */
  const size_t *start; /* rows of each unit, [n_unit + 1]; NULL: one row per unit */
  const size_t *entry; /* of each row: index of the first time at which it is at risk;
                        * NULL: all are at risk from the start */
} osv_boot_curve;

/* Results by statistic and resample or unit, see osv_bootstrap(); past may be NULL */
typedef struct {
  double *value;
  size_t stride;
  double *past;
} osv_boot_out;
size_t osv_boot_work(const osv_boot_curve *curve);
osv_status osv_bootstrap(const osv_boot_curve *curve, const osv_boot_statistic *statistic,
                         size_t times, const osv_uniform *uniform, const osv_poll *poll,
                         double *work, const osv_boot_out *out);
osv_status osv_leave_one_out(const osv_boot_curve *curve,
                             const osv_boot_statistic *statistic, const osv_poll *poll,
                             double *work, const osv_boot_out *out);

/* ---- regression: osv_firth.c; others in the headers below ---- */

/* A likelihood of p coefficients. moments() writes the log likelihood, the score [p] and
 * the upper triangle of the information [p * p]. slope() is called after moments() at the
 * same beta and writes the traces [p] of inverse dI/dbeta. */
typedef struct {
  size_t p;
  void *ctx;
  osv_status (*moments)(void *ctx, const double *beta, double *loglik, double *score,
                        double *information);
  osv_status (*slope)(void *ctx, const double *beta, const double *inverse,
                      double *slope);
} osv_likelihood;

size_t osv_firth_work(size_t p);
osv_status osv_firth_of(const osv_likelihood *likelihood, double cut,
                        const osv_poll *poll, double *work, const osv_firth_out *out);

/* ---- concordance: osv_concordance.c ---- */

/* Rows by stratum and time, see osv_concordance() */
typedef struct {
  size_t n, n_stratum;
  const size_t *stratum_end;
  const int *time, *start, *by_start, *status, *score;
  const double *weight, *pair, *left;
  int competing; /* 1: there are rows of status 2 */
} osv_pairs;

enum {
  OSV_CONCORDANT,
  OSV_DISCORDANT,
  OSV_TIED_SCORE,
  OSV_TIED_TIME,
  OSV_TIED_BOTH,
  OSV_N_PAIR_COUNT
};
/* Roles of a row in its pairs: a case; a control that is still at risk; a control that
 * had a competing event before; a case that is paired with such a control */
enum { OSV_CASE, OSV_CONTROL, OSV_GONE, OSV_CASE_OF_GONE, OSV_N_ROLE };
typedef struct {
  double *count, *won[OSV_N_ROLE], *all[OSV_N_ROLE];
} osv_pairs_out;
size_t osv_concordance_work(size_t n);
osv_status osv_concordance(const osv_pairs *pairs, const osv_poll *poll, double *work,
                           const osv_pairs_out *out);

#include "osv_cox_fit.h"
#include "osv_finegray.h"
#include "osv_regression_rows.h"
#include "osv_curves.h"
#include "osv_limits.h"
#include "osv_states.h"

#endif
