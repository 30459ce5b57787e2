// SPDX-License-Identifier: Apache-2.0
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/version.h"
#include "doc/emit.h"
#include "model/embedded.h"

extern const struct command command_version;

struct version_options {
    const char *format;
};

// The commit's hash and its date, separated by a space; either is "unknown" outside a Git checkout.
static const char build[] = CNS_BUILD_INFO;

static const char *build_date(void) {
    const char *space = strchr(build, ' ');
    return space ? space + 1 : "unknown";
}

void version_add_line(struct text *out) {
    text_addf(out, "cnsctl version %s (commit: %.*s, date: %s)\n", CNS_VERSION, (int)strcspn(build, " "), build,
              build_date());
    text_addf(out, "catalog %s (%s)\n", embedded_knowledge.version ? embedded_knowledge.version : "without a version",
              embedded_knowledge.digest);
}

static const struct doc *catalog_document_of_build(struct arena *arena) {
    struct doc *doc = doc_new_map(arena);
    doc_map_set_text(arena, doc, "version", embedded_knowledge.version);
    doc_map_set_text(arena, doc, "digest", embedded_knowledge.digest);
    return doc;
}

static const struct doc *version_document(struct arena *arena) {
    struct doc *doc = doc_new_map(arena);
    doc_map_set_text(arena, doc, "name", "cnsctl");
    doc_map_set_text(arena, doc, "version", CNS_VERSION);
    doc_map_set(arena, doc, "commit", doc_new_string_bytes(arena, build, strcspn(build, " ")));
    doc_map_set_text(arena, doc, "date", build_date());
    doc_map_set(arena, doc, "catalog", catalog_document_of_build(arena));
    return doc;
}

static int run(const struct invocation *invocation, struct error **err) {
    const struct version_options *options = invocation->options;
    _cleanup_text_ struct text text = {0};
    if (str_eq(options->format, "text")) {
        version_add_line(&text);
    } else {
        _cleanup_arena_ struct arena *arena = arena_new();
        doc_emit(version_document(arena), output_format(options->format), &text);
    }
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
    .description =
        "Shows the version, the commit that the program was built from and that commit's date, and version and "
        "digest of the catalog that is built in.",
    .options = options_table,
    .options_size = sizeof(struct version_options),
    .examples = examples,
    .run = run,
};
