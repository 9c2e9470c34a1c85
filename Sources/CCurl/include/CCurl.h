#ifndef CCURL_H
#define CCURL_H
#include <stddef.h>

/// A connection to servers by the system's libcurl, which is loaded when the first one is opened: a program that never
/// downloads neither loads it nor needs it.
typedef struct ccurl_connection ccurl_connection;

/// A GET or HEAD request. Every text is UTF-8 and ends with a zero; redirects are not followed.
typedef struct {
  const char *url;
  int is_head;
  /// Lines such as `Accept: text/plain`, ended by NULL.
  const char *const *headers;
  /// The proxy, an empty text for none, and the hosts that need none.
  const char *proxy, *no_proxy;
  /// A file of certificates; NULL for the system's.
  const char *certificates;
  /// The time limit for connecting, and the longest time without a byte.
  long connect_milliseconds, stall_seconds;
  void *context;
  /// Takes a line of the answer's header, and a part of its body; 0 goes on.
  int (*header)(void *context, const char *bytes, size_t count);
  int (*body)(void *context, const char *bytes, size_t count);
  /// Called several times a second while the request runs; 0 goes on.
  int (*poll)(void *context);
} ccurl_request;

/// How a request ended.
typedef enum {
  CCURL_DONE,
  /// A callback stopped it.
  CCURL_STOPPED,
  /// No connection: the name, the address, or the proxy.
  CCURL_UNREACHABLE,
  /// The connection is not secure.
  CCURL_INSECURE,
  /// Nothing came for too long.
  CCURL_STALLED,
  /// The connection ended too early.
  CCURL_CUT,
  CCURL_FAILED
} ccurl_result;

/// Opens a connection; NULL, with a line in `message` (at least 256 bytes), if there is no libcurl.
ccurl_connection *ccurl_open(char *message);

/// Makes a request, on a connection that is kept if the server is the same. On a failure `message` (at least 256 bytes)
/// has a line.
ccurl_result ccurl_perform(ccurl_connection *connection, const ccurl_request *request, char *message);

void ccurl_close(ccurl_connection *connection);

#endif
