/* r_api - what the glue files share; the only door between R and the kernels. */
#ifndef R_API_H
#define R_API_H

#define R_NO_REMAP
#include <R.h>
#include <R_ext/Rdynload.h>
#include <Rinternals.h>
#include <stdatomic.h>

#include "osv_core.h"

/* r_util.c */
double *r_new_column(SEXP list, int at, R_xlen_t n);
int *r_new_codes(SEXP list, int at, R_xlen_t n);
double *r_scratch(size_t n);
SEXP r_element(SEXP list, const char *name);
int r_is_text(SEXP x, const char *text);
enum { R_MOST_WORDS = 20 };
typedef struct {
  const char *text[R_MOST_WORDS]; /* up to a NULL */
  SEXP made;
} r_words;
SEXP r_shared(r_words *words);
SEXP r_new_list(r_words *names);
osv_table r_table(SEXP table_);
osv_table r_table_of(SEXP event_table);
void r_abort_status(osv_status status);
extern const osv_uniform r_uniform;
void r_report(SEXP report_, double done);

/* r_threads.c: kernels poll through the gate; only the main thread asks R */
typedef struct {
  osv_poll poll;
  atomic_int stop;
  double asked; /* when R was asked last */
} r_gate;
void r_gate_open(r_gate *gate);
/* A piece of work that threads share out, see r_share() */
typedef osv_status r_piece_of_work(void *ctx, size_t i, const osv_poll *poll);
void r_share(int threads, size_t n, r_piece_of_work *work, void *ctx);
int r_thread_count(SEXP threads_, double n_row);
int r_thread_index(void);
SEXP r_quick_threads(void);
void r_threads_init(void);
SEXP r_take_condition(void);

/* r_curves.c: the rows of the output */
typedef struct {
  R_xlen_t n_curve;
  const size_t *first, *size; /* first output row and number of rows of each curve */
  R_xlen_t n_row;
} r_layout;

/* r_pieces.c: a curve, R_PIECE distinct times at once */
enum { R_PIECE = 256 };
typedef struct {
  const osv_table *table;
  const osv_counts *whole;
  int reverse;
  size_t m, row, end;
  double left;                     /* subjects from `row` on */
  size_t at, n;                    /* the piece: first of its times, and how many */
  osv_counts now;                  /* their counts */
  const double *all_after, *after; /* at risk after the times: all (set by the caller
                                    * where it has `whole`), of the piece */
  double *own_after;               /* scratch for them where there is no `whole` */
  osv_status status;
} r_pieces;
size_t r_pieces_work(size_t n_cause);
int r_is_plain(const osv_table *table);
r_pieces r_pieces_of(const osv_table *table, size_t c, const osv_counts *whole, size_t m,
                     double *work);
int r_next_piece(r_pieces *x);

/* A curve of a plain table as it is read, on the main thread: estimates of all causes,
 * one after another, at the n times of the counts. Kaplan-Meier is one cause. */
typedef struct r_stream {
  void (*start)(struct r_stream *x, size_t curve);
  int (*next)(struct r_stream *x); /* 0 at the end and when it fails, see status */
  const osv_poll *poll;
  osv_status status;
  size_t n;
  osv_counts counts;
  const double *estimate, *std_error, *low, *high;
  double event_free; /* after these times */
} r_stream;
extern r_words r_km_columns, r_aj_columns;
r_stream *r_km_stream(const osv_table *table, const r_layout *layout, SEXP reverse_,
                      SEXP conf_type_, SEXP level_);
r_stream *r_aj_stream(const osv_table *table, const r_layout *layout, SEXP conf_type_,
                      SEXP level_);

/* r_deferred.c: columns that are made when somebody looks at them */
enum { R_DEFER_ROWS = 4096 };
void r_deferred_init(DllInfo *dll);
void r_defer_counts(SEXP list, const int *at, SEXP table_, const r_layout *layout,
                    int reverse);
int r_later(SEXP x);

/* r_curves.c: counts and limits that the curve estimators share */
r_layout r_curve_layout(const osv_table *table, SEXP list, int size_at);
size_t r_most_rows(const r_layout *layout);
int r_is_conf_type(SEXP type_);
int r_put_time(SEXP list, int at, SEXP table_, R_xlen_t n_row);
int r_has_limits(SEXP type_);
osv_conf r_conf_type(SEXP type_);
typedef struct {
  int any; /* else the rest is not used */
  osv_conf type;
  double tail, z;
  osv_subjects subjects; /* of one curve */
} r_limits;
/* Types behind those of osv_conf that give, in place of exact limits, what these rest on,
 * so that R can take them at any level: the shapes a and b of the two beta distributions
 * whose quantiles they are ("first shapes", "second shapes"), and "numbers". These are,
 * of a row with r_late_limits(), its subjects and whether the risk set has been empty (1
 * or 0); of a row by id, 0 and, where the upper limit of F is at least that of no event
 * of n ids, n + 1; of others 0 and 0. */
#define R_CONF_SHAPE_A ((osv_conf)(OSV_CONF_SMALL_SAMPLE + 1))
#define R_CONF_SHAPE_B ((osv_conf)(OSV_CONF_SMALL_SAMPLE + 2))
#define R_CONF_NUMBERS ((osv_conf)(OSV_CONF_SMALL_SAMPLE + 3))
int r_is_shapes(osv_conf type);
r_limits r_limits_of(SEXP type_, SEXP level_);
int r_exact_after(osv_conf type, double events);
osv_conf r_conf_of_size(osv_conf type, double n);
r_limits r_limits_of_curve(r_limits limits, const osv_table *table, size_t c,
                           int reverse);
double r_end_tail(osv_conf type, double tail);
double r_beta_quantile(double tail, double a, double b, int upper);
void r_beta_limits(osv_conf type, const double *a, const double *b, double tail,
                   double *low, double *high);
void r_late_limits(osv_conf type, double estimate, double rest, double se, double n,
                   double tail, double *low, double *high);
void r_effective_limits(osv_conf type, double f, double rest, double se, double tail,
                        double *low, double *high);

/* Exact limits of one cause of a curve, from its start on; survival: limits of 1 - F */
typedef struct {
  const r_limits *limits;
  int survival;
  size_t n_cause, cause;
  osv_exact_state state;
  double events;
  double shape[4], law[2]; /* what the limits of the last row rest on, and these */
  double estimate, se, effective[2];
} r_exact;
r_exact r_exact_start(const r_limits *limits, int survival, size_t n_cause, size_t cause);
size_t r_exact_rows(r_exact *x, const osv_counts *counts, size_t n,
                    const double *estimate);
void r_exact_limits(r_exact *x, const osv_counts *counts, const double *after, size_t n,
                    const double *estimate, const double *se, double *low, double *high);

/* r_tests.c: a walk over k curves, the sums and the statistic of a test of k groups */
osv_walk r_new_walk(const osv_table *table, size_t k, int cause);
const int *r_entry_rows(SEXP table_, const osv_table *table);
const size_t *r_entry_index(SEXP table_, const osv_table *table);
void r_run_logrank(osv_walk *walk, osv_weight weight, double rho, double gamma,
                   int threads, const osv_test_out *out);
void r_run_gray(const osv_table *table, size_t k, double rho, int threads,
                const osv_test_out *out);
void r_put_statistic(SEXP test, size_t k, SEXP contrast_, const osv_test_out *out);

/* r_count.c, r_sort.c: rows to an event table, whose first columns are R_TIME, STATUS, N
 * and START */
enum { R_TIME = 0, R_SAMPLE = 512 };
SEXP r_count_rows(const osv_rows *rows, int threads);
size_t r_stretch_start(size_t n, int threads, int t);
size_t r_sample_times(const osv_rows *rows, double *time);
osv_status r_fill_by_sorting(SEXP ans, const osv_rows *rows, size_t n_curve, int threads,
                             size_t *bad, size_t *complete);

/* .Call entry points */
SEXP r_count(SEXP rows_, SEXP threads_);
SEXP r_is_simple_text(SEXP labels_);
SEXP r_count_easy(SEXP formula_, SEXP data_, SEXP tol_);
SEXP r_curve_sizes(SEXP table_);
SEXP r_curve_subjects(SEXP table_, SEXP reverse_);
SEXP r_least_at_risk(SEXP fit_);
SEXP r_sum_cells(SEXP time_, SEXP status_, SEXP weight_, SEXP start_);
SEXP r_join_times(SEXP table_, SEXP tol_, SEXP threads_, SEXP own_);
SEXP r_km(SEXP table_, SEXP reverse_, SEXP conf_type_, SEXP level_, SEXP threads_);
SEXP r_curves_later(SEXP table_, SEXP competing_, SEXP reverse_, SEXP conf_type_,
                    SEXP level_);
SEXP r_is_later(SEXP x_);
SEXP r_start_rows(SEXP x_, SEXP from_, SEXP size_, SEXP add_, SEXP start_, SEXP running_);
SEXP r_table_extent(SEXP table_, SEXP most_);
SEXP r_remaining(SEXP time_, SEXP n_, SEXP start_, SEXP at_, SEXP size_);
SEXP r_curves_at(SEXP fit_, SEXP reverse_, SEXP from_start_, SEXP times_, SEXP shares_);
SEXP r_km_more(SEXP curves_, SEXP spec_);
SEXP r_hazard(SEXP n_risk_, SEXP event_, SEXP size_, SEXP one_by_one_);
SEXP r_aj(SEXP table_, SEXP aalen_, SEXP conf_type_, SEXP level_, SEXP threads_);
SEXP r_area(SEXP table_, SEXP tau_, SEXP tail_, SEXP threads_);
SEXP r_share_limits(SEXP share_, SEXP rest_, SEXP error_, SEXP type_, SEXP tail_);
SEXP r_limits_at(SEXP rows_, SEXP row_, SEXP tail_);
SEXP r_logrank(SEXP table_, SEXP n_group_, SEXP weight_, SEXP rho_, SEXP gamma_,
               SEXP contrast_, SEXP threads_);
SEXP r_gray(SEXP table_, SEXP n_group_, SEXP rho_, SEXP contrast_, SEXP threads_);
SEXP r_permute(SEXP rows_, SEXP n_group_, SEXP test_, SEXP times_, SEXP exact_,
               SEXP report_);
SEXP r_bootstrap(SEXP table_, SEXP units_, SEXP statistic_, SEXP times_, SEXP report_);
SEXP r_leave_out(SEXP table_, SEXP units_, SEXP statistic_);
SEXP r_pseudo(SEXP table_, SEXP cause_, SEXP area_, SEXP at_);
SEXP r_maxcombo(SEXP table_, SEXP power_, SEXP by_id_);
SEXP r_max_normal(SEXP correlation_, SEXP limit_);
SEXP r_max_t(SEXP correlation_, SEXP limit_, SEXP df_);
SEXP r_cluster_curves(SEXP table_, SEXP survival_, SEXP conf_type_, SEXP level_,
                      SEXP by_row_);
SEXP r_cluster_test(SEXP table_, SEXP test_, SEXP spec_, SEXP contrast_, SEXP out_);

#endif
