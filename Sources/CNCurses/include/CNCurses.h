#ifndef CNCURSES_H
#define CNCURSES_H

// What Swift needs of ncurses and cannot import: macros, variadic functions, and globals such as stdscr and COLS.
// All of it but the wake-up, cnc_use_alternate_stack and what says so is for one thread, the one that opened the
// screen.

#define NCURSES_WIDECHAR 1
#include <ncursesw/curses.h>
#include <stdbool.h>
#include <stdint.h>

// What terminfo says of a terminal.
typedef struct {
  bool known;        // there is an entry
  bool addressable;  // its cursor can be moved and its screen cleared
  int colors;        // how many colours it names; 0 for none
} cnc_description;

cnc_description cnc_describe(const char *term);

// Takes the screen. `term` NULL means the private entry for 24-bit colour. `wake` is written to by signal handlers.
// `synchronized` brackets updates with CSI ?2026. False if ncurses refuses; the terminal is then as it was.
bool cnc_open(const char *term, int wake, bool synchronized);
void cnc_close(void);

// Whether the locale's characters are UTF-8; calls setlocale(LC_CTYPE, "").
bool cnc_set_locale(void);

// The locale that the environment asks for.
typedef struct {
  bool installed;  // the system has it; otherwise programs fall back to ASCII
  bool utf8;       // its characters are UTF-8
} cnc_locale;

// Looks, and leaves the locale of the process alone. Any thread may call it.
cnc_locale cnc_survey_locale(void);

void cnc_screen_size(int *columns, int *rows);
void cnc_apply_size(int columns, int rows);

// How many pairs of colours there are; 0 without colours.
int cnc_pair_limit(void);
// Gives a pair that has none its two colours, -1 being the terminal's own. False if ncurses refuses.
bool cnc_set_pair(int pair, int foreground, int background);
// Forgets all pairs, and makes room for so many at once.
void cnc_forget_pairs(int count);

enum { cnc_bold = 1, cnc_dim = 2, cnc_underline = 4, cnc_reverse = 8 };

// How many columns a scalar takes in UTF-8, whatever the locale of the process: 1, 2, 0 for a mark that goes onto what
// is before it, -1 for what the system does not know. Any thread may call it.
int cnc_columns(uint32_t scalar);

// Puts one character (a base and what combines with it) of one or two columns into the next update.
void cnc_put(int row, int column, int columns, const uint32_t *scalars, int count, int attributes, int pair);
void cnc_update(void);
void cnc_repaint(void);

// Writes to the terminal past ncurses: sequences that move nothing, such as images and what goes to the clipboard.
void cnc_write(const uint8_t *bytes, int count);
// What is written first if the process dies, before the screen is given back; at most 128 bytes.
void cnc_reset_first(const uint8_t *bytes, int count);

// The next key: its code and whether that is a KEY_ constant. False if none waits.
bool cnc_next_key(uint32_t *code, bool *is_function_key);

// Codes beside ncurses's own: a mouse report begins, and a text that was pasted begins and ends.
enum { cnc_key_mouse = 4001, cnc_key_paste_begin, cnc_key_paste_end };
// The rest of a mouse report (xterm's mode 1006), up to and with its last letter; its length, or 0 if it breaks off.
int cnc_mouse_report(char *text, int size);
// Asks for mouse reports, or no longer. Given back whenever the screen is, asked for again when it is taken again.
void cnc_capture_mouse(bool capture);

enum { cnc_input = 1, cnc_woken = 2, cnc_hangup = 4 };

// Waits for a key or a wake-up, at most so many milliseconds; which of the three it was, as bits.
int cnc_wait(int wake, int milliseconds);

// A file descriptor that cnc_wake makes readable, from any thread; -1 if there is none to be had.
int cnc_wake_make(void);
void cnc_wake(int wake);
void cnc_wake_close(int wake);

// What signals asked for since the last time.
enum { cnc_resized = 1, cnc_stop_asked = 2, cnc_continued = 4 };
int cnc_take_requests(void);
// The signal that asked the program to end, or 0.
int cnc_end_signal(void);

// Gives the screen back, stops the process group, and takes the screen again when it is continued.
void cnc_suspend(void);
// Takes the screen again after a stop that could not be caught.
void cnc_reenter(void);

// Gives the calling thread a stack of its own for signal handlers, so that running out of stack is survived by them.
void cnc_use_alternate_stack(void);

// Lets the calling thread, and those that it starts from then on, run behind the others; once is as good as often.
void cnc_yield_to_terminal(void);

#endif
