// SPDX-License-Identifier: Apache-2.0
#include "base/interrupt.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

static atomic_int groups[16];

static const int stopping_signals[] = {SIGINT, SIGTERM, SIGHUP};

// By the signal itself, so that a shell's loop stops too. The first process of a container cannot be ended by a
// signal's default action: it goes on to the exit.
static void stop(int signal_number) {
    for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
        if (atomic_load(&groups[i]) > 0)
            kill(-atomic_load(&groups[i]), signal_number);
    signal(signal_number, SIG_DFL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal_number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(signal_number);
    _exit(128 + signal_number);
}

void interrupts_install(void) {
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    for (size_t i = 0; i < ARRAY_SIZE(stopping_signals); i++) {
        struct sigaction before, action = {.sa_handler = stop};
        // What was ignored stays so: nohup, and jobs that a script starts in the background.
        if (sigaction(stopping_signals[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(stopping_signals[i], &action, NULL);
    }
}

sigset_t interrupts_hold(void) {
    sigset_t set, before;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_SIZE(stopping_signals); i++)
        sigaddset(&set, stopping_signals[i]);
    sigemptyset(&before);
    pthread_sigmask(SIG_BLOCK, &set, &before);
    return before;
}

void interrupts_release(const sigset_t *before) {
    pthread_sigmask(SIG_SETMASK, before, NULL);
}

static void replace_group(int from, int to) {
    bool is_done = false;
    for (size_t i = 0; i < ARRAY_SIZE(groups) && !is_done; i++) {
        int expected = from;
        is_done = atomic_compare_exchange_strong(&groups[i], &expected, to);
    }
}

void interrupts_add_group(pid_t group) {
    replace_group(0, group);
}

void interrupts_remove_group(pid_t group) {
    replace_group(group, 0);
}
