/* osv_curves - prototypes of curves predicted by a regression, for osv_core.h. */
#ifndef OSV_CURVES_H
#define OSV_CURVES_H

/* How each row changes the hazard through the estimated weights of a Fine-Gray model, see
 * osv_finegray_paths() */
typedef struct {
  size_t *first, *last, *until; /* [n] steps */
  double *entered, *stayed;     /* [n] */
  double *weighted, *moved;     /* by step */
} osv_finegray_paths_out;
osv_status osv_finegray_paths(osv_finegray *s, const osv_steps *steps, int of_weights,
                              const osv_finegray_paths_out *out);

/* See osv_hazard_influence(). A cell is a set of subjects with the same values. */
typedef struct {
  size_t n, n_step;
  const double *risk;                 /* [n] r */
  const int *event;                   /* [n] not 0: an event at the last step at risk */
  const size_t *first, *last;         /* [n] at risk at the steps first, ..., last - 1 */
  const int *stratum;                 /* [n] from 0 */
  const double *hazard, *jump, *tied; /* by step: b, a / d and `tied` of osv_steps, each
                                       * multiplied by a weight of the step */
  const double *weight;               /* [n] sampling weights; NULL: 1 */
  const double *count;                /* [n] subjects of each cell; NULL: 1 */
  const size_t *until;                /* only for Fine-Gray models, else NULL */
  const double *entered, *stayed, *weighted, *moved;
} osv_influence_in;
size_t osv_hazard_influence_work(size_t n_step);
osv_status osv_hazard_influence(const osv_influence_in *in, size_t n_at, const size_t *at,
                                const size_t *unit, size_t n_unit, const osv_poll *poll,
                                double *work, double *out);

/* See osv_cause_curves() */
typedef struct {
  size_t n, n_cause, n_step, n_at;
  const double *hazard; /* [n_cause * n_step] hazards for r = 1, step by step */
  const double *ratio;  /* [n_cause * n] r of each person, person by person */
  const double *weight; /* [n] or NULL */
  const size_t *at;     /* [n_at] ascending numbers of steps */
} osv_cause_in;
typedef struct {
  double *incidence; /* [n_cause * n_at * n], persons fastest, then times */
  double *slope;     /* [n_cause * n_cause * n_at * n] or NULL */
  double *total;     /* [n_cause * n_cause * n_step], step by step, or NULL */
} osv_cause_out;
osv_status osv_cause_curves(const osv_cause_in *in, const osv_poll *poll, double *work,
                            const osv_cause_out *out);

#endif
