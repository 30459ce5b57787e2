// SPDX-License-Identifier: Apache-2.0
// Preloaded into a program (LD_PRELOAD), makes one call of the C library fail:
//
//     FAULT_CALL=malloc|open|read|write|fsync|rename|mkdir|connect   which
//     FAULT_NTH=N           the Nth call, counted from 1; later ones work again
//     FAULT_FROM=N          the Nth call and all later ones
//     FAULT_ERRNO=NUMBER    errno of the failure
//     FAULT_REPORT=PATH     a file that is made when the fault happens
//
// "write" lets half of the bytes through before it fails with FAULT_FROM, as a full disk does.
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *pointer, size_t size);

static const char *faulty_call;
static long nth, from;
static int errno_value;
static const char *report;
static atomic_long calls;

// Before any constructor of the program: getenv() allocates nothing.
__attribute__((constructor)) static void read_settings(void) {
    const char *text = getenv("FAULT_NTH");
    nth = text ? atol(text) : 0;
    text = getenv("FAULT_FROM");
    from = text ? atol(text) : 0;
    text = getenv("FAULT_ERRNO");
    errno_value = text ? atoi(text) : EIO;
    report = getenv("FAULT_REPORT");
    faulty_call = getenv("FAULT_CALL");
}

// System calls, not functions: those would come back here.
static void tell(void) {
    int saved = errno;
    if (report)
        syscall(SYS_close, syscall(SYS_openat, AT_FDCWD, report, O_WRONLY | O_CREAT, 0600));
    errno = saved;
}

static bool is_faulty(const char *call) {
    if (!faulty_call || strcmp(faulty_call, call) != 0)
        return false;
    long number = atomic_fetch_add(&calls, 1) + 1;
    if (number != nth && (!from || number < from))
        return false;
    tell();
    errno = errno_value;
    return true;
}

static void *next(const char *name) {
    return dlsym(RTLD_NEXT, name);
}
#define NEXT(name) ((__typeof__(&name))next(#name))

EXPORT void *malloc(size_t size) {
    return is_faulty("malloc") ? NULL : __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size) {
    return is_faulty("malloc") ? NULL : __libc_calloc(count, size);
}

EXPORT void *realloc(void *pointer, size_t size) {
    return is_faulty("malloc") ? NULL : __libc_realloc(pointer, size);
}

EXPORT ssize_t read(int fd, void *buffer, size_t size) {
    return is_faulty("read") ? -1 : NEXT(read)(fd, buffer, size);
}

EXPORT ssize_t write(int fd, const void *buffer, size_t size) {
    if (!is_faulty("write"))
        return NEXT(write)(fd, buffer, size);
    if (from && atomic_load(&calls) == from && size > 1)
        return NEXT(write)(fd, buffer, size / 2);
    return -1;
}

EXPORT int fsync(int fd) {
    return is_faulty("fsync") ? -1 : NEXT(fsync)(fd);
}

EXPORT int rename(const char *old_path, const char *new_path) {
    return is_faulty("rename") ? -1 : NEXT(rename)(old_path, new_path);
}

EXPORT int renameat(int old_fd, const char *old_path, int new_fd, const char *new_path) {
    return is_faulty("rename") ? -1 : NEXT(renameat)(old_fd, old_path, new_fd, new_path);
}

EXPORT int renameat2(int old_fd, const char *old_path, int new_fd, const char *new_path, unsigned flags) {
    return is_faulty("rename") ? -1 : NEXT(renameat2)(old_fd, old_path, new_fd, new_path, flags);
}

EXPORT int mkdir(const char *path, mode_t mode) {
    return is_faulty("mkdir") ? -1 : NEXT(mkdir)(path, mode);
}

EXPORT int mkdirat(int fd, const char *path, mode_t mode) {
    return is_faulty("mkdir") ? -1 : NEXT(mkdirat)(fd, path, mode);
}

EXPORT int connect(int fd, const struct sockaddr *address, socklen_t length) {
    return is_faulty("connect") ? -1 : NEXT(connect)(fd, address, length);
}

static mode_t mode_argument(int flags, va_list arguments) {
    return flags & (O_CREAT | __O_TMPFILE) ? va_arg(arguments, mode_t) : 0;
}

EXPORT int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return is_faulty("open") ? -1 : NEXT(open)(path, flags, mode);
}

EXPORT int openat(int fd, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_argument(flags, arguments);
    va_end(arguments);
    return is_faulty("open") ? -1 : NEXT(openat)(fd, path, flags, mode);
}
