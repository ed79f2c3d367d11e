#pragma once
// libpq, loaded when it is first needed: linked, its libraries for Kerberos, LDAP and two kinds of TLS would take 5 MB of
// every worker, also of those that never hear of PostgreSQL.

#if __has_include(<libpq-fe.h>)
#include <libpq-fe.h>
#else
#include <postgresql/libpq-fe.h>
#endif

/// Loads libpq; must have succeeded before any other function is called. Every call gives the answer of the first.
///
/// \returns NULL, or what is missing and what to do.
const char *_Nullable tq_libpq_load(void);
