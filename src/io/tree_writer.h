// SPDX-License-Identifier: Apache-2.0
#pragma once

// Writes a set of files as a folder, whole or not at all: into a temporary folder beside the target, synced, and then
// exchanged with it in one step. At no moment is there a half-written folder under the target's name. A folder that is
// there already is replaced only when it is one of ours (recognised by its list of files) or holds nothing; with force
// any other one is moved aside, and is never deleted.

#include "base/error.h"

#include <stddef.h>

struct tree_writer_file {
    const char *path; // relative and safe (path_is_safe_relative)
    const char *bytes;
    size_t length;
    bool is_executable;
};

struct tree_writer_spec {
    const char *folder; // a symbolic link to a folder is followed; missing parents are made
    const struct tree_writer_file *files;
    size_t count;
    const char *list_name;   // file that says which others are in a folder of ours: lines "<anything>  <path>"
    const char *marker_name; // a second file that must be there, beginning with
    const char *marker;      // this text
    const char *what;        // the folder, for messages; NULL: "bundle"
    bool force;
};

// Before long work: whether tree_write could succeed. ERROR_CONFLICT: the folder holds something else, or is no folder.
int tree_write_check(const struct tree_writer_spec *spec, struct error **err) _must_use_;
// *ret_aside, if wanted, is where force moved the old folder, NULL when there was none; the caller frees it.
int tree_write(const struct tree_writer_spec *spec, char **ret_aside, struct error **err) _must_use_;
