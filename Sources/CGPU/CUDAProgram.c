// Programs, memory and launches by CUDA's driver.
#include "CUDA.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
  cgpu_program program;
  cuda_driver *cuda;
  int device;
  // A number that no other program of this process has or had, not 0. Contexts that come later may have its address.
  unsigned number;
  cuda_handle context, module;
} cuda_program;

typedef struct {
  cgpu_queue queue;
  cuda_program *program;
  cuda_handle stream, functions[cgpu_kernel_count], marks[2];
  int launches;
} cuda_queue;

struct cgpu_memory {
  uint64_t address;
};

enum { LOG_BUFFER = 5, LOG_BUFFER_SIZE = 6, STREAM_NON_BLOCKING = 1, EVENT_WITHOUT_TIME = 2, MOST_ARGUMENTS = 16 };

// The context is a property of the thread that calls. It is set where it is another program's: between launches of a
// pass it seldom is. Nothing else in this process sets one.
static _Thread_local unsigned current;

static int enter(cuda_program *p) {
  if (current == p->number) return 0;
  int code = p->cuda->set_context(p->context);
  current = code ? 0 : p->number;
  return code;
}

#define IN_CONTEXT(p) TRY((p)->cuda, enter(p), "cuCtxSetCurrent")

static void program_close(cgpu_program *program) {
  cuda_program *p = (cuda_program *)program;
  if (p->context && !enter(p) && p->module) p->cuda->unload_module(p->module);
  if (p->context) p->cuda->release_context(p->device);
  current = 0;
  free(p);
}

static cgpu_status load(cuda_program *p, int index, char *log) {
  cuda_driver *d = p->cuda;
  TRY(d, d->init(0), "cuInit");
  TRY(d, d->device_get(&p->device, index), "cuDeviceGet");
  TRY(d, d->retain_context(&p->context, p->device), "cuDevicePrimaryCtxRetain");
  IN_CONTEXT(p);
  const int options[] = {LOG_BUFFER, LOG_BUFFER_SIZE};
  void *values[] = {log, (void *)(uintptr_t)(LOG_SIZE - 1)};
  TRY(d, d->load_module(&p->module, cgpu_ptx(), 2, options, values), "cuModuleLoadDataEx");
  return (cgpu_status){0};
}

// The driver keeps what it compiles in a cache of its own, so that there is no binary.
static cgpu_status program_open(cgpu_driver *driver, int index, const void *binary, size_t count,
                                cgpu_program **program, char *log) {
  (void)binary, (void)count;
  static _Atomic unsigned programs;
  cuda_program *p = calloc(1, sizeof *p);
  if (!p) return cgpu_no_host_memory();
  memset(log, 0, LOG_SIZE);
  p->number = ++programs;
  p->program.driver = driver;
  p->cuda = (cuda_driver *)driver;
  cgpu_status result = load(p, index, log);
  if (result.code) program_close(&p->program);
  *program = result.code ? NULL : &p->program;
  return result;
}

static cgpu_status program_binary(cgpu_program *program, void **bytes, size_t *count) {
  (void)program;
  *bytes = NULL;
  *count = 0;
  return (cgpu_status){0};
}

static cgpu_status allocate(cgpu_program *program, size_t bytes, cgpu_memory **memory) {
  cuda_program *p = (cuda_program *)program;
  *memory = NULL;
  IN_CONTEXT(p);
  cgpu_memory *new = malloc(sizeof *new);
  if (!new) return cgpu_no_host_memory();
  int code = p->cuda->allocate(&new->address, bytes ? bytes : 4);
  if (code) free(new);
  else *memory = new;
  return cuda_status(p->cuda, code, "cuMemAlloc");
}

// Memory goes only when a model does or when there is none left: then it may wait for what uses it.
static void release(cgpu_program *program, cgpu_memory *memory) {
  cuda_program *p = (cuda_program *)program;
  if (!enter(p)) {
    p->cuda->synchronize();
    p->cuda->release(memory->address);
  }
  free(memory);
}

static void queue_close(cgpu_queue *queue) {
  cuda_queue *q = (cuda_queue *)queue;
  cuda_driver *d = q->program->cuda;
  if (!enter(q->program)) {
    for (int i = 0; i < 2; i++)
      if (q->marks[i]) d->destroy_event(q->marks[i]);
    if (q->stream) d->destroy_stream(q->stream);
  }
  free(q);
}

static cgpu_status fill(cuda_queue *q) {
  cuda_driver *d = q->program->cuda;
  IN_CONTEXT(q->program);
  TRY(d, d->create_stream(&q->stream, STREAM_NON_BLOCKING), "cuStreamCreate");
  for (int i = 0; i < 2; i++) TRY(d, d->create_event(q->marks + i, EVENT_WITHOUT_TIME), "cuEventCreate");
  for (int i = 0; i < cgpu_kernel_count; i++)
    TRY(d, d->get_function(q->functions + i, q->program->module, cgpu_kernel_name(i)), "cuModuleGetFunction");
  return (cgpu_status){0};
}

static cgpu_status queue_open(cgpu_program *program, cgpu_queue **queue) {
  cuda_queue *q = calloc(1, sizeof *q);
  if (!q) return cgpu_no_host_memory();
  q->queue.program = program;
  q->program = (cuda_program *)program;
  cgpu_status result = fill(q);
  if (result.code) queue_close(&q->queue);
  *queue = result.code ? NULL : &q->queue;
  return result;
}

static cgpu_status finish(cgpu_queue *queue) {
  cuda_queue *q = (cuda_queue *)queue;
  IN_CONTEXT(q->program);
  TRY(q->program->cuda, q->program->cuda->finish(q->stream), "cuStreamSynchronize");
  return (cgpu_status){0};
}

static cgpu_status write_memory(cgpu_queue *queue, cgpu_memory *memory, const void *from, size_t count) {
  cuda_queue *q = (cuda_queue *)queue;
  cuda_driver *d = q->program->cuda;
  if (!count) return (cgpu_status){0};
  IN_CONTEXT(q->program);
  TRY(d, d->upload(memory->address, from, count, q->stream), "cuMemcpyHtoDAsync");
  return finish(queue);
}

static cgpu_status read_memory(cgpu_queue *queue, cgpu_memory *memory, void *to, size_t count) {
  cuda_queue *q = (cuda_queue *)queue;
  cuda_driver *d = q->program->cuda;
  if (!count) return (cgpu_status){0};
  IN_CONTEXT(q->program);
  TRY(d, d->download(to, memory->address, count, q->stream), "cuMemcpyDtoHAsync");
  return finish(queue);
}

static cgpu_status launch(cgpu_queue *queue, cgpu_kernel kernel, const size_t *groups, const cgpu_argument *arguments,
                          int count) {
  cuda_queue *q = (cuda_queue *)queue;
  cuda_driver *d = q->program->cuda;
  IN_CONTEXT(q->program);
  void *values[MOST_ARGUMENTS];
  for (int i = 0; i < count && i < MOST_ARGUMENTS; i++)
    values[i] = arguments[i].memory ? (void *)&arguments[i].memory->address : (void *)arguments[i].bytes;
  TRY(d,
      d->launch(q->functions[kernel], (unsigned)groups[0], (unsigned)groups[1], (unsigned)groups[2],
                cgpu_kernel_threads[kernel], 1, 1, 0, q->stream, values, NULL),
      "cuLaunchKernel");
  if (++q->launches % WINDOW) return (cgpu_status){0};
  // Every so many launches one leaves a mark, and waits for the mark before it.
  int mark = q->launches / WINDOW % 2;
  TRY(d, d->record(q->marks[mark], q->stream), "cuEventRecord");
  // An event that was never recorded is one that happened.
  TRY(d, d->wait(q->marks[!mark]), "cuEventSynchronize");
  return (cgpu_status){0};
}

const driver_calls cuda_calls = {
    cuda_count_devices, cuda_describe, program_open, program_binary, program_close, allocate, release,
    queue_open,         queue_close,   write_memory, read_memory,    launch,        finish};
