#ifndef CNCURSES_H
#define CNCURSES_H

// The parts of ncurses that Swift cannot import: macros, variadic functions, and globals such as stdscr and COLS.
// Functions must be called on the thread that opened the screen, except the wake-up, cnc_use_alternate_stack and those
// that say otherwise.

#define NCURSES_WIDECHAR 1
#include <ncursesw/curses.h>
#include <stdbool.h>
#include <stdint.h>

// The terminfo entry of a terminal.
typedef struct {
  bool known;        // whether there is an entry
  bool addressable;  // whether its cursor can be moved and its screen cleared
  int colors;        // the number of its colours; 0 for none
} cnc_description;

cnc_description cnc_describe(const char *term);

// Opens the screen. A NULL `term` selects the private entry for 24-bit colour. Signal handlers write to `wake`.
// `synchronized` brackets updates with CSI ?2026. Returns false if ncurses refuses, with the terminal unchanged.
bool cnc_open(const char *term, int wake, bool synchronized);
void cnc_close(void);

// Whether the locale's characters are UTF-8; calls setlocale for LC_CTYPE. C.UTF-8 takes the place of a UTF-8 locale
// that is not installed.
bool cnc_set_locale(void);

// The locale that the environment asks for.
typedef struct {
  bool installed;  // the system has it
  bool utf8;       // the characters are UTF-8, of this locale or of C.UTF-8 in its place
} cnc_locale;

// Surveys the locale without changing that of the process. Any thread may call it.
cnc_locale cnc_survey_locale(void);

void cnc_screen_size(int *columns, int *rows);
void cnc_apply_size(int columns, int rows);

// The number of colour pairs; 0 without colours.
int cnc_pair_limit(void);
// Sets the colours of an unused pair; -1 is the terminal's default. Returns false if ncurses refuses.
bool cnc_set_pair(int pair, int foreground, int background);
// Forgets all pairs, and allocates a number of them at once.
void cnc_forget_pairs(int count);

enum { cnc_bold = 1, cnc_dim = 2, cnc_underline = 4, cnc_reverse = 8 };

// The width of a scalar in columns in UTF-8, whatever the locale of the process: 1, 2, 0 for a mark on the preceding
// character, -1 if unknown to the system. Any thread may call it.
int cnc_columns(uint32_t scalar);

// Puts one character (a base with its combining marks) of one or two columns into the next update.
void cnc_put(int row, int column, int columns, const uint32_t *scalars, int count, int attributes, int pair);
void cnc_update(void);
void cnc_repaint(void);

// Writes to the terminal past ncurses: sequences that do not move the cursor, such as images and clipboard contents.
void cnc_write(const uint8_t *bytes, int count);
// Sets the bytes, at most 128, to write if the process dies, before the screen is released.
void cnc_reset_first(const uint8_t *bytes, int count);

// The next key: its code, and whether it is a KEY_ constant. Returns false if there is none.
bool cnc_next_key(uint32_t *code, bool *is_function_key);

// Key codes in addition to those of ncurses: the start of a mouse report, and the start and end of pasted text.
enum { cnc_key_mouse = 4001, cnc_key_paste_begin, cnc_key_paste_end };
// Reads the rest of a mouse report (xterm's mode 1006), including its final letter. Returns its length, or 0 if it is
// incomplete.
int cnc_mouse_report(char *text, int size);
// Turns mouse reports on or off. They are off while the screen is released.
void cnc_capture_mouse(bool capture);

enum { cnc_input = 1, cnc_woken = 2, cnc_hangup = 4 };

// Waits for a key or a wake-up, at most for a number of milliseconds. Returns the events as bits.
int cnc_wait(int wake, int milliseconds);

// Creates a file descriptor that cnc_wake makes readable, from any thread; -1 if that fails.
int cnc_wake_make(void);
void cnc_wake(int wake);
void cnc_wake_close(int wake);

// The requests made by signals since the last call.
enum { cnc_resized = 1, cnc_stop_asked = 2, cnc_continued = 4 };
int cnc_take_requests(void);
// The signal that requested the end of the program, or 0.
int cnc_end_signal(void);
// Whether standard output leads nowhere, because the program was to end while the terminal was not read.
bool cnc_output_lost(void);

// Releases the screen, stops the process group, and takes the screen again when it is continued.
void cnc_suspend(void);
// Takes the screen again after a stop that could not be caught.
void cnc_reenter(void);

// Gives the calling thread a separate stack for signal handlers, so that they survive a stack overflow.
void cnc_use_alternate_stack(void);

// Lowers the priority of the calling thread and of threads it starts afterwards. Further calls have no effect.
void cnc_yield_to_terminal(void);

#endif
