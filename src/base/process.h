// SPDX-License-Identifier: Apache-2.0
#pragma once

// Runs a program without a shell, with a time limit and bounded output.

#include "base/error.h"
#include "base/text.h"

struct process_spec {
    const char *const *argv; // NULL-ended; argv[0] is looked up in PATH unless it has a slash
    const char *input;       // what the program reads on standard input; NULL = nothing (/dev/null)
    size_t input_length;
    unsigned timeout_ms;            // 0 = none; on expiry the process group gets SIGTERM, a second later SIGKILL
    size_t output_limit;            // bytes of standard output and standard error each; 0 = 16 MiB
    const char *const *environment; // NULL = inherited
};

struct process_result {
    int exit_status; // 0 to 255, or 128 + signal
    struct text output;
    struct text error_output;
};

void process_result_done(struct process_result *result);
#define _cleanup_process_result_ _cleanup_(process_result_done)

// 0 when the program ran to an end, whatever its status. ERROR_NOT_FOUND when it is not there, ERROR_TIMEOUT,
// ERROR_LIMIT when it printed too much.
int process_run(const struct process_spec *spec, struct process_result *ret, struct error **err) _must_use_;
// Path of a program found in PATH, NULL when it is not there; the caller frees it.
char *process_find(const char *program);
