// The devices of CUDA, and the functions of its driver.
#include "CUDA.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  NO_DEVICE = 100,
  OUT_OF_MEMORY = 2,
  MULTIPROCESSORS = 16,
  THREADS_PER_MULTIPROCESSOR = 39,
  CAPABILITY_MAJOR = 75,
  CAPABILITY_MINOR = 76,
  NEEDED_MAJOR = 5,
  // Faults of a kernel, of which the documentation says that the process must be terminated and relaunched.
  ILLEGAL_ADDRESS = 700,
  LAUNCH_TIMEOUT = 702,
  ASSERT = 710,
  HARDWARE_STACK_ERROR = 714,
  ILLEGAL_INSTRUCTION = 715,
  MISALIGNED_ADDRESS = 716,
  INVALID_ADDRESS_SPACE = 717,
  INVALID_PC = 718,
  LAUNCH_FAILED = 719,
};

static bool is_lasting(int code) {
  switch (code) {
    case ILLEGAL_ADDRESS: case LAUNCH_TIMEOUT: case ASSERT: case HARDWARE_STACK_ERROR: case ILLEGAL_INSTRUCTION:
    case MISALIGNED_ADDRESS: case INVALID_ADDRESS_SPACE: case INVALID_PC: case LAUNCH_FAILED: return true;
    default: return false;
  }
}

cgpu_status cuda_status(cuda_driver *d, int code, const char *call) {
  if (!code) return (cgpu_status){0};
  const char *name = NULL;
  if (d->error_name(code, &name)) name = NULL;
  return (cgpu_status){code, call, name, code == OUT_OF_MEMORY, is_lasting(code)};
}

cgpu_status cuda_count_devices(cgpu_driver *driver, int *count) {
  cuda_driver *d = (cuda_driver *)driver;
  *count = 0;
  int code = d->init(0);
  if (code == NO_DEVICE) return (cgpu_status){0};
  TRY(d, code, "cuInit");
  TRY(d, d->device_count(count), "cuDeviceGetCount");
  return (cgpu_status){0};
}

cgpu_status cuda_describe(cgpu_driver *driver, int index, cgpu_description *to) {
  cuda_driver *d = (cuda_driver *)driver;
  int device = 0, major = 0, minor = 0, version = 0;
  size_t memory = 0;
  memset(to, 0, sizeof *to);
  TRY(d, d->init(0), "cuInit");
  TRY(d, d->device_get(&device, index), "cuDeviceGet");
  TRY(d, d->device_name(to->name, sizeof to->name - 1, device), "cuDeviceGetName");
  TRY(d, d->device_memory(&memory, device), "cuDeviceTotalMem");
  TRY(d, d->device_attribute(&major, CAPABILITY_MAJOR, device), "cuDeviceGetAttribute");
  TRY(d, d->device_attribute(&minor, CAPABILITY_MINOR, device), "cuDeviceGetAttribute");
  TRY(d, d->device_attribute(&to->multiprocessors, MULTIPROCESSORS, device), "cuDeviceGetAttribute");
  TRY(d, d->device_attribute(&to->threads_per_multiprocessor, THREADS_PER_MULTIPROCESSOR, device),
      "cuDeviceGetAttribute");
  TRY(d, d->driver_version(&version), "cuDriverGetVersion");
  to->memory = memory;
  to->is_gpu = true;
  snprintf(to->platform, sizeof to->platform, "CUDA");
  snprintf(to->driver_version, sizeof to->driver_version, "%d.%d", version / 1000, version % 1000 / 10);
  if (major < NEEDED_MAJOR)
    snprintf(to->lacks, sizeof to->lacks, "compute capability %d.0: it has %d.%d", NEEDED_MAJOR, major, minor);
  return (cgpu_status){0};
}

cgpu_driver *cgpu_cuda(cgpu_find find, void *context, char *message) {
  cuda_driver *d = calloc(1, sizeof *d);
  if (!d) return snprintf(message, 256, "out of memory"), NULL;
  d->driver.calls = &cuda_calls;
  const driver_symbol symbols[] = {
      {"cuInit", &d->init},
      {"cuDriverGetVersion", &d->driver_version},
      {"cuGetErrorName", &d->error_name},
      {"cuDeviceGetCount", &d->device_count},
      {"cuDeviceGet", &d->device_get},
      {"cuDeviceGetName", &d->device_name},
      {"cuDeviceTotalMem_v2", &d->device_memory},
      {"cuDeviceGetAttribute", &d->device_attribute},
      {"cuDevicePrimaryCtxRetain", &d->retain_context},
      {"cuDevicePrimaryCtxRelease_v2", &d->release_context},
      {"cuCtxSetCurrent", &d->set_context},
      {"cuCtxSynchronize", &d->synchronize},
      {"cuModuleLoadDataEx", &d->load_module},
      {"cuModuleUnload", &d->unload_module},
      {"cuModuleGetFunction", &d->get_function},
      {"cuMemAlloc_v2", &d->allocate},
      {"cuMemFree_v2", &d->release},
      {"cuStreamCreate", &d->create_stream},
      {"cuStreamDestroy_v2", &d->destroy_stream},
      {"cuMemcpyHtoDAsync_v2", &d->upload},
      {"cuMemcpyDtoHAsync_v2", &d->download},
      {"cuLaunchKernel", &d->launch},
      {"cuStreamSynchronize", &d->finish},
      {"cuEventCreate", &d->create_event},
      {"cuEventDestroy_v2", &d->destroy_event},
      {"cuEventRecord", &d->record},
      {"cuEventSynchronize", &d->wait},
  };
  const char *missing = cgpu_collect(find, context, symbols, sizeof symbols / sizeof *symbols);
  if (!missing) return &d->driver;
  snprintf(message, 256, "the library lacks %s", missing);
  free(d);
  return NULL;
}
