// Programs, memory and launches by OpenCL.
#include "OpenCL.h"

#include <stdlib.h>
#include <string.h>

enum {
  PROGRAM_BINARY_SIZES = 0x1165,
  PROGRAM_BINARIES = 0x1166,
  PROGRAM_BUILD_LOG = 0x1183,
  MEMORY_READ_WRITE = 1,
};

static void program_close(cgpu_program *program) {
  opencl_program *p = (opencl_program *)program;
  if (p->code) p->cl->release_program(p->code);
  if (p->context) p->cl->release_context(p->context);
  free(p);
}

static cgpu_status build(opencl_program *p, const void *binary, size_t count, char *log) {
  opencl_driver *d = p->cl;
  int code = 0;
  p->context = d->create_context(NULL, 1, &p->device, NULL, NULL, &code);
  TRY(code, "clCreateContext");
  if (binary) {
    const unsigned char *bytes = binary;
    p->code = d->create_with_binary(p->context, 1, &p->device, &count, &bytes, NULL, &code);
    TRY(code, "clCreateProgramWithBinary");
  } else {
    const char *source = cgpu_source();
    p->code = d->create_with_source(p->context, 1, &source, NULL, &code);
    TRY(code, "clCreateProgramWithSource");
  }
  code = d->build(p->code, 1, &p->device, cgpu_options, NULL, NULL);
  if (code) d->get_build_info(p->code, p->device, PROGRAM_BUILD_LOG, LOG_SIZE - 1, log, NULL);
  return opencl_status(code, "clBuildProgram");
}

static cgpu_status program_open(cgpu_driver *driver, int index, const void *binary, size_t count,
                                cgpu_program **program, char *log) {
  opencl_program *p = calloc(1, sizeof *p);
  if (!p) return cgpu_no_host_memory();
  memset(log, 0, LOG_SIZE);
  p->program.driver = driver;
  p->cl = (opencl_driver *)driver;
  cl platform;
  cgpu_status result = opencl_find_device(p->cl, index, &p->device, &platform);
  if (!result.code) result = build(p, binary, count, log);
  if (result.code) program_close(&p->program);
  *program = result.code ? NULL : &p->program;
  return result;
}

static cgpu_status program_binary(cgpu_program *program, void **bytes, size_t *count) {
  opencl_program *p = (opencl_program *)program;
  *count = 0;
  *bytes = NULL;
  TRY(p->cl->get_program_info(p->code, PROGRAM_BINARY_SIZES, sizeof *count, count, NULL), "clGetProgramInfo");
  if (!*count) return opencl_status(0, NULL);
  if (!(*bytes = malloc(*count))) return cgpu_no_host_memory();
  int code = p->cl->get_program_info(p->code, PROGRAM_BINARIES, sizeof *bytes, bytes, NULL);
  if (code) free(*bytes);
  if (code) *bytes = NULL;
  return opencl_status(code, "clGetProgramInfo");
}

static cgpu_status allocate(cgpu_program *program, size_t bytes, cgpu_memory **memory) {
  opencl_program *p = (opencl_program *)program;
  int code = 0;
  *memory = (cgpu_memory *)p->cl->create_buffer(p->context, MEMORY_READ_WRITE, bytes ? bytes : 4, NULL, &code);
  return opencl_status(code, "clCreateBuffer");
}

static void release(cgpu_program *program, cgpu_memory *memory) {
  ((opencl_program *)program)->cl->release_buffer((cl)memory);
}

static void queue_close(cgpu_queue *queue) {
  opencl_queue *q = (opencl_queue *)queue;
  opencl_driver *d = q->program->cl;
  if (q->mark) d->release_event(q->mark);
  for (int i = 0; i < cgpu_kernel_count; i++)
    if (q->kernels[i]) d->release_kernel(q->kernels[i]);
  if (q->commands) d->release_queue(q->commands);
  free(q);
}

static cgpu_status fill(opencl_queue *q) {
  opencl_program *p = q->program;
  int code = 0;
  q->commands = p->cl->create_queue(p->context, p->device, 0, &code);
  TRY(code, "clCreateCommandQueue");
  for (int i = 0; i < cgpu_kernel_count; i++) {
    q->kernels[i] = p->cl->create_kernel(p->code, cgpu_kernel_name(i), &code);
    TRY(code, "clCreateKernel");
  }
  return opencl_status(0, NULL);
}

static cgpu_status queue_open(cgpu_program *program, cgpu_queue **queue) {
  opencl_queue *q = calloc(1, sizeof *q);
  if (!q) return cgpu_no_host_memory();
  q->queue.program = program;
  q->program = (opencl_program *)program;
  cgpu_status result = fill(q);
  if (result.code) queue_close(&q->queue);
  *queue = result.code ? NULL : &q->queue;
  return result;
}

static cgpu_status write_memory(cgpu_queue *queue, cgpu_memory *memory, const void *from, size_t count) {
  opencl_queue *q = (opencl_queue *)queue;
  if (!count) return opencl_status(0, NULL);
  TRY(q->program->cl->write_buffer(q->commands, (cl)memory, 1, 0, count, from, 0, NULL, NULL), "clEnqueueWriteBuffer");
  return opencl_status(0, NULL);
}

static cgpu_status read_memory(cgpu_queue *queue, cgpu_memory *memory, void *to, size_t count) {
  opencl_queue *q = (opencl_queue *)queue;
  if (!count) return opencl_status(0, NULL);
  TRY(q->program->cl->read_buffer(q->commands, (cl)memory, 1, 0, count, to, 0, NULL, NULL), "clEnqueueReadBuffer");
  return opencl_status(0, NULL);
}

// Every so many launches one leaves a mark, and waits for the mark before it.
static cgpu_status wait_for_mark(opencl_queue *q, cl mark) {
  opencl_driver *d = q->program->cl;
  cl before = q->mark;
  q->mark = mark;
  int flushed = d->flush(q->commands), waited = 0;
  if (before) {
    if (!flushed) waited = d->wait(1, &before);
    d->release_event(before);
  }
  return flushed ? opencl_status(flushed, "clFlush") : opencl_status(waited, "clWaitForEvents");
}

static cgpu_status launch(cgpu_queue *queue, cgpu_kernel kernel, const size_t *groups, const cgpu_argument *arguments,
                          int count) {
  opencl_queue *q = (opencl_queue *)queue;
  opencl_driver *d = q->program->cl;
  for (int i = 0; i < count; i++) {
    const cgpu_argument *a = arguments + i;
    int code = a->memory ? d->set_argument(q->kernels[kernel], (uint32_t)i, sizeof a->memory, &a->memory)
                         : d->set_argument(q->kernels[kernel], (uint32_t)i, a->count, a->bytes);
    TRY(code, "clSetKernelArg");
  }
  size_t threads = cgpu_kernel_threads[kernel];
  size_t global[3] = {groups[0] * threads, groups[1], groups[2]}, local[3] = {threads, 1, 1};
  bool leaves_mark = ++q->launches % WINDOW == 0;
  cl mark = NULL;
  TRY(d->launch(q->commands, q->kernels[kernel], 3, NULL, global, local, 0, NULL, leaves_mark ? &mark : NULL),
      "clEnqueueNDRangeKernel");
  return leaves_mark ? wait_for_mark(q, mark) : opencl_status(0, NULL);
}

static cgpu_status finish(cgpu_queue *queue) {
  opencl_queue *q = (opencl_queue *)queue;
  return opencl_status(q->program->cl->finish(q->commands), "clFinish");
}

const driver_calls opencl_calls = {
    opencl_count_devices, opencl_describe, program_open, program_binary, program_close, allocate, release,
    queue_open,           queue_close,     write_memory, read_memory,    launch,        finish};
