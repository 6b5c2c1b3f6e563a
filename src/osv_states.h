/* osv_states - prototypes of the kernels of states over time (osv_states*.c). */
#ifndef OSV_STATES_H
#define OSV_STATES_H

/* Rows of one curve. Each row is a spell, in which an id is in one state. States are
 * numbered from 1; 0 is no state. */
typedef struct {
  size_t n_state;
  /* the ends of the spells, ascending in time */
  size_t n_row;
  const double *time;
  const int *from, *to; /* state of the spell, and next state; to 0: censored */
  const double *n;      /* subjects of the row; NULL: one each */
  /* the starts of the spells, ascending in time */
  size_t n_entry;
  const double *entry_time;
  const int *entry_state;
  const double *entry_n; /* NULL: one each */
  int counted;           /* not 0: rows are counts of subjects, not weighted subjects */
} osv_spells;

/* Counts at the m distinct times at which spells end. With k states: */
typedef struct {
  double *time;     /* [m] */
  double *n_risk;   /* [m * k], subjects in each state just before the time */
  double *n_censor; /* [m * k], censored in each state */
  double *n_move;   /* [m * k * k], moves: [(j * k + from) * k + to] */
  double *n_row;    /* [m * k], rows at risk, each counted once */
} osv_state_counts;

osv_status osv_states_counts(const osv_spells *spells, size_t m, const osv_poll *poll,
                             double *work, const osv_state_counts *out);
size_t osv_states_counts_work(size_t n_state);
void osv_states_curve(const osv_state_counts *counts, size_t m, size_t n_state,
                      size_t first, const double *start, double *work,
                      double *probability);
size_t osv_states_curve_work(size_t n_state);

/* The spells of ids, for standard errors */
typedef struct {
  const osv_spells *spells;
  const int *id;        /* by row, 1 .. n_id */
  const int *entry_row; /* by entry, the row that it begins, from 1 */
  size_t n_id;
  const double *square; /* by id, the factor of its squared influence in the variance */
  const int *at_start;  /* by id, its state in the initial distribution; 0: not included
                         * in it */
  double start_n;       /* number of subjects in the initial distribution */
} osv_state_ids;

osv_status osv_states_error(const osv_state_ids *ids, const osv_state_counts *counts,
                            size_t m, size_t first, const double *start,
                            const double *probability, const osv_poll *poll, double *work,
                            size_t *at, double *std_error);
size_t osv_states_error_work(size_t m, size_t n_state, size_t n_id);

/* The functional: the probabilities at the time `at`, or with `area` their integrals
 * between the times `from` and `at` */
typedef struct {
  int area;
  double from, at;
} osv_state_functional;
osv_status osv_states_influence(const osv_state_ids *ids, const osv_state_counts *counts,
                                size_t m, size_t first, const double *start,
                                const double *probability,
                                const osv_state_functional *functional,
                                const osv_poll *poll, double *work, double *estimate,
                                double *influence);
size_t osv_states_influence_work(size_t m, size_t n_state);

#endif
