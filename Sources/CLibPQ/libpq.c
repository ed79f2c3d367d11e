#include "CLibPQ.h"
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

/// The functions that are used: what it returns, its name, what it takes, what is handed on.
#define FUNCTIONS(F)                                                                                                   \
    F(int, PQcancel, (PGcancel * cancel, char *words, int size), (cancel, words, size))                                \
    F(void, PQclear, (PGresult * result), (result))                                                                    \
    F(char *, PQcmdTuples, (PGresult * result), (result))                                                              \
    F(PGconn *, PQconnectdbParams, (const char *const *keys, const char *const *values, int expand),                   \
      (keys, values, expand))                                                                                          \
    F(void, PQconninfoFree, (PQconninfoOption * options), (options))                                                   \
    F(PQconninfoOption *, PQconninfoParse, (const char *uri, char **words), (uri, words))                              \
    F(int, PQconsumeInput, (PGconn * connection), (connection))                                                        \
    F(int, PQenterPipelineMode, (PGconn * connection), (connection))                                                   \
    F(char *, PQerrorMessage, (const PGconn *connection), (connection))                                                \
    F(int, PQexitPipelineMode, (PGconn * connection), (connection))                                                    \
    F(void, PQfinish, (PGconn * connection), (connection))                                                             \
    F(int, PQflush, (PGconn * connection), (connection))                                                               \
    F(void, PQfreeCancel, (PGcancel * cancel), (cancel))                                                               \
    F(void, PQfreemem, (void *memory), (memory))                                                                       \
    F(PGcancel *, PQgetCancel, (PGconn * connection), (connection))                                                    \
    F(PGresult *, PQgetResult, (PGconn * connection), (connection))                                                    \
    F(int, PQgetisnull, (const PGresult *result, int row, int column), (result, row, column))                          \
    F(int, PQgetlength, (const PGresult *result, int row, int column), (result, row, column))                          \
    F(char *, PQgetvalue, (const PGresult *result, int row, int column), (result, row, column))                        \
    F(int, PQisBusy, (PGconn * connection), (connection))                                                              \
    F(int, PQnfields, (const PGresult *result), (result))                                                              \
    F(PGnotify *, PQnotifies, (PGconn * connection), (connection))                                                     \
    F(int, PQntuples, (const PGresult *result), (result))                                                              \
    F(PGpipelineStatus, PQpipelineStatus, (const PGconn *connection), (connection))                                    \
    F(int, PQpipelineSync, (PGconn * connection), (connection))                                                        \
    F(int, PQputCopyData, (PGconn * connection, const char *bytes, int size), (connection, bytes, size))               \
    F(int, PQputCopyEnd, (PGconn * connection, const char *words), (connection, words))                                \
    F(char *, PQresultErrorField, (const PGresult *result, int code), (result, code))                                  \
    F(ExecStatusType, PQresultStatus, (const PGresult *result), (result))                                              \
    F(int, PQsendPrepare,                                                                                              \
      (PGconn * connection, const char *name, const char *sql, int count, const Oid *types),                           \
      (connection, name, sql, count, types))                                                                           \
    F(int, PQsendQuery, (PGconn * connection, const char *sql), (connection, sql))                                     \
    F(int, PQsendQueryParams,                                                                                          \
      (PGconn * connection, const char *sql, int count, const Oid *types, const char *const *values,                   \
       const int *lengths, const int *formats, int format),                                                            \
      (connection, sql, count, types, values, lengths, formats, format))                                               \
    F(int, PQsendQueryPrepared,                                                                                        \
      (PGconn * connection, const char *name, int count, const char *const *values, const int *lengths,                \
       const int *formats, int format),                                                                                \
      (connection, name, count, values, lengths, formats, format))                                                     \
    F(PQnoticeProcessor, PQsetNoticeProcessor, (PGconn * connection, PQnoticeProcessor processor, void *context),      \
      (connection, processor, context))                                                                                \
    F(int, PQsetnonblocking, (PGconn * connection, int on), (connection, on))                                          \
    F(int, PQsocket, (const PGconn *connection), (connection))                                                         \
    F(ConnStatusType, PQstatus, (const PGconn *connection), (connection))                                              \
    F(PGTransactionStatusType, PQtransactionStatus, (const PGconn *connection), (connection))

#define FIELD(result, name, parameters, arguments) __typeof__(&name) name;
static struct {
    FUNCTIONS(FIELD)
} loaded;

#define FORWARD(result, name, parameters, arguments)                                                                   \
    result name parameters { return loaded.name arguments; }
FUNCTIONS(FORWARD)

static char failure[512];

static void load(void) {
#ifdef __APPLE__
    const char *file = "libpq.5.dylib";
#else
    const char *file = "libpq.so.5";
#endif
    void *library = dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        snprintf(failure, sizeof failure, "%s; install libpq5 (Debian) or libpq (Homebrew)", dlerror());
        return;
    }
#define FIND(result, name, parameters, arguments)                                                                      \
    if (!(loaded.name = (__typeof__(&name))dlsym(library, #name))) {                                                   \
        snprintf(failure, sizeof failure, "%s has no %s; install that of PostgreSQL 14 or newer", file, #name);        \
        return;                                                                                                        \
    }
    FUNCTIONS(FIND)
}

const char *tq_libpq_load(void) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load);
    return failure[0] ? failure : NULL;
}
