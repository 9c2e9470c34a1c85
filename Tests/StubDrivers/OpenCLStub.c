#include <dlfcn.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "StubDrivers.h"

static atomic_long calls, failing, sources, launches, delay;
static int failure;
static const char *failed, *lacking;
static const char *more_options, *piece, *other_piece;
static uint64_t config_lacks;

void stub_opencl_fail(long call, int code) {
  failure = code;
  failed = NULL;
  atomic_store(&calls, 0);
  atomic_store(&sources, 0);
  atomic_store(&failing, call);
}

long stub_opencl_sources(void) { return atomic_load(&sources); }
long stub_opencl_calls(void) { return atomic_load(&calls); }
const char *stub_opencl_failed(void) { return failed; }
long stub_opencl_launches(void) { return atomic_load(&launches); }

void stub_opencl_slow(long microseconds) {
  atomic_store(&launches, 0);
  atomic_store(&delay, microseconds);
}

void stub_opencl_lack(const char *name) { lacking = name; }

void stub_opencl_careless(const char *options, const char *from, const char *to, unsigned long lacks) {
  more_options = options;
  piece = from;
  other_piece = to;
  config_lacks = lacks;
}

static int fails(const char *name) {
  if (atomic_fetch_add(&calls, 1) + 1 != atomic_load(&failing)) return 0;
  failed = name;
  return 1;
}

typedef void *cl;

// A function that returns its code.
#define CALL(name, parameters, arguments)                  \
  static int(*real_##name) parameters;                     \
  static int stub_##name parameters {                      \
    return fails(#name) ? failure : real_##name arguments; \
  }
// A function that makes an object, and says how it went by its last argument.
#define MAKE(name, parameters, arguments)    \
  static cl(*real_##name) parameters;        \
  static cl stub_##name parameters {         \
    if (!fails(#name)) return real_##name arguments; \
    *code = failure;                         \
    return NULL;                             \
  }

CALL(clGetPlatformIDs, (uint32_t n, cl *to, uint32_t *count), (n, to, count))
CALL(clGetPlatformInfo, (cl a, uint32_t what, size_t n, void *to, size_t *size), (a, what, n, to, size))
CALL(clGetDeviceIDs, (cl a, uint64_t type, uint32_t n, cl *to, uint32_t *count), (a, type, n, to, count))
CALL(clGetDeviceInfo, (cl a, uint32_t what, size_t n, void *to, size_t *size), (a, what, n, to, size))
MAKE(clCreateContext, (const intptr_t *p, uint32_t n, const cl *d, void *f, void *x, int *code), (p, n, d, f, x, code))
CALL(clReleaseContext, (cl a), (a))
MAKE(clCreateCommandQueue, (cl a, cl b, uint64_t flags, int *code), (a, b, flags, code))
CALL(clReleaseCommandQueue, (cl a), (a))
MAKE(clCreateProgramWithSource, (cl a, uint32_t n, const char **s, const size_t *l, int *code), (a, n, s, l, code))
MAKE(clCreateProgramWithBinary,
     (cl a, uint32_t n, const cl *d, const size_t *l, const unsigned char **b, int *s, int *code),
     (a, n, d, l, b, s, code))
CALL(clBuildProgram, (cl a, uint32_t n, const cl *d, const char *o, void *f, void *x), (a, n, d, o, f, x))
CALL(clGetProgramInfo, (cl a, uint32_t what, size_t n, void *to, size_t *size), (a, what, n, to, size))
CALL(clGetProgramBuildInfo, (cl a, cl d, uint32_t what, size_t n, void *to, size_t *size), (a, d, what, n, to, size))
CALL(clReleaseProgram, (cl a), (a))
MAKE(clCreateKernel, (cl a, const char *name, int *code), (a, name, code))
CALL(clReleaseKernel, (cl a), (a))
CALL(clSetKernelArg, (cl a, uint32_t i, size_t n, const void *v), (a, i, n, v))
MAKE(clCreateBuffer, (cl a, uint64_t flags, size_t n, void *p, int *code), (a, flags, n, p, code))
CALL(clReleaseMemObject, (cl a), (a))
CALL(clEnqueueWriteBuffer,
     (cl q, cl b, uint32_t w, size_t o, size_t n, const void *p, uint32_t k, const cl *l, cl *e),
     (q, b, w, o, n, p, k, l, e))
CALL(clEnqueueReadBuffer, (cl q, cl b, uint32_t w, size_t o, size_t n, void *p, uint32_t k, const cl *l, cl *e),
     (q, b, w, o, n, p, k, l, e))
CALL(clEnqueueNDRangeKernel,
     (cl q, cl k, uint32_t d, const size_t *o, const size_t *g, const size_t *l, uint32_t n, const cl *w, cl *e),
     (q, k, d, o, g, l, n, w, e))
CALL(clWaitForEvents, (uint32_t n, const cl *e), (n, e))
CALL(clReleaseEvent, (cl a), (a))
CALL(clFlush, (cl a), (a))
CALL(clFinish, (cl a), (a))

static cl careless_source(cl a, uint32_t n, const char **s, const size_t *l, int *code) {
  atomic_fetch_add(&sources, 1);
  const char *at = piece ? strstr(*s, piece) : NULL;
  if (!at) return stub_clCreateProgramWithSource(a, n, s, l, code);
  size_t size = strlen(*s) + strlen(other_piece) + 1;
  char *text = calloc(1, size);
  if (!text) abort();
  memcpy(text, *s, (size_t)(at - *s));
  strcat(text, other_piece);
  strcat(text, at + strlen(piece));
  cl made = stub_clCreateProgramWithSource(a, 1, (const char **)&text, NULL, code);
  free(text);
  return made;
}

static int careless_build(cl a, uint32_t n, const cl *d, const char *o, void *f, void *x) {
  char all[512] = "";
  strncat(all, o, 200);
  if (more_options) strncat(all, more_options, 200);
  return stub_clBuildProgram(a, n, d, all, f, x);
}

static int careless_info(cl a, uint32_t what, size_t n, void *to, size_t *size) {
  int code = stub_clGetDeviceInfo(a, what, n, to, size);
  if (!code && what == 0x101B && n == sizeof config_lacks) *(uint64_t *)to &= ~config_lacks;
  return code;
}

static int slow_launch(cl q, cl k, uint32_t d, const size_t *o, const size_t *g, const size_t *l, uint32_t n,
                       const cl *w, cl *e) {
  atomic_fetch_add(&launches, 1);
  if (atomic_load(&delay)) usleep((useconds_t)atomic_load(&delay));
  return stub_clEnqueueNDRangeKernel(q, k, d, o, g, l, n, w, e);
}

void *stub_opencl_find(void *library, const char *name) {
  if (lacking && !strcmp(lacking, name)) return NULL;
#define FIND(function) FIND_AS(function, stub_##function)
#define FIND_AS(function, stub)                      \
  if (!strcmp(name, #function)) {                    \
    void *found = dlsym(library, name);              \
    memcpy(&real_##function, &found, sizeof found);  \
    return found ? (void *)(uintptr_t)&stub : NULL;  \
  }
  FIND(clGetPlatformIDs) FIND(clGetPlatformInfo) FIND(clGetDeviceIDs) FIND_AS(clGetDeviceInfo, careless_info)
  FIND(clCreateContext) FIND(clReleaseContext) FIND(clCreateCommandQueue) FIND(clReleaseCommandQueue)
  FIND_AS(clCreateProgramWithSource, careless_source) FIND(clCreateProgramWithBinary)
  FIND_AS(clBuildProgram, careless_build) FIND(clGetProgramInfo) FIND(clGetProgramBuildInfo)
  FIND(clReleaseProgram) FIND(clCreateKernel) FIND(clReleaseKernel) FIND(clSetKernelArg) FIND(clCreateBuffer)
  FIND(clReleaseMemObject) FIND(clEnqueueWriteBuffer) FIND(clEnqueueReadBuffer)
  FIND_AS(clEnqueueNDRangeKernel, slow_launch)
  FIND(clWaitForEvents) FIND(clReleaseEvent) FIND(clFlush) FIND(clFinish)
  return NULL;
}
