#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "CGPU.h"
#include "StubDrivers.h"

// One card, which is the first OpenCL device; its module is the one program, its streams are queues.
static cgpu_driver *driver;
static const char *failing;
static int failure, device_count = 1;
static _Thread_local void *context;
static _Atomic long context_count;
enum {
  INVALID_VALUE = 1,
  OUT_OF_MEMORY = 2,
  NO_DEVICE = 100,
  INVALID_DEVICE = 101,
  INVALID_CONTEXT = 201,
  NOT_FOUND = 500,
  FAILED = 999
};

void stub_cuda_fail(const char *name, int code) {
  failing = name;
  failure = code;
}

void stub_cuda_devices(int count) { device_count = count; }

long stub_cuda_contexts(void) { return context_count; }

#define FAIL(name) \
  if (failing && !strcmp(failing, name)) return failure

typedef struct {
  cgpu_program *program;
  cgpu_queue *queue;
} stub_module;
static stub_module module;

static int code(cgpu_status status) { return !status.code ? 0 : status.is_out_of_memory ? OUT_OF_MEMORY : FAILED; }

static int init(unsigned flags) {
  FAIL("cuInit");
  return flags ? INVALID_VALUE : device_count ? 0 : NO_DEVICE;
}
static int version(int *to) {
  FAIL("cuDriverGetVersion");
  *to = 12040;
  return 0;
}
static int error_name(int number, const char **to) {
  *to = number == OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY" : number == NO_DEVICE ? "CUDA_ERROR_NO_DEVICE" : NULL;
  return *to ? 0 : INVALID_VALUE;
}
static int count(int *to) {
  FAIL("cuDeviceGetCount");
  *to = device_count;
  return 0;
}
static int get(int *to, int index) {
  FAIL("cuDeviceGet");
  *to = 40 + index;
  return index < device_count ? 0 : INVALID_DEVICE;
}
static int device_name(char *to, int size, int device) {
  FAIL("cuDeviceGetName");
  snprintf(to, (size_t)size, "Stub %d", device);
  return 0;
}
static int device_memory(size_t *to, int device) {
  FAIL("cuDeviceTotalMem_v2");
  *to = (size_t)device << 30;
  return 0;
}
static int attribute(int *to, int what, int device) {
  FAIL("cuDeviceGetAttribute");
  (void)device;
  *to = what == 75 ? 9 : what == 16 ? 48 : what == 39 ? 1536 : 0;
  return 0;
}
static int retain(void **to, int device) {
  FAIL("cuDevicePrimaryCtxRetain");
  *to = (void *)(uintptr_t)(device + 1000);
  return 0;
}
static int release_context(int device) { return device >= 40 ? 0 : INVALID_DEVICE; }
static int set_context(void *to) {
  FAIL("cuCtxSetCurrent");
  context = to;
  context_count++;
  return to ? 0 : INVALID_VALUE;
}
static int synchronize(void) { return module.queue ? code(cgpu_finish(module.queue)) : 0; }
static int load(void **to, const void *ptx, unsigned n, const int *options, void **values) {
  FAIL("cuModuleLoadDataEx");
  char log[1024];
  if (strcmp(ptx, cgpu_ptx()) || n != 2 || options[0] != 5 || !values[0]) return INVALID_VALUE;
  if (!module.program) {
    if (cgpu_program_open(driver, 0, NULL, 0, &module.program, log).code) return FAILED;
    if (cgpu_queue_open(module.program, &module.queue).code) return FAILED;
  }
  *to = &module;
  return 0;
}
static int unload(void *loaded) { return loaded == &module ? 0 : INVALID_VALUE; }

// A function is the place of its kernel, counted from 1.
static int function(void **to, void *loaded, const char *name) {
  FAIL("cuModuleGetFunction");
  for (int i = 0; loaded == &module && i < cgpu_kernel_count; i++)
    if (!strcmp(cgpu_kernel_name(i), name)) return *to = (void *)(uintptr_t)(i + 1), 0;
  return NOT_FOUND;
}
static int allocate(uint64_t *to, size_t bytes) {
  FAIL("cuMemAlloc_v2");
  cgpu_memory *memory = NULL;
  int result = bytes ? code(cgpu_allocate(module.program, bytes, &memory)) : INVALID_VALUE;
  *to = (uintptr_t)memory;
  return result;
}
static int release(uint64_t address) { return cgpu_release(module.program, (cgpu_memory *)(uintptr_t)address), 0; }
static int create(void **to, unsigned flags) {
  FAIL("cuStreamCreate");
  (void)flags;
  *to = &module;
  return 0;
}
static int create_event(void **to, unsigned flags) {
  FAIL("cuEventCreate");
  (void)flags;
  *to = &module;
  return 0;
}
static int destroy(void *object) { return object ? 0 : INVALID_VALUE; }
static int write_bytes(uint64_t address, const void *from, size_t n, void *stream) {
  FAIL("cuMemcpyHtoDAsync_v2");
  return stream ? code(cgpu_write(module.queue, (cgpu_memory *)(uintptr_t)address, from, n)) : INVALID_VALUE;
}
static int read_bytes(void *to, uint64_t address, size_t n, void *stream) {
  FAIL("cuMemcpyDtoHAsync_v2");
  return stream ? code(cgpu_read(module.queue, (cgpu_memory *)(uintptr_t)address, to, n)) : INVALID_VALUE;
}

// The arguments that the PTX declares for a kernel: `.param .align 4 .b8 name[76]`, `.param .u32 name`, `.param .u64`.
static int declared(const char *name, void **values, cgpu_argument *to) {
  char entry[128];
  snprintf(entry, sizeof entry, ".entry %s(", name);
  const char *at = strstr(cgpu_ptx(), entry), *end = at ? strchr(at, '{') : NULL;
  int n = 0;
  while (at && (at = strstr(at, ".param ")) && at < end) {
    at += strlen(".param ");
    to[n] = (cgpu_argument){NULL, values[n], sizeof(int)};
    if (!strncmp(at, ".u64", 4)) to[n].memory = *(cgpu_memory **)values[n];
    else if (!strncmp(at, ".align", 6)) to[n].count = strtoul(strchr(at, '[') + 1, NULL, 10);
    n++;
  }
  return n;
}
static int launch(void *which, unsigned x, unsigned y, unsigned z, unsigned threads, unsigned ty, unsigned tz,
                  unsigned shared, void *stream, void **values, void **extra) {
  FAIL("cuLaunchKernel");
  static const unsigned sizes[] = {
#define CGPU_KERNEL(name, threads) threads,
      CGPU_KERNELS(CGPU_KERNEL)
#undef CGPU_KERNEL
  };
  cgpu_kernel kernel = (cgpu_kernel)((uintptr_t)which - 1);
  if (!context) return INVALID_CONTEXT;
  if (!stream || shared || extra || ty != 1 || tz != 1 || threads != sizes[kernel]) return INVALID_VALUE;
  // What a grid may be: CUDA C++ Programming Guide, "Technical Specifications per Compute Capability".
  if (!x || !y || !z || x > 0x7FFFFFFF || y > 65535 || z > 65535) return INVALID_VALUE;
  cgpu_argument arguments[16];
  int n = declared(cgpu_kernel_name(kernel), values, arguments);
  const size_t groups[] = {x, y, z};
  return n ? code(cgpu_launch(module.queue, kernel, groups, arguments, n)) : NOT_FOUND;
}
static int finish(void *stream) {
  FAIL("cuStreamSynchronize");
  return stream ? code(cgpu_finish(module.queue)) : INVALID_VALUE;
}
static int record(void *event, void *stream) {
  FAIL("cuEventRecord");
  return event && stream ? 0 : INVALID_VALUE;
}
static int wait_for(void *event) {
  FAIL("cuEventSynchronize");
  return event ? 0 : INVALID_VALUE;
}

void *stub_cuda_find(void *opencl_library, const char *name) {
  char message[256];
  if (!driver && !(driver = cgpu_opencl(cgpu_find_in, opencl_library, message))) return NULL;
  static const struct {
    const char *name;
    void *function;
  } functions[] = {
      {"cuInit", &init},
      {"cuDriverGetVersion", &version},
      {"cuGetErrorName", &error_name},
      {"cuDeviceGetCount", &count},
      {"cuDeviceGet", &get},
      {"cuDeviceGetName", &device_name},
      {"cuDeviceTotalMem_v2", &device_memory},
      {"cuDeviceGetAttribute", &attribute},
      {"cuDevicePrimaryCtxRetain", &retain},
      {"cuDevicePrimaryCtxRelease_v2", &release_context},
      {"cuCtxSetCurrent", &set_context},
      {"cuCtxSynchronize", &synchronize},
      {"cuModuleLoadDataEx", &load},
      {"cuModuleUnload", &unload},
      {"cuModuleGetFunction", &function},
      {"cuMemAlloc_v2", &allocate},
      {"cuMemFree_v2", &release},
      {"cuStreamCreate", &create},
      {"cuStreamDestroy_v2", &destroy},
      {"cuMemcpyHtoDAsync_v2", &write_bytes},
      {"cuMemcpyDtoHAsync_v2", &read_bytes},
      {"cuLaunchKernel", &launch},
      {"cuStreamSynchronize", &finish},
      {"cuEventCreate", &create_event},
      {"cuEventDestroy_v2", &destroy},
      {"cuEventRecord", &record},
      {"cuEventSynchronize", &wait_for},
  };
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    if (!strcmp(functions[i].name, name)) return functions[i].function;
  return NULL;
}
