// SPDX-License-Identifier: Apache-2.0
#pragma once

// Commands and their options, as data. One const struct per command, in its cmd_<verb>.c; one row in commands[]
// (commands.c). The tables feed parsing, --help, completions, man pages and docs/cli.md, so none of them can drift.
//
// A command's options are bound to the members of a struct of its own:
//
//     struct validate_options { const char *recipe; bool fail_on_error; struct strvec phases; };
//     static const struct option options[] = {
//         {.name = "recipe", .short_name = 'r', .type = OPTION_STRING, .offset = offsetof(struct validate_options,
//         recipe),
//          .value_name = "FILE", .help = "Recipe to validate.", .is_required = true},
//         {0}};
//
// Parsing rules: --name value, --name=value, -x value, -xvalue; booleans take =true or =false and --no-name; one dash
// also works for long names; "--" ends options; global options may stand before or after the command. A scalar given
// twice is an error. Lists are repeatable and, with splits_commas, split at commas. `--name=` with nothing after it is
// an error unless allows_empty. Strings in a filled struct are borrowed from the command line, the environment or the
// table; lists are freed after run() returns.
//
// A new command is its cmd_<verb>.c and one row in commands.c. A command below another one is the same, with a name of
// two words: `cnsctl recipe lint` is it, `cnsctl recipe --service eks` still the other. Documents on standard output
// are written with output_write() (output.h); nothing else may write there.

#include "base/error.h"
#include "base/vec.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_BOOL,     // bool
    OPTION_STRING,   // const char *
    OPTION_CHOICE,   // const char *, one of choices
    OPTION_INT,      // int64_t, minimum to maximum
    OPTION_DURATION, // int64_t milliseconds: "30s", "5m", "1h30m", "500ms"
    OPTION_LIST,     // struct strvec
};

struct option {
    const char *name;
    char short_name;   // 0 = none
    const char *alias; // a second long name, such as "gpu" for "accelerator"
    enum option_type type;
    size_t offset;              // of the member in the command's options struct
    const char *value_name;     // "FILE", "NAME"; shown in help
    const char *help;           // one sentence or two, ending in a full stop
    const char *default_text;   // shown in help, and parsed as the value when the option is absent
    const char *environment;    // variables, separated by spaces: the first that is set and not empty gives the value
                                // when the option is absent
    const char *const *choices; // OPTION_CHOICE: NULL-ended; OPTION_LIST: checked when given
    // Words that completion offers, though others may be valid: a NULL-ended list that data gives; NULL: none.
    const char *const *(*suggestions)(void);
    int64_t minimum, maximum; // OPTION_INT, OPTION_DURATION (milliseconds); both 0: no limits
    bool is_required;
    bool splits_commas;      // OPTION_LIST
    const char *list_prefix; // OPTION_LIST: put in front of each item, so that options can share one list in the
                             // order of the command line; NULL: nothing
    bool allows_empty;
    bool completes_files; // completion offers file names
    bool completes_directories;
};

enum argument_kind { ARGUMENT_TEXT, ARGUMENT_FILE, ARGUMENT_DIRECTORY, ARGUMENT_COMMAND };

struct example {
    const char *command; // "cnsctl recipe --service eks"
    const char *what;    // one line
};

// What a command gets: its options struct, filled; what stands after the options; the global options.
struct invocation {
    void *options;
    struct strvec arguments;
    bool debug, log_json;
};

struct command {
    const char *name; // "recipe"; two words, "recipe lint", make a command below another one, whose row stands before
    const char *summary;                      // one line
    const char *description;                  // a paragraph or more; lines are wrapped for output
    const struct option *options;             // ended by a row whose name is NULL
    size_t options_size;                      // of the options struct
    const char *arguments;                    // "[FILE]" for the usage line; NULL: takes none
    int minimum_arguments, maximum_arguments; // maximum -1: any number
    enum argument_kind argument_kind;         // what completion offers
    const char *const *argument_choices;      // NULL-ended; an argument must be one of them
    const struct example *examples;           // ended by a row whose command is NULL
    // Returns the exit status (>= 0), or a negative error code with *err set, which usecase/status.c maps to one.
    int (*run)(const struct invocation *invocation, struct error **err);
    bool is_hidden;
};

// NULL-ended.
extern const struct command *const commands[];
extern const struct option global_options[];

int cli_main(int argc, char **argv);
