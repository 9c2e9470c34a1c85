// The devices of OpenCL, and the functions of its loader.
#include "OpenCL.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  DEVICE_TYPE_ANY = 0x2F,  // All but the custom ones, which compile nothing.
  DEVICE_TYPE_GPU = 4,
  PLATFORM_NAME = 0x0902,
  DEVICE_TYPE = 0x1000,
  DEVICE_GROUP_SIZE = 0x1004,
  DEVICE_FP_CONFIG = 0x101B,
  DEVICE_MEMORY = 0x101F,
  DEVICE_LOCAL_MEMORY = 0x1023,
  DEVICE_LITTLE_ENDIAN = 0x1026,
  DEVICE_AVAILABLE = 0x1027,
  DEVICE_COMPILER = 0x1028,
  DEVICE_NAME = 0x102B,
  DRIVER_VERSION = 0x102D,
  MOST = 64,
  NO_PLATFORM = -1001,
  NEEDED_LOCAL_MEMORY = 16384,
  NEEDED_GROUP_SIZE = 256,
};

static const char *name_of(int code) {
  switch (code) {
    case -1: return "CL_DEVICE_NOT_FOUND";
    case -2: return "CL_DEVICE_NOT_AVAILABLE";
    case -3: return "CL_COMPILER_NOT_AVAILABLE";
    case -4: return "CL_MEM_OBJECT_ALLOCATION_FAILURE";
    case -5: return "CL_OUT_OF_RESOURCES";
    case -6: return "CL_OUT_OF_HOST_MEMORY";
    case -11: return "CL_BUILD_PROGRAM_FAILURE";
    case -14: return "CL_EXEC_STATUS_ERROR_FOR_EVENTS_IN_WAIT_LIST";
    case -30: return "CL_INVALID_VALUE";
    case -36: return "CL_INVALID_COMMAND_QUEUE";
    case -42: return "CL_INVALID_BINARY";
    case -46: return "CL_INVALID_KERNEL_NAME";
    case -54: return "CL_INVALID_WORK_GROUP_SIZE";
    case -61: return "CL_INVALID_BUFFER_SIZE";
    default: return NULL;
  }
}

cgpu_status opencl_status(int code, const char *call) {
  if (!code) return (cgpu_status){0};
  return (cgpu_status){code, call, name_of(code), code == -4 || code == -6 || code == -61, false};
}

// All devices, GPUs first.
static cgpu_status list(opencl_driver *d, cl *devices, cl *platforms_of, int *count) {
  cl platforms[MOST], found[MOST], others[MOST], others_of[MOST];
  uint32_t platform_count = 0;
  int code = d->get_platforms(MOST, platforms, &platform_count), other_count = 0;
  *count = 0;
  if (code == NO_PLATFORM) return opencl_status(0, NULL);
  TRY(code, "clGetPlatformIDs");
  for (uint32_t i = 0; i < platform_count && i < MOST; i++) {
    uint32_t device_count = 0;
    code = d->get_devices(platforms[i], DEVICE_TYPE_ANY, MOST, found, &device_count);
    if (code == OPENCL_NO_DEVICE) continue;
    TRY(code, "clGetDeviceIDs");
    for (uint32_t k = 0; k < device_count && k < MOST; k++) {
      uint64_t type = 0;
      TRY(d->get_device_info(found[k], DEVICE_TYPE, sizeof type, &type, NULL), "clGetDeviceInfo");
      if (type & DEVICE_TYPE_GPU) {
        if (*count < MOST) platforms_of[*count] = platforms[i], devices[(*count)++] = found[k];
      } else {
        if (other_count < MOST) others_of[other_count] = platforms[i], others[other_count++] = found[k];
      }
    }
  }
  for (int i = 0; i < other_count && *count < MOST; i++)
    platforms_of[*count] = others_of[i], devices[(*count)++] = others[i];
  return opencl_status(0, NULL);
}

cgpu_status opencl_count_devices(cgpu_driver *driver, int *count) {
  cl devices[MOST], platforms[MOST];
  return list((opencl_driver *)driver, devices, platforms, count);
}

cgpu_status opencl_find_device(opencl_driver *d, int index, cl *device, cl *platform) {
  cl devices[MOST], platforms[MOST];
  int count = 0;
  cgpu_status result = list(d, devices, platforms, &count);
  if (result.code) return result;
  if (index < 0 || index >= count) return opencl_status(OPENCL_NO_DEVICE, "clGetDeviceIDs");
  *device = devices[index];
  *platform = platforms[index];
  return result;
}

cgpu_status opencl_describe(cgpu_driver *driver, int index, cgpu_description *to) {
  // What binary32 must have: CL_FP_DENORM, CL_FP_INF_NAN, CL_FP_ROUND_TO_NEAREST, CL_FP_FMA and
  // CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT.
  static const struct {
    uint64_t bit;
    const char *name;
  } needed[] = {{1, "denormals"}, {2, "infinities and NaN"}, {4, "rounding to nearest"}, {32, "fused multiply-add"},
                {128, "correctly rounded division and square root"}};
  opencl_driver *d = (opencl_driver *)driver;
  cl device, platform;
  cgpu_status result = opencl_find_device(d, index, &device, &platform);
  if (result.code) return result;
  memset(to, 0, sizeof *to);
  uint64_t type = 0, config = 0, local = 0;
  size_t group = 0;
  uint32_t is_little = 0, is_available = 0, has_compiler = 0;
#define INFO(what, to, size) TRY(d->get_device_info(device, what, size, to, NULL), "clGetDeviceInfo")
  INFO(DEVICE_NAME, to->name, sizeof to->name - 1);
  INFO(DRIVER_VERSION, to->driver_version, sizeof to->driver_version - 1);
  INFO(DEVICE_MEMORY, &to->memory, sizeof to->memory);
  INFO(DEVICE_TYPE, &type, sizeof type);
  INFO(DEVICE_FP_CONFIG, &config, sizeof config);
  INFO(DEVICE_GROUP_SIZE, &group, sizeof group);
  INFO(DEVICE_LOCAL_MEMORY, &local, sizeof local);
  INFO(DEVICE_LITTLE_ENDIAN, &is_little, sizeof is_little);
  INFO(DEVICE_AVAILABLE, &is_available, sizeof is_available);
  INFO(DEVICE_COMPILER, &has_compiler, sizeof has_compiler);
#undef INFO
  TRY(d->get_platform_info(platform, PLATFORM_NAME, sizeof to->platform - 1, to->platform, NULL),
      "clGetPlatformInfo");
  to->is_gpu = type & DEVICE_TYPE_GPU;
  const char *lacks = NULL;
  for (size_t i = sizeof needed / sizeof *needed; i-- > 0;)
    if (!(config & needed[i].bit)) lacks = needed[i].name;
  if (local < NEEDED_LOCAL_MEMORY) lacks = "16 KB of local memory";
  if (group < NEEDED_GROUP_SIZE) lacks = "groups of 256 threads";
  if (!is_little) lacks = "numbers with the lowest byte first";
  if (!has_compiler) lacks = "a compiler";
  if (!is_available) lacks = "a free place: it says that it is not available";
  if (lacks) snprintf(to->lacks, sizeof to->lacks, "%s", lacks);
  return result;
}

cgpu_driver *cgpu_opencl(cgpu_find find, void *context, char *message) {
  opencl_driver *d = calloc(1, sizeof *d);
  if (!d) return snprintf(message, 256, "out of memory"), NULL;
  d->driver.calls = &opencl_calls;
  const driver_symbol symbols[] = {
      {"clGetPlatformIDs", &d->get_platforms},
      {"clGetPlatformInfo", &d->get_platform_info},
      {"clGetDeviceIDs", &d->get_devices},
      {"clGetDeviceInfo", &d->get_device_info},
      {"clCreateContext", &d->create_context},
      {"clReleaseContext", &d->release_context},
      {"clCreateCommandQueue", &d->create_queue},
      {"clReleaseCommandQueue", &d->release_queue},
      {"clCreateProgramWithSource", &d->create_with_source},
      {"clCreateProgramWithBinary", &d->create_with_binary},
      {"clBuildProgram", &d->build},
      {"clGetProgramInfo", &d->get_program_info},
      {"clGetProgramBuildInfo", &d->get_build_info},
      {"clReleaseProgram", &d->release_program},
      {"clCreateKernel", &d->create_kernel},
      {"clReleaseKernel", &d->release_kernel},
      {"clSetKernelArg", &d->set_argument},
      {"clCreateBuffer", &d->create_buffer},
      {"clReleaseMemObject", &d->release_buffer},
      {"clEnqueueWriteBuffer", &d->write_buffer},
      {"clEnqueueReadBuffer", &d->read_buffer},
      {"clEnqueueNDRangeKernel", &d->launch},
      {"clWaitForEvents", &d->wait},
      {"clReleaseEvent", &d->release_event},
      {"clFlush", &d->flush},
      {"clFinish", &d->finish},
  };
  const char *missing = cgpu_collect(find, context, symbols, sizeof symbols / sizeof *symbols);
  if (!missing) return &d->driver;
  snprintf(message, 256, "the library lacks %s", missing);
  free(d);
  return NULL;
}
