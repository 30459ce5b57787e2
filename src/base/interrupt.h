// SPDX-License-Identifier: Apache-2.0
#pragma once

// Being told to stop (SIGINT, SIGTERM, SIGHUP): the program ends at once, by that signal, so that shells see it (130,
// 143, 129). Code that has something half-made on disk holds the signals back until it is made or removed. SIGPIPE and
// SIGXFSZ are ignored: a closed pipe and a file size limit are errors of write(2) like any other.

#include "base/macro.h"

#include <signal.h>
#include <sys/types.h>

// For main(): installs all of the above.
void interrupts_install(void);

// Holds the signals back in this thread from here to the end of the scope:
//     _cleanup_interrupts_ sigset_t held _unused_ = interrupts_hold();
// Waiting for a network or a user has no place in it.
sigset_t interrupts_hold(void) _must_use_;
void interrupts_release(const sigset_t *before);
#define _cleanup_interrupts_ _cleanup_(interrupts_release)

// Groups of processes that we started, which the terminal does not reach: they get the signal too. Of more than a few
// at a time the last ones are left out.
void interrupts_add_group(pid_t group);
void interrupts_remove_group(pid_t group);
