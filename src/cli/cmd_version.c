// SPDX-License-Identifier: Apache-2.0
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/version.h"

extern const struct command command_version;

struct version_options {
    const char *format;
};

// The commit's hash and its date, separated by a space; either is "unknown" outside a Git checkout.
static const char build[] = CNS_BUILD_INFO;

static int commit_length(void) {
    return (int)strcspn(build, " ");
}

static const char *build_date(void) {
    const char *space = strchr(build, ' ');
    return space ? space + 1 : "unknown";
}

void version_add_line(struct text *out) {
    text_addf(out, "cnsctl version %s (commit: %.*s, date: %s)\n", CNS_VERSION, commit_length(), build, build_date());
}

// Nothing in here needs quoting or escaping.
static void add_json(struct text *out) {
    text_addf(out,
              "{\n  \"name\": \"cnsctl\",\n  \"version\": \"%s\",\n  \"commit\": \"%.*s\",\n  \"date\": \"%s\"\n}\n",
              CNS_VERSION, commit_length(), build, build_date());
}

// Quoted: a commit such as 1234567 or 12e4567 would be a number, a date a timestamp.
static void add_yaml(struct text *out) {
    text_addf(out, "name: cnsctl\nversion: \"%s\"\ncommit: \"%.*s\"\ndate: \"%s\"\n", CNS_VERSION, commit_length(),
              build, build_date());
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct version_options *options = invocation->options;
    _cleanup_text_ struct text text = {0};
    if (str_eq(options->format, "json"))
        add_json(&text);
    else if (str_eq(options->format, "yaml"))
        add_yaml(&text);
    else
        version_add_line(&text);
    return output_text(&text, err);
}

static const char *const formats[] = {"text", "json", "yaml", NULL};
static const struct option options_table[] = {{.name = "format",
                                               .short_name = 't',
                                               .type = OPTION_CHOICE,
                                               .offset = offsetof(struct version_options, format),
                                               .value_name = "FORMAT",
                                               .choices = formats,
                                               .default_text = "text",
                                               .help = "How to write it."},
                                              {0}};
static const struct example examples[] = {
    {"cnsctl version", "for people"}, {"cnsctl version --format json", "for programs"}, {0}};

const struct command command_version = {
    .name = "version",
    .summary = "Show the version of this program.",
    .description = "Shows the version, the commit that the program was built from and that commit's date.",
    .options = options_table,
    .options_size = sizeof(struct version_options),
    .examples = examples,
    .run = run,
};
