/* r_api - declarations shared by the glue files, which connect R and the kernels. */
#ifndef R_API_H
#define R_API_H

#define R_NO_REMAP
#include <R.h>
#include <R_ext/Rdynload.h>
#include <Rinternals.h>
#include <stdatomic.h>

#include "osv_core.h"

#include <string.h>

/* r_util.c: columns, lists, text and scratch */
double *r_new_column(SEXP list, int at, R_xlen_t n);
int *r_new_codes(SEXP list, int at, R_xlen_t n);
double *r_scratch(size_t n);
NORET void r_stop_changed(const char *object, const char *component);
/* Returns 1 for equal text. Most names differ in their first byte, so strcmp() is rarely
 * called. */
static inline int r_same_text(const char *a, const char *b) {
  return *a == *b && strcmp(a, b) == 0;
}
SEXP r_find_element(SEXP list, const char *name);
SEXP r_element(SEXP list, const char *name);
int r_is_text(SEXP x, const char *text);
enum { R_MOST_WORDS = 20 };
typedef struct {
  const char *text[R_MOST_WORDS]; /* ends with NULL */
  SEXP made;
} r_words;
SEXP r_shared(r_words *words);
SEXP r_new_list(r_words *names);

/* r_parts.c: components of a list that an object keeps, checked. object: the class that
 * errors name */
typedef struct {
  SEXP list;
  const char *object;
} r_parts;
void r_check_part(const r_parts *x, int fine, const char *name);
SEXP r_part(const r_parts *x, const char *name);
const double *r_part_doubles(const r_parts *x, const char *name, R_xlen_t n,
                             int may_lack);
const double *r_part_weights(const r_parts *x, const char *name, R_xlen_t n);
const int *r_part_codes(const r_parts *x, const char *name, R_xlen_t n, int least,
                        size_t most, int may_lack);
const int *r_part_flags(const r_parts *x, const char *name, R_xlen_t n);
int r_part_flag(const r_parts *x, const char *name);
double r_part_number(const r_parts *x, const char *name, double least, double most);
const size_t *r_vector_sizes(const r_parts *x, SEXP value, const char *name, R_xlen_t n,
                             size_t first, size_t most);
const size_t *r_part_sizes(const r_parts *x, const char *name, R_xlen_t n, size_t first,
                           size_t most);
const size_t *r_part_ends(const r_parts *x, const char *name, size_t n, int filled,
                          size_t *size);
void r_check_order(const r_parts *x, const size_t *end, size_t n_block, const int *time,
                   const int *start, const int *by_start);

/* r_read_table.c: gives kernels the columns of an R event table, without a copy */
osv_table r_table(SEXP table_);
const char *r_wrong_part(SEXP table_);
osv_table r_table_of_fit(SEXP fit_);
osv_table r_table_of_counts(SEXP counts_);
osv_table r_table_of(SEXP event_table);

extern const osv_uniform r_uniform;
void r_report(SEXP report_, double done);
const size_t *r_sizes(SEXP x_, size_t first);

/* r_threads.c: kernels poll through the interrupt guard; only the main thread polls R */
typedef struct {
  osv_poll poll;
  atomic_int stop;
  double polled; /* time of the last poll of R */
} r_guard;
void r_check_user(void);
void r_guard_open(r_guard *guard);
void r_abort_status(osv_status status);
/* Task i of a computation that threads share, see r_share() */
typedef osv_status r_task(void *ctx, size_t i, const osv_poll *poll);
void r_share(int threads, size_t n, r_task *task, void *ctx);
int r_thread_count(double n_row);
int r_thread_index(void);
void r_threads_init(void);

/* r_curve_blocks.c: the rows of curves, and reading a curve block by block */
typedef struct {
  R_xlen_t n_curve;
  const size_t *first, *size; /* by curve: first output row, number of rows */
  R_xlen_t n_row;
} r_layout;
r_layout r_curve_layout(const osv_table *table, SEXP list, int size_at);
size_t r_longest_curve(const r_layout *layout);
int r_can_stream(const osv_table *table);
enum { R_BLOCK = 256 };
typedef struct {
  const osv_table *table;
  const osv_counts *whole; /* counts of the whole curve; NULL: read from the table */
  int reverse;             /* 1: read the counts of the reverse Kaplan-Meier curve */
  size_t m, row, end;      /* m: number of times; row, end: rows of the curve still to be
                            * read */
  double left;             /* number of subjects in these rows */
  size_t at, n;            /* the block: index of its first time, and number of its
                            * times */
  osv_counts now;          /* the counts of the block */
  const double *after;     /* at risk after each time of the block; not set if `whole`
                            * is */
  double *own_after;       /* scratch for `after` */
  osv_status status;
} r_blocks;
size_t r_blocks_work(size_t n_cause);
r_blocks r_blocks_of(const osv_table *table, size_t c, const osv_counts *whole, size_t m,
                     int reverse, double *work);
int r_next_block(r_blocks *x);

/* r_limits.c: the confidence limits that R code requests */
typedef struct {
  int any; /* 0: no limits, and the rest is not used */
  double z;
  osv_exact exact;
  osv_subjects subjects; /* subjects of one curve, see r_limits_of_curve() */
} r_limits;
extern const osv_quantiles r_quantiles;
int r_is_limits_type(SEXP type_);
int r_has_limits(SEXP type_);
osv_conf r_conf_type(SEXP type_);
r_limits r_limits_of(SEXP type_, SEXP level_);
r_limits r_limits_of_curve(r_limits limits, osv_subjects subjects);

/* Columns of estimates from a given row on. Cause k begins at offset k * stride; a
 * survival curve counts as one cause. */
typedef struct {
  double *estimate, *std_error, *low, *high; /* low and high are NULL if no limits are
                                              * requested */
  double *event_free;                        /* S; for competing risks the event-free
                                              * curve */
  size_t stride;
} r_rows;

/* r_curve_estimators.c: an estimator, and its state while it moves along a curve */
typedef struct r_estimator r_estimator;
typedef struct {
  size_t (*work)(size_t n_cause); /* doubles of scratch */
  void (*start)(r_estimator *x);
  void (*next)(r_estimator *x, const osv_counts *counts, size_t n, const r_rows *to);
} r_estimator_kind;
extern const r_estimator_kind r_kaplan_meier, r_aalen_johansen, r_aalen_variance;
struct r_estimator {
  size_t n_cause;
  const r_limits *limits;
  double *work;
  osv_km_state km;
  double surv, std_error, low, high; /* of the previous row */
  osv_aj_state aj;
  osv_incidence_row *last;
  osv_aalen_state *aalen;
};

/* r_curve_engine.c: estimates the curves of a table block by block */
typedef struct {
  const osv_table *table;
  r_layout layout;
  const r_estimator_kind *kind; /* NULL: `rows` already holds the estimates */
  int survival, reverse;
  r_limits limits;
  osv_subjects *subjects; /* of each curve; only with limits */
  osv_counts counts;      /* columns of all curves; n_risk NULL: read block by block */
  r_rows rows;            /* columns of all curves, or a buffer for one block */
  int in_columns;         /* 1: `rows` holds the columns of all curves */
} r_curves;
typedef struct {
  const r_curves *all;
  size_t c;
  r_limits limits;
  osv_counts whole;
  r_blocks read;
  r_estimator estimator;
  r_rows rows; /* rows of the block */
} r_curve;
size_t r_curves_work(const r_curves *all);
osv_counts r_counts_of(const r_curves *all, size_t c);
osv_status r_fill_counts(const r_curves *all, size_t c, const osv_poll *poll,
                         const osv_counts *to);
osv_status r_open_curve(r_curve *x, const r_curves *all, size_t c, const osv_poll *poll,
                        double *work);
int r_next_estimates(r_curve *x);
r_rows r_rows_at(const r_curves *all, size_t c, size_t at);
r_rows r_rows_of_cause(const r_rows *rows, size_t cause, size_t i);
typedef struct {
  osv_curve_limits limits;
  int open; /* 1: later rows may have exact limits */
} r_exact;
typedef struct {
  double n_risk, n_event, after;
  osv_exact_state state;
} r_last_time;
r_exact r_exact_of(const r_curves *all, size_t c, size_t cause);
size_t r_exact_block(r_exact *x, const r_blocks *read, const r_rows *rows);
int r_is_end(const r_curves *all, const r_rows *rows, size_t i);
osv_status r_read_end(const r_curves *all, size_t c, size_t cause, const osv_poll *poll,
                      double *work, r_last_time *end);
void r_exact_end(const r_exact *x, const r_last_time *end, const r_rows *row);

/* r_lazy_columns.c: columns that are computed on first access */
enum { R_LAZY_ROWS = 4096 };
typedef SEXP r_maker(SEXP source_);
void r_lazy_init(DllInfo *dll);
SEXP r_lazy_source(r_maker *make, SEXP what_);
SEXP r_lazy_column(SEXP source_, int which, R_xlen_t n);
int r_is_lazy_column(SEXP x);

/* r_event_table.c, r_group_tests.c: sizes of curves, entries of rows with ids; sweeps,
 * sums and statistics of a test of k groups */
osv_sweep r_new_sweep(const osv_table *table, size_t k, int cause);
const int *r_entry_rows(SEXP table_, const osv_table *table);
const size_t *r_entry_index(SEXP table_, const osv_table *table);
void r_run_logrank(osv_sweep *sweep, osv_weight weight, double rho, double gamma,
                   int threads, const osv_test_out *out);
void r_run_gray(const osv_table *table, size_t k, double rho, int threads,
                const osv_test_out *out);
typedef struct {
  double *statistic, *rank, *p_value;
} r_statistic;
void r_set_statistic(size_t k, SEXP contrast_, const osv_test_out *sums,
                     const r_statistic *to);
double r_tie_tol(SEXP tol_);
int r_joins_nothing(const osv_table *table, double tol);
double r_curve_size(const osv_table *table, size_t curve);

/* r_count_rows.c, r_sort_rows.c, r_sample_rows.c: turn rows into an event table.
 * Its first columns are R_TIME, STATUS, N and START. */
enum { R_TIME = 0, R_SAMPLE = 512 };
SEXP r_count_rows(const osv_rows *rows, int threads);
size_t r_stretch_start(size_t n, int threads, int t);
size_t r_sample_times(const osv_rows *rows, double *time);
osv_status r_fill_by_sorting(SEXP ans, const osv_rows *rows, size_t n_curve, int threads,
                             size_t *bad, size_t *complete);

/* .Call entry points */
SEXP r_constants(void);
SEXP r_polled(SEXP x_);
SEXP r_quick_frame(SEXP columns_, SEXP levels_);
SEXP r_quick_factor(SEXP code_, SEXP labels_);
SEXP r_count(SEXP rows_);
SEXP r_is_simple_text(SEXP labels_);
SEXP r_codes_fit(SEXP x);
SEXP r_count_easy(SEXP formula_, SEXP data_, SEXP tol_, SEXP left_alone_);
SEXP r_time_ranks(SEXP time_, SEXP entry_, SEXP stratum_, SEXP n_stratum_, SEXP picked_,
                  SEXP distinct_);
SEXP r_largest_size(SEXP x_);
SEXP r_pattern_codes(SEXP columns_, SEXP sizes_, SEXP status_, SEXP first_,
                     SEXP n_status_);
SEXP r_pick_levels(SEXP value_, SEXP rows_, SEXP contrasts_);
SEXP r_level_members(SEXP value_, SEXP size_);
SEXP r_model_columns(SEXP variables_, SEXP contrasts_, SEXP rows_);
SEXP r_sum_at(SEXP x_, SEXP at_, SEXP n_);
SEXP r_sum_by_time(SEXP size_, SEXP time_, SEXP stratum_, SEXP status_, SEXP n_status_);
SEXP r_km_transform(SEXP stop_, SEXP start_, SEXP event_, SEXP count_);
SEXP r_curve_sizes(SEXP table_);
SEXP r_curve_subjects(SEXP table_);
SEXP r_fit_subjects(SEXP fit_);
SEXP r_least_at_risk(SEXP fit_);
SEXP r_sum_cells(SEXP time_, SEXP status_, SEXP weight_, SEXP start_);
SEXP r_table_fault(SEXP table_);
SEXP r_fit_fault(SEXP fit_);
SEXP r_is_ready(SEXP x_, SEXP tol_);
SEXP r_join_times(SEXP table_, SEXP tol_, SEXP own_);
SEXP r_km(SEXP table_, SEXP reverse_, SEXP conf_type_, SEXP level_);
SEXP r_curves_later(SEXP table_, SEXP competing_, SEXP reverse_, SEXP conf_type_,
                    SEXP level_);
SEXP r_is_later(SEXP x_);
SEXP r_start_rows(SEXP x_, SEXP from_, SEXP size_, SEXP add_, SEXP start_, SEXP running_);
SEXP r_table_extent(SEXP table_, SEXP most_);
SEXP r_remaining(SEXP time_, SEXP n_, SEXP start_, SEXP at_, SEXP size_);
SEXP r_curves_at(SEXP fit_, SEXP from_start_, SEXP times_, SEXP probs_);
SEXP r_km_more(SEXP curves_, SEXP spec_);
SEXP r_hazard(SEXP n_risk_, SEXP event_, SEXP size_, SEXP one_by_one_);
SEXP r_aj(SEXP table_, SEXP aalen_, SEXP conf_type_, SEXP level_);
SEXP r_area(SEXP table_, SEXP tau_, SEXP tail_);
SEXP r_share_limits(SEXP p_, SEXP rest_, SEXP std_error_, SEXP type_, SEXP tail_);
SEXP r_limits_at(SEXP rows_, SEXP row_, SEXP tail_);
SEXP r_logrank(SEXP table_, SEXP weight_, SEXP rho_, SEXP gamma_, SEXP contrast_);
SEXP r_gray(SEXP table_, SEXP causes_, SEXP rho_, SEXP contrast_);
SEXP r_finegray(SEXP rows_, SEXP variance_, SEXP trend_);
SEXP r_firth_finegray(SEXP rows_, SEXP cut_);
SEXP r_finegray_residuals(SEXP rows_, SEXP beta_);
SEXP r_permute(SEXP rows_, SEXP n_group_, SEXP test_, SEXP times_, SEXP exact_,
               SEXP report_);
SEXP r_bootstrap(SEXP table_, SEXP units_, SEXP statistic_, SEXP times_, SEXP report_);
SEXP r_leave_out(SEXP table_, SEXP units_, SEXP statistic_);
SEXP r_pseudo(SEXP table_, SEXP cause_, SEXP area_, SEXP at_);
SEXP r_cox_firth(SEXP cells_, SEXP cut_);
SEXP r_states_counts(SEXP table_);
SEXP r_states_curves(SEXP table_, SEXP counts_, SEXP begin_, SEXP ids_);
SEXP r_states_influence(SEXP table_, SEXP counts_, SEXP begin_, SEXP probability_,
                        SEXP from_, SEXP at_, SEXP area_);
SEXP r_cox_fit(SEXP cells_);
SEXP r_cox_ph(SEXP cells_, SEXP beta_, SEXP g_, SEXP term_, SEXP n_term_);
SEXP r_cox_residuals(SEXP cells_, SEXP beta_, SEXP unit_, SEXP n_unit_);
SEXP r_concordance(SEXP pairs_);
SEXP r_cox_steps(SEXP cells_, SEXP beta_);
SEXP r_finegray_steps(SEXP rows_, SEXP beta_, SEXP variance_);
SEXP r_hazard_influence(SEXP cells_, SEXP at_, SEXP unit_, SEXP n_unit_);
SEXP r_cause_curves(SEXP hazard_, SEXP ratio_, SEXP weight_, SEXP at_, SEXP slope_);
SEXP r_rate_limits(SEXP p_, SEXP rest_, SEXP error_, SEXP type_, SEXP z_);
SEXP r_maxcombo(SEXP table_, SEXP power_, SEXP by_id_);
SEXP r_max_normal(SEXP correlation_, SEXP limit_);
SEXP r_max_t(SEXP correlation_, SEXP limit_, SEXP df_);
SEXP r_cluster_curves(SEXP table_, SEXP survival_, SEXP conf_type_, SEXP level_,
                      SEXP by_row_);
SEXP r_cluster_test(SEXP table_, SEXP test_, SEXP spec_, SEXP contrast_, SEXP out_);

#endif
