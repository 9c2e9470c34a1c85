#define _GNU_SOURCE
#include "Signals.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include "CNCurses.h"
#include "Writing.h"

static const int caught[] = {SIGWINCH, SIGTSTP, SIGCONT};
enum { caught_count = sizeof caught / sizeof *caught, last_signal = 64, mask_bytes = 8 };

static struct sigaction earlier_deadly[last_signal + 1], earlier_caught[caught_count];
static sigset_t earlier_mask;
static struct termios saved_modes;
static volatile sig_atomic_t modes_saved, armed, installed, wake_file = -1, resized, stop_asked, continued,
    end_signal;
static volatile pid_t owner;
// Written to in turn, so that a handler never reads one that is being changed.
static char reset_bytes[2][cnc_reset_size];
static volatile sig_atomic_t reset_counts[2], current_reset;

// Whether the default action of a signal ends the process, and a handler may be set.
static bool is_deadly(int number) {
  switch (number) {
    case SIGKILL: case SIGSTOP: case SIGTSTP: case SIGTTIN: case SIGTTOU: case SIGCHLD: case SIGCONT: case SIGURG:
    case SIGWINCH: return false;
    default: return true;
  }
}

// Whether a signal from the system means that the current thread cannot go on.
static bool is_fault(int number) {
  switch (number) {
    case SIGILL: case SIGTRAP: case SIGABRT: case SIGBUS: case SIGFPE: case SIGSEGV: case SIGSYS: return true;
    default: return false;
  }
}

// Async-signal-safe: only write, poll, tcflush and tcsetattr.
void cnc_signals_restore(void) {
  if (!armed) return;
  armed = 0;
  cnc_write_reset(reset_bytes[current_reset], (int)reset_counts[current_reset]);
  // Keys typed for the explorer must not reach the shell.
  tcflush(STDIN_FILENO, TCIFLUSH);
  if (modes_saved) tcsetattr(STDIN_FILENO, TCSANOW, &saved_modes);
}

// glibc's own functions refuse the two signals that it reserves for itself.
static void send_to(pid_t thread, int number) { syscall(SYS_tgkill, getpid(), thread, number); }

static void die_of(int number) {
  struct sigaction ordinary = {.sa_handler = SIG_DFL};
  static const char kernel_default[64];
  if (sigaction(number, &ordinary, NULL) != 0) syscall(SYS_rt_sigaction, number, kernel_default, NULL, mask_bytes);
  // Blocked until the handler returns, then fatal: the parent sees the true cause.
  send_to((pid_t)syscall(SYS_gettid), number);
}

static void ask_for_end(int number) {
  int error = errno;
  end_signal = number;
  cnc_hurry_output();
  if (wake_file >= 0) cnc_wake(wake_file);
  errno = error;
}

// All signals are blocked meanwhile, including SIGTTOU, so that a background process may set the modes.
static void handle_deadly(int number, siginfo_t *info, void *context) {
  (void)context;
  if (cnc_is_tick(number, info)) {
    int error = errno;
    if (armed) cnc_tick();
    errno = error;
    return;
  }
  // The system's own: write(2) has failed as well, and the caller reports that the file is too large.
  if (number == SIGXFSZ && info->si_code <= SI_USER && info->si_pid == getpid()) return;
  if (earlier_deadly[number].sa_handler == SIG_IGN && number == SIGALRM) return;
  // If the program owns the screen and can restore it, it may end in an orderly way, because its work is worth saving.
  // A second request ends it at once.
  bool is_typed = number == SIGINT && info->si_code == SI_KERNEL;
  bool may_wait = (number == SIGTERM || number == SIGHUP || is_typed) && end_signal == 0 && armed;
  if (may_wait && (number == SIGHUP || tcgetpgrp(STDIN_FILENO) == getpgrp())) {
    ask_for_end(number);
    return;
  }
  bool asked_from_outside = info->si_code == SI_USER || !is_fault(number);
  if (asked_from_outside && syscall(SYS_gettid) != owner) {
    // Forward the signal to the thread that draws, which could otherwise write between the reset and the end.
    send_to(owner, number);
    return;
  }
  cnc_signals_restore();
  die_of(number);
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
  sigfillset(&ours);
  for (int number = 1; number <= last_signal; number++) {
    if (!is_deadly(number)) sigdelset(&ours, number);
  }
  for (int i = 0; i < caught_count; i++) sigaddset(&ours, caught[i]);
  pthread_sigmask(SIG_UNBLOCK, &ours, &earlier_mask);
}

static bool is_reserved(int number) { return number >= 32 && number < SIGRTMIN; }

// The handler of a signal that glibc reserves: a copy of another signal's, in the form of the system call. If glibc
// comes to use the signal, its own handler replaces this one.
static void catch_reserved(int number) {
  char action[64] = {0}, present[64] = {0}, ordinary[64] = {0};
  if (syscall(SYS_rt_sigaction, number, NULL, present, mask_bytes) != 0) return;
  if (memcmp(present, ordinary, sizeof(void *)) != 0) return;
  if (syscall(SYS_rt_sigaction, SIGALRM, NULL, action, mask_bytes) != 0) return;
  syscall(SYS_rt_sigaction, number, action, NULL, mask_bytes);
}

static void catch_deadly(void) {
  struct sigaction action = {.sa_sigaction = handle_deadly, .sa_flags = SA_ONSTACK | SA_SIGINFO};
  sigfillset(&action.sa_mask);
  for (int number = 1; number <= last_signal; number++) {
    if (!is_deadly(number) || is_reserved(number)) continue;
    sigaction(number, NULL, &earlier_deadly[number]);
    // nohup asks for hang-ups to be ignored, and a shell's `&` for Ctrl-C. The handler itself ignores these two.
    bool is_ignored = earlier_deadly[number].sa_handler == SIG_IGN && number != SIGALRM && number != SIGXFSZ;
    if (!is_ignored) sigaction(number, &action, NULL);
  }
  for (int number = 1; number <= last_signal; number++) {
    if (is_reserved(number)) catch_reserved(number);
  }
}

void cnc_signals_install(int wake) {
  modes_saved = tcgetattr(STDIN_FILENO, &saved_modes) == 0;
  wake_file = wake;
  owner = (pid_t)syscall(SYS_gettid);
  resized = stop_asked = continued = end_signal = 0;
  if (installed) return;
  cnc_use_alternate_stack();
  cnc_watch_output();
  catch_deadly();
  for (int i = 0; i < caught_count; i++) {
    struct sigaction action = {.sa_handler = handle_request, .sa_flags = SA_ONSTACK | SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(caught[i], &action, &earlier_caught[i]);
  }
  unblock();
  static bool at_exit;
  if (!at_exit) at_exit = atexit(cnc_signals_restore) == 0;
  installed = 1;
}

void cnc_signals_arm(const char *reset, int count) {
  int next = !current_reset;
  if (count > cnc_reset_size) count = cnc_reset_size;
  memcpy(reset_bytes[next], reset, (size_t)count);
  reset_counts[next] = count;
  current_reset = next;
  armed = 1;
}

void cnc_signals_disarm(void) { armed = 0; }

void cnc_signals_rearm(void) { armed = 1; }

void cnc_signals_remove(void) {
  armed = 0;
  wake_file = -1;
  if (!installed) return;
  for (int number = 1; number <= last_signal; number++) {
    if (is_deadly(number) && !is_reserved(number)) sigaction(number, &earlier_deadly[number], NULL);
  }
  for (int i = 0; i < caught_count; i++) sigaction(caught[i], &earlier_caught[i], NULL);
  pthread_sigmask(SIG_SETMASK, &earlier_mask, NULL);
  cnc_unwatch_output();
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
