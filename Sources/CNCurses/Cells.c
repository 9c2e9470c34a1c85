// Output of characters to the screen.
#define _GNU_SOURCE
#include "CNCurses.h"

#include <wchar.h>

void cnc_put_scalar(int row, int column, uint32_t scalar, int attributes, int pair) {
  cnc_put(row, column, &scalar, 1, attributes, pair);
}

void cnc_put(int row, int column, const uint32_t *scalars, int count, int attributes, int pair) {
  wchar_t text[CCHARW_MAX + 1] = {0};
  attr_t style = A_NORMAL;
  cchar_t cell;
  for (int i = 0; i < count && i < CCHARW_MAX; i++) text[i] = (wchar_t)scalars[i];
  // A wider or narrower character would shift the rest of the row; in a locale without it, it would appear as bytes.
  if (wcwidth(text[0]) != 1) wcscpy(text, text[0] ? L"?" : L" ");
  if (attributes & cnc_bold) style |= A_BOLD;
  if (attributes & cnc_dim) style |= A_DIM;
  if (attributes & cnc_underline) style |= A_UNDERLINE;
  if (attributes & cnc_reverse) style |= A_REVERSE;
  // The pair is passed through the options: X/Open's short stops at 32,767.
  if (setcchar(&cell, text, style, 0, &pair) == OK) mvwadd_wchnstr(stdscr, row, column, &cell, 1);
}
