/* init - the entry points of R and of other packages. */
#include "r_api.h"

#include <R_ext/Rdynload.h>
#include <R_ext/Visibility.h>

/* In R code the entry point <name> is called C_<name>; the prefix is set by the useDynLib
 * line of NAMESPACE. */
#define ENTRY(name, n) \
  { #name, (DL_FUNC)&r_##name, n }

static const R_CallMethodDef entries[] = {
    /* clang-format off */
    ENTRY(constants, 0),
    ENTRY(polled, 1),
    ENTRY(quick_frame, 2),
    ENTRY(quick_factor, 2),
    ENTRY(count, 1),
    ENTRY(is_simple_text, 1),
    ENTRY(codes_fit, 1),
    ENTRY(count_easy, 4),
    ENTRY(time_ranks, 6),
    ENTRY(largest_size, 1),
    ENTRY(pattern_codes, 5),
    ENTRY(pick_levels, 3),
    ENTRY(level_members, 2),
    ENTRY(model_columns, 3),
    ENTRY(sum_at, 3),
    ENTRY(sum_by_time, 5),
    ENTRY(km_transform, 4),
    ENTRY(table_fault, 1),
    ENTRY(fit_fault, 1),
    ENTRY(is_ready, 2),
    ENTRY(join_times, 3),
    ENTRY(curve_sizes, 1),
    ENTRY(curve_subjects, 1),
    ENTRY(fit_subjects, 1),
    ENTRY(least_at_risk, 1),
    ENTRY(sum_cells, 4),
    ENTRY(km, 4),
    ENTRY(curves_later, 5),
    ENTRY(is_later, 1),
    ENTRY(curves_at, 4),
    ENTRY(remaining, 5),
    ENTRY(table_extent, 2),
    ENTRY(start_rows, 6),
    ENTRY(km_more, 2),
    ENTRY(hazard, 4),
    ENTRY(aj, 4),
    ENTRY(area, 3),
    ENTRY(share_limits, 5),
    ENTRY(limits_at, 3),
    ENTRY(logrank, 5),
    ENTRY(gray, 4),
    ENTRY(finegray, 3),
    ENTRY(firth_finegray, 2),
    ENTRY(finegray_residuals, 2),
    ENTRY(permute, 6),
    ENTRY(cluster_curves, 5),
    ENTRY(cluster_test, 5),
    ENTRY(bootstrap, 5),
    ENTRY(leave_out, 3),
    ENTRY(pseudo, 4),
    ENTRY(concordance, 1),
    ENTRY(states_counts, 1),
    ENTRY(states_curves, 4),
    ENTRY(states_influence, 7),
    ENTRY(maxcombo, 3),
    ENTRY(max_normal, 2),
    ENTRY(max_t, 3),
    ENTRY(cox_firth, 2),
    ENTRY(cox_fit, 1),
    ENTRY(cox_ph, 5),
    ENTRY(cox_residuals, 4),
    ENTRY(cox_steps, 2),
    ENTRY(finegray_steps, 3),
    ENTRY(hazard_influence, 4),
    ENTRY(cause_curves, 5),
    ENTRY(rate_limits, 5),
    {NULL, NULL, 0}};
/* clang-format on */

static int abi(void) {
  return OSV_ABI;
}

/* For other packages: registers each kernel with its public type, see
 * inst/include/oligosurv.h.
 */
static void export_kernels(void) {
#define EXPORT(name)                             \
  R_RegisterCCallable("oligosurv", "osv_" #name, \
                      (DL_FUNC)(osv_##name##_fn *){osv_##name});
  OSV_KERNELS(EXPORT)
#undef EXPORT
  R_RegisterCCallable("oligosurv", "osv_abi", (DL_FUNC)abi);
  R_RegisterCCallable("oligosurv", "osv_table_of", (DL_FUNC)r_table_of);
}

attribute_visible void R_init_oligosurv(DllInfo *dll) {
  R_registerRoutines(dll, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_forceSymbols(dll, TRUE);
  export_kernels();
  r_lazy_init(dll);
  r_threads_init();
}
