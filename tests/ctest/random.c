/* random - runs a fuzzer without libFuzzer, on the same pseudo-random bytes each time, of
 * all lengths up to LONGEST, a third of them with few different values. The
 * postconditions of each fuzzer can thus be checked with any compiler. A second argument
 * is a file of further inputs, one in each line as hexadecimal digits. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 600 };

static void run_file(const char *name) {
  FILE *file = fopen(name, "r");
  if (!file) return;
  uint8_t data[LONGEST];
  size_t size = 0;
  for (;;) {
    unsigned byte;
    const int read = fscanf(file, "%2x", &byte);
    if (read == 1 && size < LONGEST) data[size++] = (uint8_t)byte;
    if (read == 0) break; /* not a hexadecimal digit */
    const int next = fgetc(file);
    if (next == '\n' || next == EOF) {
      LLVMFuzzerTestOneInput(data, size);
      size = 0;
      if (next == EOF) break;
    } else {
      ungetc(next, file);
    }
  }
  fclose(file);
}

int main(int argc, char **argv) {
  if (argc > 2) run_file(argv[2]);
  const size_t inputs = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
  uint8_t data[LONGEST];
  uint64_t state = 1;
  for (size_t i = 0; i < inputs; i++) {
    const size_t size = draw(&state) % (LONGEST + 1);
    const uint8_t mask = (uint8_t)(i % 3 == 0 ? 0x83 : i % 3 == 1 ? 0x0f : 0xff);
    for (size_t k = 0; k < size; k++) data[k] = (uint8_t)draw(&state) & mask;
    for (size_t k = 0; k < size && k < 16; k++) data[k] = (uint8_t)draw(&state);
    LLVMFuzzerTestOneInput(data, size);
  }
  return 0;
}
