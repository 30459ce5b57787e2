// SPDX-License-Identifier: Apache-2.0
#include "collect/collect.h"
#include "base/alloc.h"
#include "base/clock.h"
#include "base/map.h"
#include "collect/selection.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

// Enough for libraries that keep buffers on the stack; the address space is only reserved.
#define STACK_SIZE ((size_t)1024 * 1024)
#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)

enum job_state { JOB_LEFT_OUT, JOB_RUNNING, JOB_ENDED, JOB_ABANDONED };

struct run;

// One collector at work. Only its thread touches the collection until it has ended.
struct job {
    struct run *run;
    const struct collector *collector;
    struct collection collection;
    enum job_state state;
    pthread_t thread;
    bool has_thread;
    uint64_t started_ns, ended_ns, deadline_ns;
    int result;
    struct error *error;
};

// Held by the caller and by every thread that still runs: what an abandoned thread uses outlives the command's interest
// in it, and goes with the last of them.
struct run {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t users;
    struct machine machine;
    struct redact_policy policy;
    struct strvec host_names;
    struct job *jobs;
    size_t count;
};

static void run_free(struct run *run) {
    for (size_t i = 0; i < run->count; i++) {
        struct job *job = &run->jobs[i];
        strvec_done(&job->collection.subtypes);
        strvec_done(&job->collection.excluded_subtypes);
        text_done(&job->collection.reason);
        arena_free(job->collection.arena);
        error_free(job->error);
    }
    machine_done(&run->machine);
    strvec_done(&run->host_names);
    pthread_cond_destroy(&run->changed);
    pthread_mutex_destroy(&run->lock);
    free(run->jobs);
    free(run);
}

static void run_release(struct run *run) {
    pthread_mutex_lock(&run->lock);
    bool is_last = --run->users == 0;
    pthread_mutex_unlock(&run->lock);
    if (is_last)
        run_free(run);
}
DEFINE_CLEANUP(struct run *, run, run_release)

static int run_new(const struct collect_request *request, size_t count, struct run **ret, struct error **err) {
    struct machine machine;
    int r = machine_open(request->root, &machine, err);
    if (r < 0)
        return r;
    struct run *run = xcalloc(1, sizeof *run);
    run->users = 1;
    run->machine = machine;
    run->policy = *request->policy;
    for (size_t i = 0; i < request->policy->host_name_count; i++)
        strvec_add(&run->host_names, request->policy->host_names[i]);
    run->policy.host_names = (const char *const *)run->host_names.items;
    run->jobs = xcalloc(count ? count : 1, sizeof *run->jobs);
    run->count = count;
    pthread_mutex_init(&run->lock, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&run->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    *ret = run;
    return 0;
}

static void job_prepare(struct job *job, struct run *run, const struct collector *collector,
                        struct selection *selection, unsigned budget_ms) {
    job->run = run;
    job->collector = collector;
    if (!selection->is_selected)
        return;
    job->state = JOB_RUNNING;
    job->collection = (struct collection){
        .machine = &run->machine,
        .policy = &run->policy,
        .collector = collector,
        .subtypes = selection->subtypes,
        .excluded_subtypes = selection->excluded_subtypes,
        .budget_ms = budget_ms ? budget_ms : collector->budget_ms,
        .arena = arena_new(),
    };
    selection->subtypes = selection->excluded_subtypes = (struct strvec){0};
    job->collection.snapshot = snapshot_new(job->collection.arena);
}

static int job_collect(struct job *job) {
    const char *needs = job->collector->needs;
    if (needs && !machine_has(&job->run->machine, needs))
        return collection_absent(&job->collection, "there is no %s", needs);
    return job->collector->collect(&job->collection, &job->error);
}

static void *job_main(void *argument) {
    struct job *job = argument;
    struct run *run = job->run;
    int result = job_collect(job);
    pthread_mutex_lock(&run->lock);
    job->result = result;
    job->ended_ns = clock_monotonic_ns();
    if (job->state == JOB_RUNNING)
        job->state = JOB_ENDED;
    pthread_cond_signal(&run->changed);
    pthread_mutex_unlock(&run->lock);
    run_release(run);
    return NULL;
}

static void job_start(struct job *job, const pthread_attr_t *attributes) {
    struct run *run = job->run;
    job->started_ns = clock_monotonic_ns();
    job->deadline_ns = job->started_ns + job->collection.budget_ms * NS_PER_MS;
    pthread_mutex_lock(&run->lock);
    run->users++;
    pthread_mutex_unlock(&run->lock);
    int failure = pthread_create(&job->thread, attributes, job_main, job);
    job->has_thread = !failure;
    if (!failure)
        return;
    job->result = error_set_errno(&job->error, failure, "cannot start a thread");
    job->state = JOB_ENDED;
    job->ended_ns = job->started_ns;
    run_release(run);
}

// Signals are for the thread that waits: a collector's must not be the one that is interrupted.
static void start_all(struct run *run) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    hash_bytes("", 0); // the seed of all hash maps is made by the first use, which must not be two threads'
    for (size_t i = 0; i < run->count; i++)
        if (run->jobs[i].state == JOB_RUNNING)
            job_start(&run->jobs[i], &attributes);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attributes);
}

static void job_abandon(struct job *job) {
    job->state = JOB_ABANDONED;
    job->ended_ns = clock_monotonic_ns();
    atomic_store(&job->collection.is_abandoned, true);
}

// Ends what is overdue. Returns how many still run, and the nearest of their deadlines.
static size_t look_at_all(struct run *run, uint64_t *ret_deadline, const char **ret_running) {
    size_t running = 0;
    uint64_t now = clock_monotonic_ns();
    *ret_deadline = UINT64_MAX;
    for (size_t i = 0; i < run->count; i++) {
        struct job *job = &run->jobs[i];
        if (job->state != JOB_RUNNING)
            continue;
        if (job->deadline_ns <= now) {
            job_abandon(job);
            continue;
        }
        running++;
        *ret_running = job->collector->subtype ? job->collector->subtype : job->collector->type;
        *ret_deadline = MIN(*ret_deadline, job->deadline_ns);
    }
    return running;
}

static void wait_for_all(struct run *run, const struct collect_request *request, size_t total) {
    size_t reported = SIZE_MAX;
    pthread_mutex_lock(&run->lock);
    for (;;) {
        uint64_t deadline;
        const char *name = NULL;
        size_t running = look_at_all(run, &deadline, &name);
        if (request->progress && running != reported) {
            reported = running;
            pthread_mutex_unlock(&run->lock);
            request->progress(request->progress_context, total - running, total, name);
            pthread_mutex_lock(&run->lock);
            continue;
        }
        if (!running)
            break;
        struct timespec until = {.tv_sec = (time_t)(deadline / NS_PER_S), .tv_nsec = (long)(deadline % NS_PER_S)};
        pthread_cond_timedwait(&run->changed, &run->lock, &until);
    }
    pthread_mutex_unlock(&run->lock);
}

// An ended thread is on its way out, and waited for, so that nothing of it is left when the program ends. One that was
// given up goes on alone.
static void leave_threads(struct run *run) {
    for (size_t i = 0; i < run->count; i++) {
        struct job *job = &run->jobs[i];
        if (!job->has_thread)
            continue;
        if (job->state == JOB_ABANDONED)
            pthread_detach(job->thread);
        else
            pthread_join(job->thread, NULL);
    }
}

// --- putting it together ---

static void take_readings(struct snapshot *into, const struct collection *collection) {
    const struct snapshot *from = collection->snapshot;
    for (size_t i = 0; i < from->count; i++) {
        const struct measurement *measurement = &from->measurements[i];
        for (size_t j = 0; j < measurement->count; j++) {
            const struct subtype *subtype = measurement->subtypes[j];
            if (!collection->collector->subtype && !collection_wants(collection, subtype->name))
                continue;
            struct subtype *target = snapshot_subtype(into, measurement->type, subtype->name);
            for (size_t k = 0; k < subtype->count; k++) {
                const struct reading *reading = &subtype->readings[k];
                snapshot_set(into, target, reading->key, reading->kind, reading->text);
            }
        }
    }
    for (size_t i = 0; i < from->redacted_count; i++)
        snapshot_add_redacted(into, from->redacted[i].path, from->redacted[i].rule);
}

static void take_outcome(struct snapshot *into, const struct job *job) {
    _cleanup_free_ char *name = collector_name(job->collector);
    const struct collection *collection = &job->collection;
    uint64_t duration = job->ended_ns - job->started_ns;
    enum collector_status status = COLLECTOR_EXCLUDED;
    const char *reason = "left out by --filter or --exclude";
    _cleanup_free_ char *late = NULL;
    if (job->state == JOB_ABANDONED) {
        status = COLLECTOR_FAILED;
        reason = late = xasprintf("not finished after %g s, its time budget", collection->budget_ms / 1000.0);
    } else if (job->state == JOB_ENDED && job->result < 0) {
        status = COLLECTOR_FAILED;
        reason = job->error ? job->error->message : "failed without a reason";
    } else if (job->state == JOB_ENDED) {
        status = job->result == COLLECT_ABSENT ? COLLECTOR_ABSENT : COLLECTOR_COLLECTED;
        reason = collection->reason.length ? text_str(&collection->reason) : NULL;
    }
    if (reason)
        reason = redact_text(&job->run->policy, into->arena, reason).text;
    snapshot_add_outcome(into, name, status, reason, duration);
}

static struct snapshot *join(struct arena *arena, const struct run *run) {
    struct snapshot *snapshot = snapshot_new(arena);
    for (size_t i = 0; i < run->count; i++) {
        const struct job *job = &run->jobs[i];
        // What a failed one had found so far is not told: half of the truth looks like the whole.
        if (job->state == JOB_ENDED && job->result >= 0)
            take_readings(snapshot, &job->collection);
        take_outcome(snapshot, job);
    }
    snapshot_sort(snapshot);
    return snapshot;
}

// --- what was required ---

static const struct collector_outcome *find_outcome(const struct snapshot *snapshot, const struct collector *row) {
    _cleanup_free_ char *name = collector_name(row);
    for (size_t i = 0; i < snapshot->outcome_count; i++)
        if (str_eq(snapshot->outcomes[i].name, name))
            return &snapshot->outcomes[i];
    return NULL;
}

static bool has_subtype(const struct snapshot *snapshot, const char *type, const char *subtype) {
    const struct measurement *measurement = snapshot_find_measurement(snapshot, type);
    for (size_t i = 0; measurement && i < measurement->count; i++)
        if (str_eq_ignore_case(measurement->subtypes[i]->name, subtype))
            return true;
    return false;
}

// A type is there when at least one of its collectors collected and none failed; a subtype when it was collected.
static void check_one(const struct snapshot *snapshot, const struct collector *const *table, size_t count,
                      const char *name, struct text *missing) {
    const char *subtype = strchr(name, '.');
    size_t type_length = subtype ? (size_t)(subtype - name) : strlen(name);
    bool has_collected = false, has_failed = false;
    struct text reasons = {0};
    for (size_t i = 0; i < count; i++) {
        if (strlen(table[i]->type) != type_length || strncasecmp(table[i]->type, name, type_length) != 0)
            continue;
        if (subtype && table[i]->subtype && !str_eq_ignore_case(table[i]->subtype, subtype + 1))
            continue;
        const struct collector_outcome *outcome = find_outcome(snapshot, table[i]);
        bool is_part = subtype && !table[i]->subtype && outcome->status == COLLECTOR_COLLECTED;
        bool is_there =
            outcome->status == COLLECTOR_COLLECTED && (!is_part || has_subtype(snapshot, table[i]->type, subtype + 1));
        has_collected |= is_there;
        has_failed |= outcome->status == COLLECTOR_FAILED;
        if (is_there || outcome->status == COLLECTOR_EXCLUDED)
            continue;
        static const char *const words[] = {"not found", "absent", "failed", "left out"};
        text_addf(&reasons, "\n  %s: %s: %s", is_part ? name : outcome->name, words[outcome->status],
                  outcome->reason ? outcome->reason : "it has no such part");
    }
    if (!has_collected || has_failed)
        text_add(missing, text_str(&reasons));
    text_done(&reasons);
}

static int check_required(const struct snapshot *snapshot, const struct collect_request *request,
                          const struct collector *const *table, size_t count, struct error **err) {
    _cleanup_text_ struct text missing = {0};
    for (size_t i = 0; request->require && i < request->require->count; i++)
        check_one(snapshot, table, count, request->require->items[i], &missing);
    if (!missing.length)
        return 0;
    return error_set(err, ERROR_UNAVAILABLE, "required by --require, but not collected:%s", text_str(&missing));
}

int collect_run(struct arena *arena, const struct collect_request *request, struct snapshot **ret, struct error **err) {
    const struct collector *const *table = request->collectors ? request->collectors : collectors;
    size_t count = 0, total = 0;
    while (table[count])
        count++;
    struct selection *selections = NULL;
    int r = selection_make(table, count, request->filter, request->exclude, request->require, &selections, err);
    if (r < 0)
        return r;
    _cleanup_(run_cleanup) struct run *run = NULL;
    r = run_new(request, count, &run, err);
    for (size_t i = 0; r == 0 && i < count; i++) {
        job_prepare(&run->jobs[i], run, table[i], &selections[i], request->budget_ms);
        total += selections[i].is_selected;
    }
    selection_free(selections, count);
    if (r < 0)
        return r;
    start_all(run);
    wait_for_all(run, request, total);
    leave_threads(run);
    // An abandoned thread may still write to its own job; what is read below are ended jobs and the locked states.
    pthread_mutex_lock(&run->lock);
    struct snapshot *snapshot = join(arena, run);
    pthread_mutex_unlock(&run->lock);
    r = check_required(snapshot, request, table, count, err);
    if (r < 0)
        return r;
    *ret = snapshot;
    return 0;
}
