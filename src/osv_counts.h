/* osv_counts - small accessors of event tables and counts, shared by the kernels. */
#ifndef OSV_COUNTS_H
#define OSV_COUNTS_H

#include "oligosurv.h"

/* Number of subjects of a row of the table */
static inline double osv_row_n(const osv_table *table, size_t row) {
  return table->n ? table->n[row] : 1.0;
}

/* Number of subjects of a delayed entry of the table */
static inline double osv_entry_n(const osv_table *table, size_t entry) {
  return table->entry_n ? table->entry_n[entry] : 1.0;
}

/* Number of events of all causes at time j */
static inline double osv_events_at(const osv_counts *counts, size_t j, size_t n_cause) {
  double d = 0.0;
  for (size_t k = 0; k < n_cause; k++) d += counts->n_event[k * counts->stride + j];
  return d;
}

#endif
