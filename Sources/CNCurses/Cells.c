// Output of characters to the screen.
#define _GNU_SOURCE
#include "CNCurses.h"

#include <locale.h>
#include <string.h>
#include <threads.h>
#include <wchar.h>

static locale_t unicode_locale;

static void make_unicode_locale(void) {
  unicode_locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  // Without this locale on the system, the user's own is better than none.
  if (!unicode_locale) unicode_locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
}

int cnc_columns(uint32_t scalar) {
  static once_flag once = ONCE_FLAG_INIT;
  call_once(&once, make_unicode_locale);
  if (!unicode_locale) return -1;
  // The C library has no wcwidth that takes a locale; uselocale affects the calling thread alone.
  locale_t before = uselocale(unicode_locale);
  int columns = wcwidth((wchar_t)scalar);
  uselocale(before);
  return columns;
}

void cnc_put(int row, int column, int columns, const uint32_t *scalars, int count, int attributes, int pair) {
  wchar_t text[CCHARW_MAX + 1] = {0};
  attr_t style = A_NORMAL;
  cchar_t cell;
  for (int i = 0; i < count && i < CCHARW_MAX; i++) text[i] = (wchar_t)scalars[i];
  // A wider or narrower character would shift the rest of the row; in a locale without it, it would appear as bytes.
  bool is_known = wcwidth(text[0]) == columns;
  if (!is_known) wcscpy(text, text[0] ? L"?" : L" ");
  if (attributes & cnc_bold) style |= A_BOLD;
  if (attributes & cnc_dim) style |= A_DIM;
  if (attributes & cnc_underline) style |= A_UNDERLINE;
  if (attributes & cnc_reverse) style |= A_REVERSE;
  // The pair is passed through the options: X/Open's short stops at 32,767.
  if (setcchar(&cell, text, style, 0, &pair) != OK) return;
  for (int i = 0; i < (is_known ? 1 : columns); i++) mvwadd_wchnstr(stdscr, row, column + i, &cell, 1);
}
