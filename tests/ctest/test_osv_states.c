/* States over time: four patients by hand, random rows against the direct program. */
#include "spells.h"

static void add_spell(spell_rows *x, int id, int state, double begin, double end,
                      int to) {
  x->begin[x->n] = begin;
  x->end[x->n] = end;
  x->state[x->n] = state;
  x->to[x->n] = to;
  x->id[x->n++] = id;
}

/* A: stable, progressed from 2, dead at 6; B: dead at 4; C: progressed from 5; D: stable.
 * C and D are censored at 8. */
static void add_four_patients(spell_rows *x) {
  x->k = 3;
  x->n_id = 4;
  x->n = 0;
  add_spell(x, 1, 1, 0, 2, 2);
  add_spell(x, 1, 2, 2, 6, 3);
  add_spell(x, 2, 1, 0, 4, 3);
  add_spell(x, 3, 1, 0, 5, 2);
  add_spell(x, 3, 2, 5, 8, 0);
  add_spell(x, 4, 1, 0, 8, 0);
  sort_spells(x);
}

static void four_patients(void) {
  static spell_rows x;
  add_four_patients(&x);
  run_spells(&x);
  assert(x.m == 5 && x.when[0] == 2.0 && x.when[4] == 8.0);
  /* at risk just before 5: C and D stable, A progressed */
  assert(x.n_risk[2 * 3] == 2.0 && x.n_risk[2 * 3 + 1] == 1.0);
  assert(x.n_move[(2 * 3 + 0) * 3 + 1] == 1.0 && x.n_censor[4 * 3 + 1] == 1.0);
  const double after5[] = {0.25, 0.5, 0.25}, after6[] = {0.25, 0.25, 0.5};
  for (int a = 0; a < 3; a++) {
    assert(near(x.p[2 * 3 + a], after5[a], 1e-16));
    assert(near(x.p[3 * 3 + a], after6[a], 1e-16));
  }
  /* nobody is censored before 8: the errors are binomial */
  assert(near(x.error[2 * 3 + 1], sqrt(0.25 / 4), 1e-15));
  assert(near(x.error[3 * 3], sqrt(0.25 * 0.75 / 4), 1e-15));
  assert(x.error[0 * 3 + 2] == 0.0);
  /* mean times to 8: (2 + 4 + 5 + 8) / 4, (4 + 3) / 4, (2 + 4) / 4 */
  const osv_state_functional area = {1, 0.0, 8.0};
  double work[2 * 6 * 9], mean[3], influence[4 * 3];
  assert(osv_states_influence_work(5, 3) == 2 * 6 * 9);
  assert(osv_states_influence(&x.ids, &x.counts, x.m, 0, x.start, x.p, &area, NULL, work,
                              mean, influence) == OSV_OK);
  assert(near(mean[0], 4.75, 1e-15) && near(mean[1], 1.75, 1e-15));
  assert(near(mean[2], 1.5, 1e-15));
  /* A was progressed for 4 of 8 months: influence (4 - 1.75) / 4 */
  assert(near(influence[1], (4.0 - 1.75) / 4.0, 1e-15));
}

/* The curves of the four patients from just before 5 on, when A is progressed, C and D
 * are stable. Nobody is censored before 8, so the errors are those of three patients.
 * Mean times from 4 to 8: D is stable for 4, C for 1; C is progressed for 3, A for 2; A
 * is dead for 2. */
static void from_a_landmark(void) {
  static spell_rows x;
  add_four_patients(&x);
  const double start[] = {2.0 / 3, 1.0 / 3, 0.0};
  double work[2 * 6 * 9], p[15], error[15], mean[3], influence[12];
  const int at_start[] = {2, 0, 1, 1};
  memcpy(x.at_start, at_start, sizeof at_start);
  x.ids.start_n = 3.0;
  osv_states_curve(&x.counts, x.m, 3, 2, start, work, p);
  double *scratch = room(osv_states_error_work(x.m, 3, 4), sizeof *scratch);
  size_t at[4];
  assert(osv_states_error(&x.ids, &x.counts, x.m, 2, start, p, NULL, scratch, at,
                          error) == OSV_OK);
  free(scratch);
  for (int a = 0; a < 3; a++) {
    assert(near(p[a], start[a], 1e-16) && near(p[9 + a], 1.0 / 3, 1e-15));
    assert(near(error[9 + a], sqrt(2.0 / 27), 1e-15));
  }
  assert(near(p[6], 1.0 / 3, 1e-15) && near(p[7], 2.0 / 3, 1e-15));
  assert(near(error[6], sqrt(2.0 / 27), 1e-15));
  const osv_state_functional area = {1, 4.0, 8.0};
  assert(osv_states_influence(&x.ids, &x.counts, x.m, 2, start, p, &area, NULL, work,
                              mean, influence) == OSV_OK);
  const double months[4][3] = {{0, 2, 2}, {0, 0, 0}, {1, 3, 0}, {4, 0, 0}};
  for (int a = 0; a < 3; a++) {
    const double want = (months[0][a] + months[2][a] + months[3][a]) / 3.0;
    assert(near(mean[a], want, 1e-15));
    for (int id = 0; id < 4; id++)
      assert(near(influence[3 * id + a], id == 1 ? 0.0 : (months[id][a] - want) / 3.0,
                  1e-15));
  }
}

/* Two subjects a row are twice the counts; as counts they are also twice the rows */
static void weighted_rows(void) {
  static spell_rows x;
  static double two[MOST_SPELLS];
  double work[3 * MOST_STATES];
  x.k = 2;
  x.n_id = 2;
  x.n = 0;
  add_spell(&x, 1, 1, 0, 2, 2);
  add_spell(&x, 2, 1, 1, 3, 0);
  sort_spells(&x);
  for (size_t i = 0; i < MOST_SPELLS; i++) two[i] = 2.0;
  x.spells.n = x.spells.entry_n = two;
  for (int counted = 0; counted < 2; counted++) {
    x.spells.counted = counted;
    assert(osv_states_counts(&x.spells, 2, &going, work, &x.counts) == OSV_OK);
    assert(x.n_risk[0] == 4.0 && x.n_risk[2] == 2.0 && x.n_move[1] == 2.0);
    assert(x.n_row[0] == (counted ? 4.0 : 2.0) && x.n_row[2] == (counted ? 2.0 : 1.0));
    assert(x.n_censor[2] == 2.0);
  }
}

/* One state that a patient leaves at each of many times: each kernel stops when asked */
static void many_times(void) {
  enum { N = OSV_POLL_ROWS };
  double *time = room(7 * N, sizeof *time), start = 1.0, work[4], *square = time + 6 * N;
  int *state = room(5 * N, sizeof *state), *id = state + 2 * N, *row = state + 3 * N;
  for (int i = 0; i < N; i++) {
    time[i] = i + 1.0;
    state[i] = 1;
    id[i] = row[i] = i + 1;
    square[i] = 1.0;
  }
  const osv_spells spells = {.n_state = 1,
                             .n_row = N,
                             .time = time,
                             .from = state,
                             .to = state + N,
                             .n_entry = N,
                             .entry_time = time + 5 * N,
                             .entry_state = state};
  const osv_state_ids ids = {&spells, id, row, N, square, state + 4 * N, 1.0};
  const osv_state_counts counts = {time + N, time + 2 * N, time + 3 * N, time + 4 * N,
                                   room(N, sizeof *time)};
  assert(osv_states_counts(&spells, N, &stopping, work, &counts) == OSV_EINTR);
  assert(osv_states_counts(&spells, N, &going, work, &counts) == OSV_OK);
  assert(counts.n_risk[0] == N && counts.n_risk[N - 1] == 1.0);
  double *p = room(3 * N, sizeof *p), *d = p + N, estimate;
  osv_states_curve(&counts, N, 1, 0, &start, work, p);
  double *scratch = room(osv_states_error_work(N, 1, N), sizeof *scratch);
  size_t *at = room(N, sizeof *at);
  assert(osv_states_error(&ids, &counts, N, 0, &start, p, &stopping, scratch, at, d) ==
         OSV_EINTR);
  assert(osv_states_error(&ids, &counts, N, 0, &start, p, &going, scratch, at, d) ==
         OSV_OK);
  assert(p[N - 1] == 1.0 && d[N - 1] == 0.0);
  free(scratch);
  scratch = room(osv_states_influence_work(N, 1), sizeof *scratch);
  const osv_state_functional last = {0, 0.0, N};
  assert(osv_states_influence(&ids, &counts, N, 0, &start, p, &last, &going, scratch,
                              &estimate, d) == OSV_OK);
  assert(estimate == 1.0 && d[0] == 0.0);
  free(scratch);
  free(at);
  free(p);
  free(counts.n_row);
  free(state);
  free(time);
}

/* Random spells with ties, delayed entry, gaps and returns to a state */
static void random_spells(uint64_t *seed, spell_rows *x) {
  x->n = 0;
  x->k = 2 + draw(seed) % 3;
  x->n_id = 1 + draw(seed) % 12;
  for (size_t id = 1; id <= x->n_id; id++) {
    double t = (double)(draw(seed) % 3);
    int state = 1;
    for (int i = 0; i < 5; i++) {
      const double end = t + 1.0 + (double)(draw(seed) % 6);
      int to = (int)(draw(seed) % (x->k + 1));
      if (to == state) to = 0;
      add_spell(x, (int)id, state, t, end, to);
      if (draw(seed) % 3 == 0) break;
      if (to > 0) state = to;
      t = end + (draw(seed) % 4 == 0 ? 2.0 : 0.0);
    }
  }
  sort_spells(x);
}

static void against_direct(void) {
  uint64_t seed = 3;
  static spell_rows x;
  static double variance[MOST_SPELLS * MOST_STATES];
  for (int repeat = 0; repeat < 500; repeat++) {
    random_spells(&seed, &x);
    run_spells(&x);
    direct_variance(&x, variance);
    for (size_t j = 0; j < x.m; j++) {
      double sum = 0.0;
      for (size_t a = 0; a < x.k; a++) {
        const size_t i = j * x.k + a;
        sum += x.p[i];
        assert(near(x.error[i], sqrt(variance[i]), 1e-13));
        /* the influence at the time gives the same variance */
        if (a > 0 || j % 4 > 0) continue;
        const osv_state_functional at = {0, 0.0, x.when[j]};
        double *work = room(osv_states_influence_work(x.m, x.k), sizeof *work);
        double p[MOST_STATES], d[MOST_SPELLS * MOST_STATES], square = 0.0;
        assert(osv_states_influence(&x.ids, &x.counts, x.m, 0, x.start, x.p, &at, NULL,
                                    work, p, d) == OSV_OK);
        for (size_t id = 0; id < x.n_id; id++) square += d[id * x.k] * d[id * x.k];
        assert(near(p[0], x.p[i], 1e-14) && near(square, variance[i], 1e-13));
        free(work);
      }
      assert(near(sum, 1.0, 1e-14));
    }
  }
}

static void bad_input(void) {
  static spell_rows x;
  x.k = 2;
  x.n_id = 1;
  add_spell(&x, 1, 1, 0, 2, 2);
  sort_spells(&x);
  double work[3 * MOST_STATES];
  assert(osv_states_counts_work(2) == 6 && osv_states_curve_work(2) == 8);
  assert(osv_states_counts(&x.spells, 2, NULL, work, &x.counts) == OSV_EORDER);
  assert(osv_states_counts(&x.spells, 0, NULL, work, &x.counts) == OSV_EORDER);
  x.moved[0] = 3;
  assert(osv_states_counts(&x.spells, 1, NULL, work, &x.counts) == OSV_EDOMAIN);
  x.moved[0] = 2;
  x.entry_state[0] = 0;
  assert(osv_states_counts(&x.spells, 1, NULL, work, &x.counts) == OSV_EDOMAIN);
  x.entry_state[0] = 3;
  assert(osv_states_counts(&x.spells, 1, NULL, work, &x.counts) == OSV_EDOMAIN);
  x.entry_state[0] = 1;
  const int bad[] = {0, 3};
  for (int i = 0; i < 2; i++) {
    x.from[0] = bad[i];
    assert(osv_states_counts(&x.spells, 1, NULL, work, &x.counts) == OSV_EDOMAIN);
  }
  x.from[0] = 1;
  x.moved[0] = -1;
  assert(osv_states_counts(&x.spells, 1, NULL, work, &x.counts) == OSV_EDOMAIN);
  x.moved[0] = 2;
  x.time[1] = 1.0; /* descends */
  x.from[1] = 1;
  x.spells.n_row = 2;
  assert(osv_states_counts(&x.spells, 2, NULL, work, &x.counts) == OSV_EORDER);
  x.spells.n_row = 1;
  assert(osv_states_counts(&x.spells, 1, NULL, work, &x.counts) == OSV_OK);
  run_spells(&x);
  assert(x.p[0] == 0.0 && x.p[1] == 1.0 && x.error[0] == 0.0 && x.error[1] == 0.0);
  const osv_state_functional at = {0, 0.0, 1.0};
  double room_of[2 * 2 * 4], p[2], d[2];
  assert(osv_states_influence(&x.ids, &x.counts, 1, 0, x.start, x.p, &at, &stopping,
                              room_of, p, d) == OSV_EINTR);
  assert(osv_states_influence(&x.ids, &x.counts, 1, 0, x.start, x.p, &at, &going, room_of,
                              p, d) == OSV_OK);
}

int main(void) {
  four_patients();
  from_a_landmark();
  weighted_rows();
  many_times();
  against_direct();
  bad_input();
  return 0;
}
