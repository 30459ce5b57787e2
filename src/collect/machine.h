// SPDX-License-Identifier: Apache-2.0
#pragma once

// The file system of the machine that is looked at: the running one, or one mounted below a folder (a container that
// mounts its host, a disk image, a test). Below a folder, links and ".." never lead outside. Safe from several threads.

#include "base/error.h"
#include "base/text.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stdint.h>

struct machine {
    char *root; // "" for the running machine
    int root_fd;
};

int machine_open(const char *root, struct machine *ret, struct error **err) _must_use_;
void machine_done(struct machine *machine);
static inline bool machine_is_running_one(const struct machine *machine) {
    return !*machine->root;
}

// True when the kernel that answers system calls is the machine's: the running one, or a host whose /proc is mounted.
bool machine_is_live(const struct machine *machine);

// An open(2) of an absolute path of the machine; -1 and errno on failure.
int machine_open_fd(const struct machine *machine, const char *path, int flags);
bool machine_has(const struct machine *machine, const char *path);
// The path as this process can open it; the caller frees it.
char *machine_path(const struct machine *machine, const char *path);
// A whole file of at most `limit` bytes into *content, which must be {0}.
int machine_read(const struct machine *machine, const char *path, size_t limit, struct text *content,
                 struct error **err) _must_use_;
// The first line of a small file, trimmed; false when it cannot be read. The caller's buffer is set to "" then.
bool machine_line(const struct machine *machine, const char *path, char *buffer, size_t size);
// The same into memory of the caller, at most `size` bytes; -1 when it cannot be read, else their number.
long machine_bytes(const struct machine *machine, const char *path, char *buffer, size_t size);
// A whole number in a file, decimal or with 0x.
bool machine_number(const struct machine *machine, const char *path, int64_t *ret);
// Names in a folder, sorted, without those that begin with a dot. False (and nothing added) when it cannot be read.
bool machine_list(const struct machine *machine, const char *path, struct strvec *names);
// The last part of where a link points; NULL when it is none. The caller frees it.
char *machine_link_name(const struct machine *machine, const char *path);
