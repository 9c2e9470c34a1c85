#include "CGPU.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "Driver.h"

// One text: each file ends with a new line.
static const char source[] = {
#embed "kernels/dialect.cl"
    ,
#embed "include/cgpu_problems.h"
    ,
#embed "kernels/arithmetic.cl"
    ,
#embed "kernels/convolution.cl"
    ,
#embed "kernels/winograd.cl"
    ,
#embed "kernels/normalization.cl"
    ,
#embed "kernels/elements.cl"
    ,
#embed "kernels/attention.cl"
    ,
#embed "kernels/quantization.cl"
    ,
#embed "kernels/probe.cl"
    , 0};

const char *const cgpu_options = "-cl-std=CL1.2 -cl-fp32-correctly-rounded-divide-sqrt";

const char *cgpu_source(void) { return source; }

static const char *const names[] = {
#define CGPU_KERNEL(name, threads) #name,
    CGPU_KERNELS(CGPU_KERNEL)
#undef CGPU_KERNEL
};

const unsigned cgpu_kernel_threads[] = {
#define CGPU_KERNEL(name, threads) threads,
    CGPU_KERNELS(CGPU_KERNEL)
#undef CGPU_KERNEL
};

const char *cgpu_kernel_name(cgpu_kernel kernel) { return names[kernel]; }

void *cgpu_open_library(const char *name, char *message) {
  void *library = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!library) snprintf(message, 256, "%s", dlerror());
  return library;
}

void *cgpu_find_in(void *library, const char *name) { return dlsym(library, name); }

cgpu_status cgpu_no_host_memory(void) { return (cgpu_status){-1, "malloc", NULL, true, false}; }

const char *cgpu_collect(cgpu_find find, void *context, const driver_symbol *symbols, size_t count) {
  for (size_t i = 0; i < count; i++) {
    void *found = find(context, symbols[i].name);
    if (!found) return symbols[i].name;
    memcpy(symbols[i].function, &found, sizeof found);
  }
  return NULL;
}

cgpu_status cgpu_count_devices(cgpu_driver *driver, int *count) { return driver->calls->count_devices(driver, count); }

cgpu_status cgpu_describe(cgpu_driver *driver, int index, cgpu_description *description) {
  return driver->calls->describe(driver, index, description);
}

cgpu_status cgpu_program_open(cgpu_driver *driver, int index, const void *binary, size_t count, cgpu_program **program,
                              char *log) {
  return driver->calls->program_open(driver, index, binary, count, program, log);
}

cgpu_status cgpu_program_binary(cgpu_program *program, void **bytes, size_t *count) {
  return program->driver->calls->program_binary(program, bytes, count);
}

void cgpu_program_close(cgpu_program *program) { program->driver->calls->program_close(program); }

cgpu_status cgpu_allocate(cgpu_program *program, size_t bytes, cgpu_memory **memory) {
  return program->driver->calls->allocate(program, bytes, memory);
}

void cgpu_release(cgpu_program *program, cgpu_memory *memory) { program->driver->calls->release(program, memory); }

cgpu_status cgpu_queue_open(cgpu_program *program, cgpu_queue **queue) {
  return program->driver->calls->queue_open(program, queue);
}

void cgpu_queue_close(cgpu_queue *queue) { queue->program->driver->calls->queue_close(queue); }

cgpu_status cgpu_write(cgpu_queue *queue, cgpu_memory *memory, const void *from, size_t count) {
  return queue->program->driver->calls->upload(queue, memory, from, count);
}

cgpu_status cgpu_read(cgpu_queue *queue, cgpu_memory *memory, void *to, size_t count) {
  return queue->program->driver->calls->download(queue, memory, to, count);
}

cgpu_status cgpu_launch(cgpu_queue *queue, cgpu_kernel kernel, const size_t *groups, const cgpu_argument *arguments,
                        int count) {
  return queue->program->driver->calls->launch(queue, kernel, groups, arguments, count);
}

cgpu_status cgpu_finish(cgpu_queue *queue) { return queue->program->driver->calls->finish(queue); }

static const char ptx[] = {
#embed "kernels.ptx"
    , 0};

const char *cgpu_ptx(void) { return ptx; }
