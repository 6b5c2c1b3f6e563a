/* oligosurv - core types, free of any R header.
 *
 * An event table is the sufficient statistic of every estimator here: how many
 * subjects left the risk set at each time, by curve (stratum x group) and status.
 */
#ifndef OLIGOSURV_H
#define OLIGOSURV_H

#include <stddef.h>
#include <stdint.h>

#define OSV_ABI 0

typedef enum {
  OSV_OK = 0,
  OSV_EDOMAIN, /* a value outside its domain */
  OSV_EORDER,  /* times not ascending */
  OSV_EFULL,   /* an array of the caller is full; give a larger one and go on */
  OSV_EINTR    /* the poll asked to stop */
} osv_status;

/* fn(ctx) != 0 asks a kernel to stop; called every OSV_POLL_ROWS rows. */
typedef struct {
  int (*fn)(void *ctx);
  void *ctx;
} osv_poll;
enum { OSV_POLL_ROWS = 1 << 16 };

/* Curve c holds the rows start[c] .. start[c + 1] - 1, ascending in time; rows of one
 * time stand in any order and may repeat a status. Offsets are double because R has
 * no 64-bit integer; they are whole and below 2^53. */
typedef struct {
  const double *time;
  const int *status; /* 0 censored, 1 .. n_status - 1 the causes */
  const double *n;   /* subjects of the row; NULL: one each */
  const double *start;
  size_t n_curve;
  int n_status;
  /* Left truncation, else NULL: entries of curve c are entry_start[c] ..., ascending. A
   * subject is at risk at t when entry < t <= exit. */
  const double *entry_time, *entry_n, *entry_start;
} osv_table;

#endif
