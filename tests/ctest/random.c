/* random - runs a fuzzer without libFuzzer, on the same pseudo-random bytes each time, of
 * all lengths up to LONGEST, a third of them with few different values. The
 * postconditions of each fuzzer can thus be checked with any compiler. */
#include <stdio.h>
#include <stdlib.h>

#include "check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LONGEST = 600 };

int main(int argc, char **argv) {
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
