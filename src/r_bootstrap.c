/* r_bootstrap - glue of osv_bootstrap() and osv_leave_one_out(). */
#include "r_api.h"

#include <math.h>

enum { VALUE, PAST };
static const char *names[] = {"value", "past", ""};

/* Number of rows and counts that are read between two progress reports to R */
enum { WORK_A_CALL = 1 << 22 };

/* The cells of the rows of a table, and the distinct times of its curves */
typedef struct {
  double *time;  /* distinct times, curve after curve */
  size_t *first; /* [n_curve + 1], the first time of each curve */
  size_t *cell;  /* by row of the table, see osv_boot_curve */
} table_cells;

static table_cells read_cells(const osv_table *table) {
  const size_t n_row = (size_t)table->start[table->n_curve];
  table_cells cells = {(double *)R_alloc(n_row + 1, sizeof(double)),
                       (size_t *)R_alloc(table->n_curve + 1, sizeof(size_t)),
                       (size_t *)R_alloc(n_row + 1, sizeof(size_t))};
  cells.first[0] = 0;
  for (size_t c = 0; c < table->n_curve; c++) {
    const size_t lo = (size_t)table->start[c], hi = (size_t)table->start[c + 1];
    const size_t m = osv_count_times(table->time + lo, hi - lo);
    size_t j = 0;
    for (size_t i = lo; i < hi; i++) {
      j += i > lo && table->time[i] != table->time[i - 1];
      cells.time[cells.first[c] + j] = table->time[i];
      cells.cell[i] = (size_t)table->status[i] * m + j;
    }
    cells.first[c + 1] = cells.first[c] + m;
  }
  return cells;
}

/* The rows of each curve by unit, read from the list units_ of r_bootstrap() */
static osv_boot_curve *read_curves(SEXP table_, const osv_table *table, SEXP units_) {
  SEXP row_ = r_element(units_, "row"), start_ = r_element(units_, "start");
  const size_t *row = r_sizes(row_, 0);
  const size_t *curve_start = r_sizes(r_element(units_, "curve"), 0);
  const size_t *start = Rf_isNull(start_) ? NULL : r_sizes(start_, 0);
  const size_t n_row = (size_t)Rf_xlength(row_);
  const table_cells cells = read_cells(table);
  size_t *cell = (size_t *)R_alloc(n_row + 1, sizeof *cell);
  for (size_t i = 0; i < n_row; i++) cell[i] = cells.cell[row[i]];
  const size_t *index = r_entry_index(table_, table);
  size_t *entry = index ? (size_t *)R_alloc(n_row + 1, sizeof *entry) : NULL;
  for (size_t i = 0; index && i < n_row; i++) entry[i] = index[row[i]];
  osv_boot_curve *curve = (osv_boot_curve *)R_alloc(table->n_curve + 1, sizeof *curve);
  for (size_t c = 0; c < table->n_curve; c++)
    curve[c] =
        (osv_boot_curve){.time = cells.time + cells.first[c],
                         .m = cells.first[c + 1] - cells.first[c],
                         .n_unit = curve_start[c + 1] - curve_start[c],
                         .n_status = table->n_status,
                         .cell = start ? cell : cell + curve_start[c],
                         .start = start ? start + curve_start[c] : NULL,
                         .entry = start || !entry ? entry : entry + curve_start[c]};
  return curve;
}

static osv_boot_statistic read_statistic(SEXP statistic_) {
  SEXP cause_ = r_element(statistic_, "cause"), at_ = r_element(statistic_, "at");
  return (osv_boot_statistic){
      .kind = (osv_boot_kind)Rf_asInteger(r_element(statistic_, "kind")),
      .cause = INTEGER_RO(cause_),
      .n_cause = (size_t)Rf_xlength(cause_),
      .at = REAL_RO(at_),
      .n_at = (size_t)Rf_xlength(at_),
      .midpoint = Rf_asLogical(r_element(statistic_, "midpoint"))};
}

static double *scratch_of(const osv_boot_curve *curve, size_t n_curve) {
  size_t most = 1;
  for (size_t c = 0; c < n_curve; c++)
    if (osv_boot_work(curve + c) > most) most = osv_boot_work(curve + c);
  return (double *)R_alloc(most, sizeof(double));
}

static void fill_nan(double *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = R_NaN;
}

/* .Call glue of osv_bootstrap(), all curves of a table.
 *
 * units_      list: row, 0-based rows of the table by unit
 *                   start double[units + 1], rows of the units; NULL: one row per unit
 *                   curve double[curves + 1], units of the curves
 * statistic_  list: kind (index of osv_boot_kind), cause int, at double, midpoint
 * times_      number of resamples
 * report_     function of the number done so far, over all curves
 *
 * Value: value double[times, columns], and past double[columns], the number of resamples
 * whose follow-up ends before `at`; columns by curve, within it by cause, within it by
 * `at`.
 */
SEXP r_bootstrap(SEXP table_, SEXP units_, SEXP statistic_, SEXP times_, SEXP report_) {
  const osv_table table = r_table(table_);
  const osv_boot_curve *curve = read_curves(table_, &table, units_);
  const osv_boot_statistic statistic = read_statistic(statistic_);
  const size_t n_out = statistic.n_at * statistic.n_cause;
  const size_t times = (size_t)Rf_asReal(times_);
  double *work = scratch_of(curve, table.n_curve);
  SEXP ans = PROTECT(Rf_mkNamed(VECSXP, names));
  double *value = r_new_column(ans, VALUE, (R_xlen_t)(times * n_out * table.n_curve));
  double *past = r_new_column(ans, PAST, (R_xlen_t)(n_out * table.n_curve));
  for (size_t i = 0; i < n_out * table.n_curve; i++) past[i] = 0.0;
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0; c < table.n_curve; c++) {
    double *to = value + c * n_out * times;
    if (curve[c].n_unit == 0) {
      fill_nan(to, times * n_out);
      continue;
    }
    const size_t cost = curve[c].n_unit + osv_boot_work(curve + c) + 1;
    const size_t step = WORK_A_CALL / cost + 1;
    for (size_t done = 0; done < times; done += step) {
      const size_t now = times - done < step ? times - done : step;
      const osv_boot_out out = {to + done, times, past + c * n_out};
      GetRNGstate();
      const osv_status status =
          osv_bootstrap(curve + c, &statistic, now, &r_uniform, &guard.poll, work, &out);
      PutRNGstate();
      if (status != OSV_OK) r_abort_status(status);
      r_report(report_, (double)(c * times + done + now));
    }
  }
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_leave_one_out(); arguments as r_bootstrap().
 * Value: double[units, columns] with the units of all curves; columns by cause, within it
 * by `at`.
 */
SEXP r_leave_out(SEXP table_, SEXP units_, SEXP statistic_) {
  const osv_table table = r_table(table_);
  const osv_boot_curve *curve = read_curves(table_, &table, units_);
  const osv_boot_statistic statistic = read_statistic(statistic_);
  const size_t n_out = statistic.n_at * statistic.n_cause;
  double *work = scratch_of(curve, table.n_curve);
  size_t n_unit = 0;
  for (size_t c = 0; c < table.n_curve; c++) n_unit += curve[c].n_unit;
  SEXP ans = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)(n_unit * n_out)));
  double *value = REAL(ans);
  r_guard guard;
  r_guard_open(&guard);
  for (size_t c = 0, first = 0; c < table.n_curve; first += curve[c].n_unit, c++) {
    const osv_boot_out out = {value + first, n_unit, NULL};
    const osv_status status =
        osv_leave_one_out(curve + c, &statistic, &guard.poll, work, &out);
    if (status != OSV_OK) r_abort_status(status);
  }
  UNPROTECT(1);
  return ans;
}
