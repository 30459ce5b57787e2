// SPDX-License-Identifier: Apache-2.0
#include "base/process.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_OUTPUT_LIMIT ((size_t)16 * 1024 * 1024)
#define READ_CHUNK ((size_t)64 * 1024)
#define KILL_GRACE_MS 1000
#define TICK_MS 20 // how often the child is looked at where the kernel has no pidfd
#define NS_PER_MS UINT64_C(1000000)

extern char **environ;

struct child {
    const struct process_spec *spec;
    pid_t pid;
    int pidfd; // -1 where the kernel has none
    int input, output, error_output;
    size_t input_sent;
    bool has_exited;
    int wait_status;
    uint64_t deadline_ns; // 0 = none
};

void process_result_done(struct process_result *result) {
    text_done(&result->output);
    text_done(&result->error_output);
    result->exit_status = 0;
}

static bool is_program(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode) && access(path, X_OK) == 0;
}

char *process_find(const char *program) {
    if (strchr(program, '/'))
        return is_program(program) ? xstrdup(program) : NULL;
    const char *search = getenv("PATH");
    if (!search)
        search = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    for (const char *start = search;;) {
        const char *end = strchrnul(start, ':');
        _cleanup_free_ char *directory = end == start ? xstrdup(".") : xstrndup(start, (size_t)(end - start));
        _cleanup_free_ char *path = path_join(directory, program);
        if (is_program(path))
            return TAKE_PTR(path);
        if (!*end)
            return NULL;
        start = end + 1;
    }
}

static void close_fd(int *fd) {
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

// Both ends close on exec and lie above the standard descriptors: a caller may have closed 0, 1 or 2, and a pipe that
// landed there would be overwritten while the child's own are put in place.
static int make_pipe(int ends[2], struct error **err) {
    int raw[2];
    if (pipe2(raw, O_CLOEXEC) < 0)
        return error_set_errno(err, errno, "cannot make a pipe");
    for (int i = 0; i < 2; i++) {
        ends[i] = raw[i] > STDERR_FILENO ? raw[i] : fcntl(raw[i], F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
        int saved = errno;
        if (ends[i] != raw[i])
            close(raw[i]);
        if (ends[i] < 0) {
            close_fd(&ends[0]);
            if (i == 0)
                close(raw[1]);
            return error_set_errno(err, saved, "cannot make a pipe");
        }
    }
    return 0;
}

struct pipes {
    int input[2], output[2], error_output[2];
};

static void pipes_done(struct pipes *pipes) {
    for (int i = 0; i < 2; i++) {
        close_fd(&pipes->input[i]);
        close_fd(&pipes->output[i]);
        close_fd(&pipes->error_output[i]);
    }
}

static int open_pipes(struct pipes *pipes, bool has_input, struct error **err) {
    int r = 0;
    if (has_input)
        r = make_pipe(pipes->input, err);
    if (r == 0)
        r = make_pipe(pipes->output, err);
    if (r == 0)
        r = make_pipe(pipes->error_output, err);
    return r;
}

static void spawn_actions(posix_spawn_file_actions_t *actions, const struct pipes *pipes) {
    posix_spawn_file_actions_init(actions);
    if (pipes->input[0] >= 0)
        posix_spawn_file_actions_adddup2(actions, pipes->input[0], STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(actions, pipes->output[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(actions, pipes->error_output[1], STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1); // what a parent of ours left open
}

// A group of its own, so that a time-out reaches what the program started; and the signals as a fresh program has them.
static void spawn_attributes(posix_spawnattr_t *attributes) {
    sigset_t none, reset;
    sigemptyset(&none);
    sigemptyset(&reset);
    sigaddset(&reset, SIGPIPE);
    sigaddset(&reset, SIGINT);
    sigaddset(&reset, SIGTERM);
    posix_spawnattr_init(attributes);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setpgroup(attributes, 0);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setsigdefault(attributes, &reset);
}

static int spawn(struct child *child, const struct pipes *pipes, struct error **err) {
    const char *name = child->spec->argv[0];
    _cleanup_free_ char *path = process_find(name);
    if (!path && !(strchr(name, '/') && path_exists(name)))
        return error_set(err, ERROR_NOT_FOUND, "%s: no such program", name);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    spawn_actions(&actions, pipes);
    spawn_attributes(&attributes);
    _cleanup_interrupts_ sigset_t held _unused_ = interrupts_hold();
    char *const *environment = child->spec->environment ? (char *const *)child->spec->environment : environ;
    int failure = posix_spawn(&child->pid, path ? path : name, &actions, &attributes, (char *const *)child->spec->argv,
                              environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (failure)
        return error_set_errno(err, failure, "%s: cannot run", name);
    interrupts_add_group(child->pid);
    child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
    return 0;
}

static void look_whether_exited(struct child *child, int flags) {
    if (child->has_exited)
        return;
    pid_t got;
    do
        got = waitpid(child->pid, &child->wait_status, flags);
    while (got < 0 && errno == EINTR);
    child->has_exited = got != 0;
    if (child->has_exited)
        interrupts_remove_group(child->pid);
}

// Milliseconds until the deadline, rounded up; -1 = no deadline.
static int wait_ms(const struct child *child) {
    int limit = child->pidfd < 0 ? TICK_MS : -1;
    if (!child->deadline_ns)
        return limit;
    uint64_t now = clock_monotonic_ns();
    uint64_t left = child->deadline_ns > now ? (child->deadline_ns - now + NS_PER_MS - 1) / NS_PER_MS : 0;
    int bounded = left > INT32_MAX ? INT32_MAX : (int)left;
    return limit < 0 ? bounded : MIN(limit, bounded);
}

static void stop_group(struct child *child) {
    kill(-child->pid, SIGTERM);
    uint64_t until = clock_monotonic_ns() + KILL_GRACE_MS * NS_PER_MS;
    while (!child->has_exited && clock_monotonic_ns() < until) {
        struct pollfd wait = {.fd = child->pidfd, .events = POLLIN};
        poll(&wait, child->pidfd >= 0, child->pidfd >= 0 ? KILL_GRACE_MS : TICK_MS);
        look_whether_exited(child, WNOHANG);
    }
    kill(-child->pid, SIGKILL); // also what outlived the leader
    look_whether_exited(child, 0);
}

// Reads what is there. Returns 1 when there was something, 0 at the end or when nothing is there now.
static int drain(int *fd, struct text *into, size_t limit, const char *name, struct error **err) {
    ssize_t got = read(*fd, text_reserve(into, READ_CHUNK), READ_CHUNK);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (got <= 0) {
        close_fd(fd);
        return 0;
    }
    text_commit(into, (size_t)got);
    if (into->length > limit)
        return error_set(err, ERROR_LIMIT, "%s: printed more than %zu bytes", name, limit);
    return 1;
}

static void feed(struct child *child) {
    const struct process_spec *spec = child->spec;
    ssize_t sent = write(child->input, spec->input + child->input_sent, spec->input_length - child->input_sent);
    if (sent > 0)
        child->input_sent += (size_t)sent;
    else if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    // A program that does not want its input (EPIPE) is not at fault.
    if (sent <= 0 || child->input_sent == spec->input_length)
        close_fd(&child->input);
}

static int drain_all(struct child *child, struct process_result *result, struct error **err) {
    size_t limit = child->spec->output_limit ? child->spec->output_limit : DEFAULT_OUTPUT_LIMIT;
    const char *name = child->spec->argv[0];
    int r = child->output >= 0 ? drain(&child->output, &result->output, limit, name, err) : 0;
    if (r < 0)
        return r;
    int more = child->error_output >= 0 ? drain(&child->error_output, &result->error_output, limit, name, err) : 0;
    return more < 0 ? more : r || more;
}

static int check_deadline(const struct child *child, struct error **err) {
    if (!child->deadline_ns || clock_monotonic_ns() < child->deadline_ns)
        return 0;
    return error_set(err, ERROR_TIMEOUT, "%s: not finished after %g s", child->spec->argv[0],
                     child->spec->timeout_ms / 1000.0);
}

// Until the program has ended and what it printed is read. What it left behind in the background may hold the pipes
// open for ever: nobody waits for that.
static int communicate(struct child *child, struct process_result *result, struct error **err) {
    for (;;) {
        struct pollfd wait[] = {
            {.fd = child->output, .events = POLLIN},
            {.fd = child->error_output, .events = POLLIN},
            {.fd = child->input, .events = POLLOUT},
            {.fd = child->pidfd, .events = POLLIN},
        };
        if (!child->has_exited && poll(wait, ARRAY_SIZE(wait), wait_ms(child)) < 0 && errno != EINTR)
            return error_set_errno(err, errno, "%s: cannot wait", child->spec->argv[0]);
        if (wait[2].revents && child->input >= 0)
            feed(child);
        look_whether_exited(child, WNOHANG);
        int r = drain_all(child, result, err);
        if (r < 0)
            return r;
        if (child->has_exited && r == 0)
            return 0;
        r = check_deadline(child, err);
        if (r < 0)
            return r;
    }
}

// Writing to a program that has gone raises SIGPIPE in this thread: held back here, and taken away if it came.
struct pipe_guard {
    sigset_t old;
    bool was_pending;
};

static void pipe_guard_start(struct pipe_guard *guard) {
    sigset_t pending, pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    sigpending(&pending);
    guard->was_pending = sigismember(&pending, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_only, &guard->old);
}

static void pipe_guard_end(struct pipe_guard *guard) {
    sigset_t pipe_only;
    sigemptyset(&pipe_only);
    sigaddset(&pipe_only, SIGPIPE);
    if (!guard->was_pending) {
        static const struct timespec now = {0};
        while (sigtimedwait(&pipe_only, NULL, &now) < 0 && errno == EINTR)
            ;
    }
    pthread_sigmask(SIG_SETMASK, &guard->old, NULL);
}

static void take_parent_ends(struct child *child, struct pipes *pipes) {
    close_fd(&pipes->input[0]);
    close_fd(&pipes->output[1]);
    close_fd(&pipes->error_output[1]);
    child->input = pipes->input[1];
    child->output = pipes->output[0];
    child->error_output = pipes->error_output[0];
    *pipes = (struct pipes){{-1, -1}, {-1, -1}, {-1, -1}};
    if (child->input >= 0)
        fcntl(child->input, F_SETFL, O_NONBLOCK);
    fcntl(child->output, F_SETFL, O_NONBLOCK);
    fcntl(child->error_output, F_SETFL, O_NONBLOCK);
}

static int exit_status_of(int wait_status) {
    return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

int process_run(const struct process_spec *spec, struct process_result *ret, struct error **err) {
    struct child child = {.spec = spec, .pidfd = -1, .input = -1, .output = -1, .error_output = -1};
    struct pipes pipes = {{-1, -1}, {-1, -1}, {-1, -1}};
    if (spec->timeout_ms)
        child.deadline_ns = clock_monotonic_ns() + spec->timeout_ms * NS_PER_MS;
    int r = open_pipes(&pipes, spec->input_length > 0, err);
    if (r == 0)
        r = spawn(&child, &pipes, err);
    if (r < 0) {
        pipes_done(&pipes);
        return r;
    }
    take_parent_ends(&child, &pipes);
    _cleanup_process_result_ struct process_result result = {0};
    struct pipe_guard guard;
    pipe_guard_start(&guard);
    r = communicate(&child, &result, err);
    pipe_guard_end(&guard);
    if (!child.has_exited)
        stop_group(&child);
    close_fd(&child.input);
    close_fd(&child.output);
    close_fd(&child.error_output);
    close_fd(&child.pidfd);
    if (r < 0)
        return r;
    result.exit_status = exit_status_of(child.wait_status);
    *ret = result;
    result = (struct process_result){0};
    return 0;
}
