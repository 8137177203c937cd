/* sgemm as a C program calls it: the peer of matmul_bench.ts.
 * usage: blas_caller THREADS M,K,N,LAYOUT... with LAYOUT of NN, NT, TN.
 * Prints GFLOP/s of each product, best of the rounds, on one line. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void sgemm_(const char *, const char *, const int *, const int *, const int *,
            const float *, const float *, const int *, const float *,
            const int *, const float *, float *, const int *);
void openblas_set_num_threads(int);

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
  openblas_set_num_threads(atoi(argv[1]));
  for (int s = 2; s < argc; s++) {
    int m, k, n;
    char layout[3];
    if (sscanf(argv[s], "%d,%d,%d,%2s", &m, &k, &n, layout) != 4) return 1;
    float *a = malloc(4ul * m * k), *b = malloc(4ul * k * n);
    float *c = malloc(4ul * m * n), one = 1, zero = 0;
    for (long i = 0; i < (long)m * k; i++) a[i] = i % 7 - 3;
    for (long i = 0; i < (long)k * n; i++) b[i] = i % 5 - 2;
    int isTA = layout[0] == 'T', isTB = layout[1] == 'T';
    int rowA = isTA ? m : k, rowB = isTB ? k : n;
    double flops = 2.0 * m * k * n, best = 1e9;
    int count = flops > 5e8 ? 1 : 5e8 / flops;
    for (int round = 0; round < 11; round++) {
      double begin = now();
      for (int i = 0; i < count; i++) /* rows of ours are columns of Fortran */
        sgemm_(isTB ? "T" : "N", isTA ? "T" : "N", &n, &m, &k, &one, b, &rowB,
               a, &rowA, &zero, c, &n);
      double seconds = (now() - begin) / count;
      if (round > 0 && seconds < best) best = seconds;
    }
    printf("%g ", flops / best / 1e9);
    free(a), free(b), free(c);
  }
  printf("\n");
}
