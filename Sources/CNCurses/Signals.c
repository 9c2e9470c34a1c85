#define _GNU_SOURCE
#include "Signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

#include "CNCurses.h"

// ncurses restores the terminal on SIGINT and SIGTERM only; Swift traps raise SIGTRAP and SIGILL.
static const int deadly[] = {SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGTERM};
static const int caught[] = {SIGWINCH, SIGTSTP, SIGCONT};
enum { deadly_count = sizeof deadly / sizeof *deadly, caught_count = sizeof caught / sizeof *caught };

static struct sigaction earlier_deadly[deadly_count], earlier_caught[caught_count];
static sigset_t earlier_mask;
static struct termios saved_modes;
static volatile sig_atomic_t modes_saved, armed, installed, wake_file = -1, resized, stop_asked, continued,
    end_signal;
static pthread_t owner;
static char reset_bytes[512];
static volatile sig_atomic_t reset_count;

void cnc_write_all(int file, const char *bytes, int count) {
  while (count > 0) {
    ssize_t written = write(file, bytes, (size_t)count);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    bytes += written;
    count -= (int)written;
  }
}

// Async-signal-safe: only write, tcflush and tcsetattr.
static void restore_terminal(void) {
  if (!armed) return;
  armed = 0;
  cnc_write_all(STDOUT_FILENO, reset_bytes, (int)reset_count);
  // Keys typed for the explorer must not reach the shell.
  tcflush(STDIN_FILENO, TCIFLUSH);
  if (modes_saved) tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
}

// All signals are blocked meanwhile, including SIGTTOU, so that a background process may set the modes.
static void handle_deadly(int number, siginfo_t *info, void *context) {
  (void)context;
  // If the program owns the screen and can restore it, it may end in an orderly way, because its work is worth saving.
  // A second request ends it at once.
  bool may_wait = (number == SIGTERM || number == SIGHUP) && end_signal == 0 && armed;
  if (may_wait && (number == SIGHUP || tcgetpgrp(STDIN_FILENO) == getpgrp())) {
    int error = errno;
    end_signal = number;
    if (wake_file >= 0) cnc_wake(wake_file);
    errno = error;
    return;
  }
  bool asked_from_outside = info->si_code == SI_USER || number == SIGHUP || number == SIGINT || number == SIGTERM;
  if (asked_from_outside && !pthread_equal(pthread_self(), owner)) {
    // Forward the signal to the thread that draws, which could otherwise write between the reset and the end.
    pthread_kill(owner, number);
    return;
  }
  restore_terminal();
  struct sigaction ordinary = {.sa_handler = SIG_DFL};
  sigaction(number, &ordinary, NULL);
  // Blocked until the handler returns, then fatal: the parent sees the true cause.
  raise(number);
}

static void handle_request(int number) {
  int error = errno;
  if (number == SIGWINCH) resized = 1;
  if (number == SIGTSTP) stop_asked = 1;
  if (number == SIGCONT) continued = 1;
  if (wake_file >= 0) cnc_wake(wake_file);
  errno = error;
}

// A program inherits the set of blocked signals, and threads that start programs often block nearly all: with such a
// parent, the program could not be resized, stopped or ended.
static void unblock(void) {
  sigset_t ours;
  sigemptyset(&ours);
  for (int i = 0; i < deadly_count; i++) sigaddset(&ours, deadly[i]);
  for (int i = 0; i < caught_count; i++) sigaddset(&ours, caught[i]);
  pthread_sigmask(SIG_UNBLOCK, &ours, &earlier_mask);
}

void cnc_signals_install(int wake) {
  modes_saved = tcgetattr(STDIN_FILENO, &saved_modes) == 0;
  wake_file = wake;
  owner = pthread_self();
  resized = stop_asked = continued = end_signal = 0;
  if (installed) return;
  cnc_use_alternate_stack();
  for (int i = 0; i < deadly_count; i++) {
    struct sigaction action = {.sa_sigaction = handle_deadly, .sa_flags = SA_ONSTACK | SA_SIGINFO};
    sigfillset(&action.sa_mask);
    sigaction(deadly[i], NULL, &earlier_deadly[i]);
    // nohup asks for hang-ups to be ignored, and a shell's `&` for Ctrl-C.
    if (earlier_deadly[i].sa_handler != SIG_IGN) sigaction(deadly[i], &action, NULL);
  }
  for (int i = 0; i < caught_count; i++) {
    struct sigaction action = {.sa_handler = handle_request, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(caught[i], &action, &earlier_caught[i]);
  }
  unblock();
  static bool at_exit;
  if (!at_exit) at_exit = atexit(restore_terminal) == 0;
  installed = 1;
}

void cnc_signals_arm(const char *reset, int count) {
  if (count > (int)sizeof reset_bytes) count = sizeof reset_bytes;
  memcpy(reset_bytes, reset, (size_t)count);
  reset_count = count;
  armed = 1;
}

void cnc_signals_disarm(void) { armed = 0; }

void cnc_signals_rearm(void) { armed = 1; }

void cnc_signals_remove(void) {
  armed = 0;
  wake_file = -1;
  if (!installed) return;
  for (int i = 0; i < deadly_count; i++) sigaction(deadly[i], &earlier_deadly[i], NULL);
  for (int i = 0; i < caught_count; i++) sigaction(caught[i], &earlier_caught[i], NULL);
  pthread_sigmask(SIG_SETMASK, &earlier_mask, NULL);
  installed = 0;
}

int cnc_end_signal(void) { return end_signal; }

int cnc_take_requests(void) {
  int requests = 0;
  if (resized) requests |= cnc_resized;
  if (stop_asked) requests |= cnc_stop_asked;
  if (continued) requests |= cnc_continued;
  if (requests & cnc_resized) resized = 0;
  if (requests & cnc_stop_asked) stop_asked = 0;
  if (requests & cnc_continued) continued = 0;
  return requests;
}

void cnc_stop_process_group(void) {
  struct sigaction ours, ignore = {.sa_handler = SIG_IGN}, ordinary = {.sa_handler = SIG_DFL};
  // First the rest of the group, as the terminal's own Ctrl-Z would do. Then this thread only: a stop signal sent to
  // the process might reach another thread after this one has taken the screen again.
  sigaction(SIGTSTP, &ignore, &ours);
  kill(0, SIGTSTP);
  sigaction(SIGTSTP, &ordinary, NULL);
  raise(SIGTSTP);
  sigaction(SIGTSTP, &ours, NULL);
  stop_asked = continued = 0;
}

void cnc_use_alternate_stack(void) {
  stack_t now;
  if (sigaltstack(NULL, &now) == 0 && !(now.ss_flags & SS_DISABLE)) return;
  // Never freed: a handler may run on it until the thread ends.
  stack_t stack = {.ss_sp = malloc(64 * 1024), .ss_size = 64 * 1024};
  if (stack.ss_sp) sigaltstack(&stack, NULL);
}

int cnc_wake_make(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void cnc_wake(int wake) {
  uint64_t one = 1;
  // The counter is full only if the descriptor is already readable, which is all that is needed.
  ssize_t ignored = write(wake, &one, sizeof one);
  (void)ignored;
}

void cnc_wake_close(int wake) { close(wake); }
