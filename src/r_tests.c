#include "r_api.h"

#include <string.h>

enum { OBSERVED, EXPECTED, SCORE, VARIANCE, STATISTIC, RANK };
static r_words names = {
    {"observed", "expected", "score", "variance", "statistic", "rank"}, NULL};

/* Can the times of a test be taken apart: do its weights look at the risk set alone, and
 * is the table long and plain, with one stratum? */
static int comes_apart(const osv_walk *walk, osv_weight weight) {
  const osv_table *table = walk->table;
  return osv_walk_is_plain(walk) && table->n_curve == 2 &&
         table->start[2] > R_DEFER_ROWS && weight <= OSV_WEIGHT_TARONE_WARE;
}

static void add_part(const osv_test_out *sum, const osv_test_out *part, size_t k) {
  for (size_t j = 0; j < k; j++) {
    sum->observed[j] += part->observed[j];
    sum->expected[j] += part->expected[j];
    sum->score[j] += part->score[j];
  }
  for (size_t i = 0; i < k * k; i++) sum->variance[i] += part->variance[i];
}

/* Adds the early times to a test and then the late ones, whatever the number of threads,
 * so that it has no part in the sums */
static void run_halves(const osv_table *table, osv_weight weight, int threads,
                       const osv_test_out *out) {
  enum { K = 2 };
  size_t edge[3][K] = {{(size_t)table->start[0], (size_t)table->start[1]},
                       {0},
                       {(size_t)table->start[1], (size_t)table->start[2]}};
  osv_join_cut(table, 0.0, edge[1]);
  osv_walk walk[2] = {r_new_walk(table, K, 0), r_new_walk(table, K, 0)};
  double *const work[2] = {r_scratch(osv_logrank_work(K)),
                           r_scratch(osv_logrank_work(K))};
  double sum[2][K * (3 + K)] = {{0.0}};
  osv_test_out part[2];
  osv_status status[2];
  r_gate gate;
  r_gate_open(&gate);
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
#pragma omp for nowait
    for (int half = 0; half < 2; half++) {
      double *const s = sum[half];
      part[half] = (osv_test_out){s, s + K, s + 2 * K, s + 3 * K};
      walk[half].from = edge[half];
      walk[half].to = edge[half + 1];
      status[half] =
          osv_logrank(walk + half, weight, 0.0, 0.0, &gate.poll, work[half], part + half);
    }
    r_gate_wait(&gate);
  }
  for (int half = 0; half < 2; half++) {
    if (status[half] != OSV_OK) r_abort_status(status[half]);
    add_part(out, part + half, K);
  }
}

/* Adds all strata of the table of a walk to the sums of a test, which start at 0 */
void r_run_logrank(osv_walk *walk, osv_weight weight, double rho, double gamma,
                   int threads, const osv_test_out *out) {
  if (comes_apart(walk, weight)) {
    run_halves(walk->table, weight, threads, out);
    return;
  }
  double *work = (double *)R_alloc(osv_logrank_work(walk->k), sizeof *work);
  r_gate gate;
  r_gate_open(&gate);
  for (walk->first_curve = 0; walk->first_curve < walk->table->n_curve;
       walk->first_curve += walk->k) {
    const osv_status status =
        osv_logrank(walk, weight, rho, gamma, &gate.poll, work, out);
    if (status != OSV_OK) r_abort_status(status);
  }
}

/* The same for the tests of all causes, out[cause - 1]. Two groups without late entries
 * take one walk a thread for all its causes, all others one walk a cause. */
void r_run_gray(const osv_table *table, size_t k, double rho, int threads,
                const osv_test_out *out) {
  const size_t n_cause = (size_t)table->n_status - 1;
  const size_t size = osv_gray_work(k) + 16; /* of one cause, in no other's cache line */
  if ((size_t)threads > n_cause) threads = (int)n_cause;
  const int pair = k == 2 && !table->entry_time;
  const size_t part = pair ? (n_cause + (size_t)threads - 1) / (size_t)threads : 1;
  osv_walk *walk = (osv_walk *)R_alloc(n_cause, sizeof *walk);
  osv_status *status = (osv_status *)R_alloc(n_cause, sizeof *status);
  double *work = (double *)R_alloc(n_cause * size, sizeof *work);
  for (size_t i = 0; i < n_cause; i++) {
    walk[i] = r_new_walk(table, k, (int)i + 1);
    status[i] = OSV_OK;
  }
  r_gate gate;
  r_gate_open(&gate);
#pragma omp parallel num_threads(threads) if (threads > 1)
  {
#pragma omp for schedule(dynamic) nowait
    for (size_t i = 0; i < n_cause; i += part) {
      const size_t n = n_cause - i < part ? n_cause - i : part;
      double *const scratch = work + i * size;
      for (; status[i] == OSV_OK && walk[i].first_curve < table->n_curve;
           walk[i].first_curve += k)
        status[i] = pair ? osv_gray_pair(walk + i, (int)i + 1, n, rho, &gate.poll,
                                         scratch, out + i)
                         : osv_gray(walk + i, rho, &gate.poll, scratch, out + i);
    }
    r_gate_wait(&gate);
  }
  for (size_t i = 0; i < n_cause; i++)
    if (status[i] != OSV_OK) r_abort_status(status[i]);
}

/* A list for one test of k groups, with columns of zeros to add the strata to */
static SEXP new_test(size_t k, osv_test_out *out) {
  SEXP ans = PROTECT(r_new_list(&names));
  out->observed = r_new_column(ans, OBSERVED, (R_xlen_t)k);
  out->expected = r_new_column(ans, EXPECTED, (R_xlen_t)k);
  out->score = r_new_column(ans, SCORE, (R_xlen_t)k);
  SET_VECTOR_ELT(ans, VARIANCE, Rf_allocMatrix(REALSXP, (int)k, (int)k));
  out->variance = REAL(VECTOR_ELT(ans, VARIANCE));
  memset(out->observed, 0, k * sizeof(double));
  memset(out->expected, 0, k * sizeof(double));
  memset(out->score, 0, k * sizeof(double));
  memset(out->variance, 0, k * k * sizeof(double));
  UNPROTECT(1);
  return ans;
}

/* A walk over k curves together, its arrays in memory that R takes back */
osv_walk r_new_walk(const osv_table *table, size_t k, int cause) {
  double *column = (double *)R_alloc(4 * k, sizeof *column);
  return (osv_walk){.table = table,
                    .k = k,
                    .cause = cause,
                    .at = (size_t *)R_alloc(k, sizeof(size_t)),
                    .entry_at = (size_t *)R_alloc(k, sizeof(size_t)),
                    .n_risk = column,
                    .d = column + k,
                    .other = column + 2 * k,
                    .left = column + 3 * k};
}

void r_put_statistic(SEXP ans, size_t k, SEXP contrast_, const osv_test_out *out) {
  size_t rank = 0;
  double *work = (double *)R_alloc(k * (k + 2), sizeof *work);
  const double *contrast = Rf_isNull(contrast_) ? NULL : REAL_RO(contrast_);
  r_new_column(ans, STATISTIC, 1)[0] =
      osv_test_statistic(out->variance, out->score, contrast, k, work, &rank);
  r_new_column(ans, RANK, 1)[0] = (double)rank;
}

/* .Call glue of osv_logrank(): the curves of the table are n_group_ groups by strata.
 *
 * weight_ is an index of osv_weight, contrast_ double[k] for a test of trend or NULL.
 * Value: observed, expected, score double[k], variance double[k, k], statistic and rank
 * double[1].
 */
SEXP r_logrank(SEXP table_, SEXP n_group_, SEXP weight_, SEXP rho_, SEXP gamma_,
               SEXP contrast_, SEXP threads_) {
  const osv_table table = r_table(table_);
  const size_t k = (size_t)Rf_asInteger(n_group_);
  osv_test_out out;
  SEXP ans = PROTECT(new_test(k, &out));
  osv_walk walk = r_new_walk(&table, k, 0);
  r_run_logrank(&walk, (osv_weight)Rf_asInteger(weight_), Rf_asReal(rho_),
                Rf_asReal(gamma_), r_thread_count(threads_, table.start[table.n_curve]),
                &out);
  r_put_statistic(ans, k, contrast_, &out);
  UNPROTECT(1);
  return ans;
}

/* .Call glue of osv_gray(): list of one value of r_logrank() a cause */
SEXP r_gray(SEXP table_, SEXP n_group_, SEXP rho_, SEXP contrast_, SEXP threads_) {
  const osv_table table = r_table(table_);
  const size_t k = (size_t)Rf_asInteger(n_group_), n_cause = (size_t)table.n_status - 1;
  SEXP ans = PROTECT(Rf_allocVector(VECSXP, (R_xlen_t)n_cause));
  osv_test_out *out = (osv_test_out *)R_alloc(n_cause, sizeof *out);
  for (size_t i = 0; i < n_cause; i++)
    SET_VECTOR_ELT(ans, (R_xlen_t)i, new_test(k, out + i));
  r_run_gray(&table, k, Rf_asReal(rho_),
             r_thread_count(threads_, table.start[table.n_curve]), out);
  for (size_t i = 0; i < n_cause; i++)
    r_put_statistic(VECTOR_ELT(ans, (R_xlen_t)i), k, contrast_, out + i);
  UNPROTECT(1);
  return ans;
}
