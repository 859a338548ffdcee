// Measures how fast products of a few rows read their weight, compared with plainly reading the same bytes.
//
//     clang -O2 -march=native -std=c11 -I Sources/CSwiftletKernels/include tools/bench/products.c \
//         Sources/CSwiftletKernels/*.c -o products -lpthread -lm
//     ./products [threads [repeats]]
//
// Prints one line per shape and dtype: bytes per second and percentage of plain reading, best of the repeats.
// Each run uses the next of several weights, 192 MB in total, so that none is in a cache. A single thread is
// timed by its CPU time, which stops while other programs run; several threads by wall-clock time.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "swiftlet_kernels.h"

enum { TOTAL = 192 << 20, WIDEST = 8192, MOST_ROWS = 8, MOST_PIECES = 64 };
enum way { READ, OUT_IN, IN_OUT };
enum { I8 = 3 };
static const char *const NAMES[] = {"f32", "f16", "bf16", "int8"};
static const size_t BYTES[] = {4, 2, 2, 1};
static const size_t SHAPES[][2] = {{2048, 2048}, {5632, 2048}, {2048, 5632}, {4096, 4096}};
static const size_t ROWS[] = {1, 2, 4, 8};

static struct {
    enum way way;
    int dtype;
    size_t m, n, k; // rows of x, outputs, inputs
    const char *w;
} job;
static char *weights;
static float *x, *y, *scales;
static atomic_size_t next_piece;
static _Atomic uint64_t sink;

static double seconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void read_plainly(const char *p, size_t count) {
    typedef uint64_t vector __attribute__((vector_size(32)));
    vector sums[4] = {{0}};
    for (; count >= sizeof sums; count -= sizeof sums, p += sizeof sums) {
        vector some[4];
        memcpy(some, p, sizeof some);
        for (int i = 0; i < 4; i++) sums[i] ^= some[i];
    }
    sums[0] ^= sums[1] ^ sums[2] ^ sums[3];
    sink += sums[0][0] ^ sums[0][1] ^ sums[0][2] ^ sums[0][3];
}

// Works on pieces as the library divides the work: ranges of the memory's rows.
static void *work(void *unused) {
    const size_t rows = job.way == IN_OUT ? job.k : job.n, columns = job.way == IN_OUT ? job.n : job.k;
    const size_t line = columns * BYTES[job.dtype];
    const size_t size = job.way == IN_OUT ? (rows + 15) / 16
                        : (1 << 18) / line / 64 * 64 > 64 ? (1 << 18) / line / 64 * 64 : 64;
    for (;;) {
        size_t piece = atomic_fetch_add(&next_piece, 1), first = piece * size;
        if (first >= rows) return unused;
        size_t count = rows - first < size ? rows - first : size;
        const char *w = job.w + first * line;
        float *own = y + piece * MOST_ROWS * WIDEST;
        if (job.way == READ)
            read_plainly(w, count * line);
        else if (job.way == OUT_IN && job.dtype == I8)
            swiftlet_product_out_in_i8((const int8_t *)w, job.k, scales, x, job.k, NULL, own, job.n, job.m, count,
                                       job.k, 0);
        else if (job.way == OUT_IN)
            swiftlet_product_out_in((swiftlet_dtype)job.dtype, w, job.k, x, job.k, NULL, own, job.n, job.m, count,
                                    job.k, 0);
        else if (job.dtype == I8)
            swiftlet_product_in_out_i8((const int8_t *)w, job.n, scales, x + first, job.k, NULL, own, job.n,
                                       job.m, job.n, count, 0);
        else
            swiftlet_product_in_out((swiftlet_dtype)job.dtype, w, job.n, x + first, job.k, NULL, own, job.n,
                                    job.m, job.n, count, 0);
    }
}

static double run(int threads) {
    static size_t turn;
    const size_t bytes = job.n * job.k * BYTES[job.dtype];
    job.w = weights + turn++ % (TOTAL / bytes) * bytes;
    atomic_store(&next_piece, 0);
    clockid_t clock = threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC;
    double start = seconds(clock);
    pthread_t others[16];
    for (int i = 1; i < threads; i++) pthread_create(&others[i], NULL, work, NULL);
    work(NULL);
    for (int i = 1; i < threads; i++) pthread_join(others[i], NULL);
    return seconds(clock) - start;
}

int main(int argc, char **argv) {
    const int threads = argc > 1 ? atoi(argv[1]) : 2, repeats = argc > 2 ? atoi(argv[2]) : 25;
    if (threads < 1 || threads > 16 || repeats < 1) return 64;
    weights = mmap(NULL, TOTAL, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    x = calloc(MOST_ROWS * WIDEST, sizeof *x);
    y = malloc(sizeof *y * MOST_PIECES * MOST_ROWS * WIDEST);
    scales = malloc(sizeof *scales * WIDEST);
    if (weights == MAP_FAILED || !x || !y || !scales) return 71;
#ifdef MADV_NOHUGEPAGE
    madvise(weights, TOTAL, MADV_NOHUGEPAGE); // as a mapped file has small pages
#endif
    // Bytes that are ordinary numbers of both signs in every dtype.
    for (size_t i = 0; i < TOTAL; i += 2) {
        uint16_t half = (uint16_t)(0x3c00 | ((i * 40503 >> 7) & 0x80ff));
        memcpy(weights + i, &half, sizeof half);
    }
    for (int i = 0; i < MOST_ROWS * WIDEST; i++) x[i] = 0.001f * (float)(i % 7);
    for (int i = 0; i < WIDEST; i++) scales[i] = 0.01f;
    memset(y, 0, sizeof *y * MOST_PIECES * MOST_ROWS * WIDEST);

    printf("level %d, %d threads\n", (int)swiftlet_level_in_use(), threads);
    for (size_t s = 0; s < sizeof SHAPES / sizeof *SHAPES; s++) {
        for (job.dtype = 0; job.dtype < 4; job.dtype++) {
            double best[3][4] = {{1e9, 1e9, 1e9, 1e9}, {1e9, 1e9, 1e9, 1e9}, {1e9, 1e9, 1e9, 1e9}};
            job.n = SHAPES[s][0];
            job.k = SHAPES[s][1];
            for (int i = 0; i < repeats; i++) {
                for (int way = READ; way <= IN_OUT; way++) {
                    for (int r = 0; r < (way == READ ? 1 : 4); r++) {
                        job.way = (enum way)way;
                        job.m = ROWS[r];
                        double time = run(threads);
                        if (time < best[way][r]) best[way][r] = time;
                    }
                }
            }
            const double giga = 1e-9 * (double)(job.n * job.k * BYTES[job.dtype]);
            printf("%4zu x %-4zu %-4s read %5.1f GB/s", job.n, job.k, NAMES[job.dtype], giga / best[READ][0]);
            for (int way = OUT_IN; way <= IN_OUT; way++) {
                printf(way == OUT_IN ? " | out-in" : " | in-out");
                for (int r = 0; r < 4; r++)
                    printf("  %zu: %4.1f %3.0f%%", ROWS[r], giga / best[way][r],
                           100 * best[READ][0] / best[way][r]);
            }
            printf("\n");
            fflush(stdout);
        }
    }
}
