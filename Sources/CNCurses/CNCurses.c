#define _GNU_SOURCE
#include "CNCurses.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <unistd.h>

#include "Signals.h"
#include "Writing.h"

// term.h defines a macro for every capability's long name.
#undef columns

static const char begin_update[] = "\033[?2026h", end_update[] = "\033[?2026l";
// Buttons, motion with a button held, and coordinates without an upper limit (xterm's modes 1002 and 1006).
static const char mouse_on[] = "\033[?1002h\033[?1006h";
static const char mouse_off[] = "\033[?1000l\033[?1002l\033[?1003l\033[?1006l";
static const char paste_on[] = "\033[?2004h", paste_off[] = "\033[?2004l";
static const char private_entry[] = {
#embed "terminfo/diffusion-tui-direct.b64"
    , 0};

// ncurses itself has one current screen, which is why these are not in a structure.
static SCREEN *screen;
static WINDOW *keyboard;
static bool brackets_updates, has_alternate_screen;
// Whether the terminal has a mouse; such terminals ignore modes that they do not know without displaying them.
static bool takes_modes, captures_mouse;
static char first_reset[129];

// The bytes that release the screen, put together in place.
typedef struct {
  int count;
  char bytes[cnc_reset_size];
} reset_text;

// Appends bytes if there is room for all of them: half a sequence is worse than none.
static bool append(reset_text *reset, const char *bytes, size_t count) {
  if (count > sizeof reset->bytes - (size_t)reset->count) return false;
  memcpy(reset->bytes + reset->count, bytes, count);
  reset->count += (int)count;
  return true;
}

static bool append_text(reset_text *reset, const char *text) { return append(reset, text, strlen(text)); }

// Appends a capability without its padding, which only tputs interprets. Returns whether the terminal has it.
static bool append_capability(reset_text *reset, const char *name) {
  const char *value = tigetstr(name);
  if (!value || value == (char *)-1) return false;
  int before = reset->count;
  while (*value) {
    const char *close = value[0] == '$' && value[1] == '<' ? strchr(value, '>') : NULL;
    if (!close && !append(reset, value, 1)) {
      reset->count = before;
      return true;
    }
    value = (close ? close : value) + 1;
  }
  return true;
}

static void arm(void) {
  static reset_text reset;
  reset.count = 0;
  append_text(&reset, first_reset);
  if (brackets_updates) append_text(&reset, end_update);
  // Mouse reporting, whichever program turned it on; terminals without it ignore these.
  if (takes_modes) append_text(&reset, mouse_off), append_text(&reset, paste_off);
  append_capability(&reset, "sgr0");
  append_capability(&reset, "rmkx");
  has_alternate_screen = append_capability(&reset, "rmcup");
  if (!has_alternate_screen) append_text(&reset, "\r\n");
  append_capability(&reset, "cnorm");
  cnc_signals_arm(reset.bytes, reset.count);
}

void cnc_reset_first(const uint8_t *bytes, int count) {
  if (!screen || count < 0 || count >= (int)sizeof first_reset) return;
  if (strlen(first_reset) == (size_t)count && memcmp(first_reset, bytes, (size_t)count) == 0) return;
  memcpy(first_reset, bytes, (size_t)count);
  first_reset[count] = 0;
  arm();
}

void cnc_write(const uint8_t *bytes, int count) {
  cnc_begin_output(false);
  cnc_write_all(STDOUT_FILENO, (const char *)bytes, count);
  cnc_end_output();
}

// Terminals send either form, regardless of their terminfo entry: tmux's Home is ESC [ 1 ~ under an xterm's entry.
static void define_keys(void) {
  static const struct {
    const char *bytes;
    int code;
  } keys[] = {
      {"\033[A", KEY_UP},    {"\033OA", KEY_UP},    {"\033[B", KEY_DOWN},   {"\033OB", KEY_DOWN},
      {"\033[C", KEY_RIGHT}, {"\033OC", KEY_RIGHT}, {"\033[D", KEY_LEFT},   {"\033OD", KEY_LEFT},
      {"\033[H", KEY_HOME},  {"\033OH", KEY_HOME},  {"\033[1~", KEY_HOME},  {"\033[7~", KEY_HOME},
      {"\033[F", KEY_END},   {"\033OF", KEY_END},   {"\033[4~", KEY_END},   {"\033[8~", KEY_END},
      {"\033[3~", KEY_DC},   {"\033[5~", KEY_PPAGE}, {"\033[6~", KEY_NPAGE}, {"\033OM", KEY_ENTER},
      {"\033[Z", KEY_BTAB},  {"\033OP", KEY_F(1)},   {"\033OQ", KEY_F(2)},   {"\033OR", KEY_F(3)},
      {"\033OS", KEY_F(4)},  {"\033[11~", KEY_F(1)}, {"\033[12~", KEY_F(2)}, {"\033[13~", KEY_F(3)},
      {"\033[14~", KEY_F(4)}, {"\033[15~", KEY_F(5)}, {"\033[17~", KEY_F(6)}, {"\033[18~", KEY_F(7)},
      {"\033[19~", KEY_F(8)}, {"\033[20~", KEY_F(9)}, {"\033[21~", KEY_F(10)}, {"\033[23~", KEY_F(11)},
      {"\033[1;2A", KEY_SR}, {"\033[1;2B", KEY_SF}, {"\033[1;2C", KEY_SRIGHT}, {"\033[1;2D", KEY_SLEFT},
      {"\033[24~", KEY_F(12)}, {"\033[<", cnc_key_mouse}, {"\033[200~", cnc_key_paste_begin},
      {"\033[201~", cnc_key_paste_end},
  };
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) define_key(keys[i].bytes, keys[i].code);
}

// Modes that terminfo does not describe: the mouse, and brackets around pasted text.
static void set_modes(bool ours) {
  if (!takes_modes) return;
  cnc_write_all(STDOUT_FILENO, ours ? paste_on : paste_off, sizeof paste_on - 1);
  if (ours && captures_mouse) cnc_write_all(STDOUT_FILENO, mouse_on, sizeof mouse_on - 1);
  if (!ours) cnc_write_all(STDOUT_FILENO, mouse_off, sizeof mouse_off - 1);
}

static SCREEN *new_private_terminal(void) {
  const char *now = getenv("TERMINFO");
  char *earlier = now ? strdup(now) : NULL;
  setenv("TERMINFO", private_entry, 1);
  SCREEN *made = newterm("diffusion-tui-direct", stdout, stdin);
  if (earlier) {
    setenv("TERMINFO", earlier, 1);
  } else {
    unsetenv("TERMINFO");
  }
  free(earlier);
  return made;
}

// ncurses writes for a terminal in raw mode, so the kernel need not scan its output for line ends.
static void write_raw(void) {
  struct termios modes;
  if (tcgetattr(STDOUT_FILENO, &modes) != 0) return;
  modes.c_oflag &= ~(tcflag_t)OPOST;
  if (tcsetattr(STDOUT_FILENO, TCSADRAIN, &modes) == 0) def_prog_mode();
}

bool cnc_open(const char *term, int wake, bool synchronized) {
  if (screen) return false;
  // Use the size of the window itself, not LINES and COLUMNS as once exported.
  use_tioctl(true);
  // Before newterm, which installs its own handlers only if it finds none.
  cnc_signals_install(wake);
  screen = term ? newterm((char *)term, stdout, stdin) : new_private_terminal();
  if (!screen) {
    cnc_signals_remove();
    return false;
  }
  brackets_updates = synchronized;
  const char *mouse = tigetstr("kmous");
  takes_modes = synchronized || (mouse && mouse != (char *)-1);
  captures_mouse = false;
  first_reset[0] = 0;
  arm();
  if (!getenv("ESCDELAY")) set_escdelay(25);
  cnc_begin_output(false);
  raw();
  noecho();
  nonl();
  write_raw();
  curs_set(0);
  cnc_start_colors();
  // Keys are read through a pad, because reading through a window refreshes it.
  keyboard = newpad(1, 1);
  keypad(keyboard ? keyboard : stdscr, true);
  nodelay(keyboard ? keyboard : stdscr, true);
  // After keypad, which reads the entry's own keys: its kmous has the same bytes as ours.
  define_keys();
  set_modes(true);
  cnc_end_output();
  return true;
}

// Without an alternate screen, the shell continues below the last contents.
static void leave(bool for_good) {
  if (!cnc_output_lost()) {
    cnc_begin_output(for_good);
    set_modes(false);
    endwin();
    if (!has_alternate_screen) cnc_write_all(STDOUT_FILENO, "\r\n", 2);
    cnc_end_output();
  }
  if (!cnc_output_lost()) return;
  if (!isendwin()) endwin();
  cnc_signals_restore();
}

void cnc_close(void) {
  if (!screen) return;
  leave(true);
  cnc_signals_remove();
  if (keyboard) delwin(keyboard);
  keyboard = NULL;
  delscreen(screen);
  screen = NULL;
}

void cnc_screen_size(int *columns, int *rows) {
  struct winsize window = {0};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) {
    window.ws_col = screen ? (unsigned short)getmaxx(stdscr) : 80;
    window.ws_row = screen ? (unsigned short)getmaxy(stdscr) : 24;
  }
  *columns = window.ws_col > 0 ? window.ws_col : 1;
  *rows = window.ws_row > 0 ? window.ws_row : 1;
}

void cnc_apply_size(int columns, int rows) {
  // Not resizeterm, which would queue a KEY_RESIZE for a size that is already known.
  if (columns != getmaxx(stdscr) || rows != getmaxy(stdscr)) resize_term(rows, columns);
  cnc_repaint();
}

void cnc_update(void) {
  wnoutrefresh(stdscr);
  cnc_begin_output(false);
  if (brackets_updates) cnc_write_all(STDOUT_FILENO, begin_update, sizeof begin_update - 1);
  doupdate();
  if (brackets_updates) cnc_write_all(STDOUT_FILENO, end_update, sizeof end_update - 1);
  cnc_end_output();
}

void cnc_repaint(void) { clearok(curscr, true); }

bool cnc_next_key(uint32_t *code, bool *is_function_key) {
  wint_t value = 0;
  int kind = wget_wch(keyboard ? keyboard : stdscr, &value);
  *code = (uint32_t)value;
  *is_function_key = kind == KEY_CODE_YES;
  return kind == OK || kind == KEY_CODE_YES;
}

void cnc_suspend(void) {
  leave(false);
  cnc_signals_disarm();
  if (cnc_end_signal() == 0) cnc_stop_process_group();
  cnc_reenter();
}

void cnc_reenter(void) {
  cnc_signals_rearm();
  // endwin followed by an update makes ncurses send the terminal's start-up sequences again.
  if (!isendwin()) endwin();
  reset_prog_mode();
  cnc_begin_output(false);
  cnc_repaint();
  doupdate();
  curs_set(0);
  set_modes(true);
  cnc_end_output();
}

void cnc_capture_mouse(bool capture) {
  captures_mouse = capture;
  if (!takes_modes) return;
  const char *modes = capture ? mouse_on : mouse_off;
  cnc_write((const uint8_t *)modes, (int)strlen(modes));
}

int cnc_mouse_report(char *text, int size) {
  int count = 0;
  while (count < size) {
    wint_t value = 0;
    int kind = wget_wch(keyboard ? keyboard : stdscr, &value);
    if (kind == ERR) {
      // The rest of it may still be arriving.
      struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
      if (poll(&input, 1, 25) <= 0) return 0;
      continue;
    }
    if (kind != OK || value > 126) return 0;
    text[count++] = (char)value;
    if (value == 'M' || value == 'm') return count;
  }
  return 0;
}
