#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "CTensorKernels.h"

// Every thread has a range of a problem's items and processes it from front to back, so that it reads memory in order
// and finds in its cache what it wrote in the layer before. A thread that is done steals from the back of another's
// range: on a busy machine, a thread that is descheduled does not hold up the others. The bits do not depend on which
// thread processes an item.

// How often a thread polls for the next problem before it sleeps: about a millisecond, the time between two layers or
// two steps, because waking a thread takes long and may place two on one processor; a tenth of that if there are more
// threads than processors, where each polling thread keeps a working one from its processor. A program that waits for a
// key must not burn a core.
enum { SPINS = 40000, SPINS_CROWDED = 4000 };

// The remaining items of a thread: `begin` in the lower half, `end` in the upper; in a cache line of its own.
typedef struct {
  _Alignas(64) atomic_uint_fast64_t ends;
} range;

typedef struct {
  ctk_pool *pool;
  int32_t index;
  pthread_t thread;
} worker;

struct ctk_pool {
  int32_t threads;
  int spins;
  worker *workers;
  range *ranges;
  pthread_mutex_t callers;  // Held by the caller that runs a problem.
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  atomic_uint generation;  // Changes when there is a new problem.
  atomic_int sleeping;     // The number of threads that wait for `wake`.
  atomic_int inside;       // The number of threads that may read the problem.
  atomic_bool open;        // Whether threads may enter.
  atomic_bool ending;
  // The problem: written only while `open` is false and `inside` is 0.
  ctk_work work;
  void *context;
};

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint64_t pack(uint64_t begin, uint64_t end) { return begin | end << 32; }

// Processes some of a range's items, from its front or its back; false if there are none left.
static bool do_some(ctk_pool *pool, int32_t thread, range *range, bool from_back) {
  uint64_t ends = atomic_load(&range->ends);
  for (;;) {
    uint64_t begin = ends & UINT32_MAX, end = ends >> 32;
    if (begin >= end) return false;
    // Fewer towards the end, so that something is left to steal.
    uint64_t count = (end - begin + 3) / 4;
    uint64_t rest = from_back ? pack(begin, end - count) : pack(begin + count, end);
    if (!atomic_compare_exchange_weak(&range->ends, &ends, rest)) continue;
    size_t first = from_back ? end - count : begin;
    pool->work(pool->context, thread, first, first + count);
    return true;
  }
}

static void do_items(ctk_pool *pool, int32_t thread) {
  while (do_some(pool, thread, &pool->ranges[thread], false)) continue;
  for (int32_t other = 1; other < pool->threads; other++) {
    while (do_some(pool, thread, &pool->ranges[(thread + other) % pool->threads], true)) continue;
  }
}

static unsigned wait_for_work(ctk_pool *pool, unsigned seen) {
  for (int i = 0; i < pool->spins; i++) {
    unsigned now = atomic_load(&pool->generation);
    if (now != seen) return now;
    pause_briefly();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleeping, 1);
  while (atomic_load(&pool->generation) == seen) pthread_cond_wait(&pool->wake, &pool->mutex);
  atomic_fetch_sub(&pool->sleeping, 1);
  pthread_mutex_unlock(&pool->mutex);
  return atomic_load(&pool->generation);
}

static void *worker_main(void *argument) {
  const worker *self = argument;
  ctk_pool *pool = self->pool;
  unsigned seen = 0;
  for (;;) {
    seen = wait_for_work(pool, seen);
    if (atomic_load(&pool->ending)) return NULL;
    // Enter first, then check whether that was allowed: the thread that closes the problem waits for all that entered.
    atomic_fetch_add(&pool->inside, 1);
    if (atomic_load(&pool->open)) do_items(pool, self->index);
    atomic_fetch_sub(&pool->inside, 1);
  }
}

static void announce(ctk_pool *pool) {
  atomic_fetch_add(&pool->generation, 1);
  if (atomic_load(&pool->sleeping) == 0) return;
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
}

ctk_pool *ctk_pool_create(int32_t threads) {
  ctk_pool *pool = calloc(1, sizeof *pool);
  if (!pool) return NULL;
  pool->spins = threads <= sysconf(_SC_NPROCESSORS_ONLN) ? SPINS : SPINS_CROWDED;
  pool->workers = calloc((size_t)threads, sizeof *pool->workers);
  pool->ranges = aligned_alloc(_Alignof(range), (size_t)threads * sizeof *pool->ranges);
  pthread_mutex_init(&pool->callers, NULL);
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->wake, NULL);
  pool->threads = 1;
  // Signals are for the thread that owns the terminal.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  for (int32_t i = 1; pool->workers && pool->ranges && i < threads; i++, pool->threads++) {
    pool->workers[i].pool = pool;
    pool->workers[i].index = i;
    if (pthread_create(&pool->workers[i].thread, NULL, worker_main, &pool->workers[i]) != 0) break;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pool->threads == threads) return pool;
  ctk_pool_destroy(pool);
  return NULL;
}

void ctk_pool_destroy(ctk_pool *pool) {
  atomic_store(&pool->ending, true);
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->generation, 1);
  pthread_cond_broadcast(&pool->wake);
  pthread_mutex_unlock(&pool->mutex);
  for (int32_t i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  pthread_mutex_destroy(&pool->callers);
  free(pool->ranges);
  free(pool->workers);
  free(pool);
}

void ctk_pool_run(ctk_pool *pool, ctk_work work, void *context, size_t items) {
  if (pool->threads == 1 || items <= 1 || items > UINT32_MAX) {
    if (items > 0) work(context, 0, 0, items);
    return;
  }
  pthread_mutex_lock(&pool->callers);
  pool->work = work;
  pool->context = context;
  for (uint64_t i = 0, threads = (uint64_t)pool->threads; i < threads; i++)
    atomic_init(&pool->ranges[i].ends, pack(items * i / threads, items * (i + 1) / threads));
  atomic_store(&pool->open, true);
  announce(pool);
  do_items(pool, 0);
  atomic_store(&pool->open, false);
  for (int spins = 0; atomic_load(&pool->inside) > 0; spins++) {
    // A thread was interrupted in the middle of a chunk: let it have the processor.
    if (spins < SPINS_CROWDED) pause_briefly();
    else sched_yield();
  }
  pthread_mutex_unlock(&pool->callers);
}
