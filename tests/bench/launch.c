// SPDX-License-Identifier: Apache-2.0
// Measures whole processes: launch ROUNDS -- PROGRAM ARGUMENT... [-- PROGRAM ARGUMENT...]...
//
// Runs the commands in turn, ROUNDS times, and prints one line per run: index of the command, wall time (ns), user and
// system time (us), peak memory (KiB), exit status. "{n}" in an argument becomes the number of the round. Standard
// output goes to /dev/null. A small C program and not Python, because the peak memory of a process starts at that of
// the process which spawned it, and because starting should cost as little as it can.
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

enum { MOST_COMMANDS = 16, MOST_ARGUMENTS = 64, LONGEST_ARGUMENT = 4096 };

static uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static long long microseconds(struct timeval time) {
    return (long long)time.tv_sec * 1000000 + time.tv_usec;
}

static void fill_arguments(char **command, int round, char **ret) {
    static char buffers[MOST_ARGUMENTS][LONGEST_ARGUMENT];
    int i = 0;
    for (; command[i] && i < MOST_ARGUMENTS - 1; i++) {
        const char *place = strstr(command[i], "{n}");
        if (place)
            snprintf(buffers[i], LONGEST_ARGUMENT, "%.*s%d%s", (int)(place - command[i]), command[i], round, place + 3);
        ret[i] = place ? buffers[i] : command[i];
    }
    ret[i] = NULL;
}

static void measure(int index, char **command, int round) {
    char *arguments[MOST_ARGUMENTS];
    fill_arguments(command, round, arguments);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid;
    uint64_t start = now_ns();
    if (posix_spawnp(&pid, arguments[0], &actions, NULL, arguments, environ) != 0) {
        fprintf(stderr, "launch: cannot start %s\n", arguments[0]);
        exit(1);
    }
    int status;
    struct rusage usage;
    wait4(pid, &status, 0, &usage);
    uint64_t end = now_ns();
    posix_spawn_file_actions_destroy(&actions);
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    printf("%d %llu %lld %lld %ld %d\n", index, (unsigned long long)(end - start), microseconds(usage.ru_utime),
           microseconds(usage.ru_stime), usage.ru_maxrss, code);
}

int main(int argc, char **argv) {
    char **commands[MOST_COMMANDS];
    int count = 0;
    for (int i = 2; i < argc && count < MOST_COMMANDS; i++)
        if (strcmp(argv[i], "--") == 0) {
            argv[i] = NULL;
            commands[count++] = argv + i + 1;
        }
    if (argc < 4 || count == 0) {
        fprintf(stderr, "usage: launch ROUNDS -- PROGRAM [ARGUMENT]... [-- PROGRAM [ARGUMENT]...]...\n");
        return 2;
    }
    int rounds = atoi(argv[1]);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < count; i++)
            measure(i, commands[i], round);
    return 0;
}
