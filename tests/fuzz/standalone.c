// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer, so that every build tests what fuzzing has found: each file of the seed folders,
// each of their truncations, and some thousand mutations made by a generator with a fixed start, the same in every
// run. usage: fuzz_<noun>_seeds FOLDER|FILE...
// CNS_FUZZ_MUTATIONS: how many mutations of each seed (default 200).

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
    size_t seeds;
    size_t runs;
    size_t mutations;
    uint64_t random;
} state = {.mutations = 200, .random = 0x9e3779b97f4a7c15};

// xorshift64*: good enough to pick bytes, and the same everywhere.
static uint64_t random_next(void) {
    state.random ^= state.random >> 12;
    state.random ^= state.random << 25;
    state.random ^= state.random >> 27;
    return state.random * 0x2545f4914f6cdd1d;
}

// The target gets a block of exactly `size` bytes, so that a sanitizer sees the first byte read past it.
static void run(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    state.runs++;
}

static void run_truncated(const uint8_t *data, size_t size) {
    size_t step = size / 100 + 1;
    for (size_t length = 0; length < size; length += step)
        run(data, length);
}

static size_t mutate(uint8_t *data, size_t size, size_t capacity) {
    static const char *const tokens[] = {"\"",
                                         "{",
                                         "}",
                                         "[",
                                         "]",
                                         ":",
                                         "- ",
                                         "\n",
                                         "&a ",
                                         "*a",
                                         "\\",
                                         "<",
                                         "=",
                                         "\xff",
                                         "\0",
                                         "..",
                                         "99999999999999999999"};
    for (uint64_t changes = 1 + random_next() % 4; changes; changes--) {
        size_t at = size ? random_next() % size : 0;
        switch (random_next() % 4) {
        case 0: // flip a bit
            if (size)
                data[at] ^= (uint8_t)(1u << random_next() % 8);
            break;
        case 1: // drop a byte
            if (size) {
                memmove(data + at, data + at + 1, size - at - 1);
                size--;
            }
            break;
        case 2: { // insert something with a meaning
            const char *token = tokens[random_next() % (sizeof(tokens) / sizeof(tokens[0]))];
            size_t length = *token ? strlen(token) : 1;
            if (size + length <= capacity) {
                memmove(data + at + length, data + at, size - at);
                memcpy(data + at, token, length);
                size += length;
            }
            break;
        }
        default: { // repeat a piece
            size_t length = size ? 1 + random_next() % 16 : 0;
            if (size && length <= size - at && size + length <= capacity) {
                memmove(data + at + length, data + at, size - at);
                size += length;
            }
        }
        }
    }
    return size;
}

static void run_seed(const uint8_t *data, size_t size) {
    run(data, size);
    run_truncated(data, size);
    size_t capacity = size + 256;
    uint8_t *mutated = malloc(capacity);
    if (!mutated)
        abort();
    // Large seeds get fewer mutations, so that no target takes minutes.
    size_t count = size > 16384 ? state.mutations / 10 : state.mutations;
    for (size_t i = 0; i < count; i++) {
        memcpy(mutated, data, size);
        run(mutated, mutate(mutated, size, capacity));
    }
    free(mutated);
    state.seeds++;
}

static int run_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        return 1;
    }
    struct stat status;
    int result = 1;
    uint8_t *data = NULL;
    if (fstat(fileno(file), &status) == 0 && (data = malloc((size_t)status.st_size + 1)) &&
        fread(data, 1, (size_t)status.st_size, file) == (size_t)status.st_size) {
        run_seed(data, (size_t)status.st_size);
        result = 0;
    } else {
        perror(path);
    }
    free(data);
    fclose(file);
    return result;
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

static int run_path(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0) {
        perror(path);
        return 1;
    }
    if (!S_ISDIR(status.st_mode))
        return run_file(path);
    struct dirent **entries = NULL;
    int count = scandir(path, &entries, is_visible, alphasort);
    int result = count < 0;
    for (int i = 0; i < count; i++) {
        char name[4096];
        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        result |= run_path(name);
        free(entries[i]);
    }
    free(entries);
    return result;
}

int main(int argc, char **argv) {
    const char *mutations = getenv("CNS_FUZZ_MUTATIONS");
    if (mutations)
        state.mutations = strtoul(mutations, NULL, 10);
    int result = 0;
    for (int i = 1; i < argc; i++)
        result |= run_path(argv[i]);
    if (state.seeds == 0) {
        fprintf(stderr, "%s: no seeds: a target without seeds tests nothing\n", argv[0]);
        return 1;
    }
    printf("%zu seeds, %zu inputs\n", state.seeds, state.runs);
    return result;
}
