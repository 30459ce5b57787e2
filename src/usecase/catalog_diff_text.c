// SPDX-License-Identifier: Apache-2.0
// The comparison of two catalogs for people.
#include "doc/emit.h"
#include "usecase/catalog.h"

#define COMBINATIONS_SHOWN 8

static void add_identity(const char *title, const struct doc *identity, struct text *out) {
    text_addf(out, "%s  %s  %s  %s\n", title, doc_get_text(identity, "version", "-"),
              doc_get_text(identity, "digest", "-"), doc_get_text(identity, "source", "(built in)"));
}

static void add_files(const struct doc *files, struct text *out) {
    static const char marks[] = {'+', '-', '~'};
    DOC_FOREACH_MEMBER(member, files) {
        char mark = marks[member - files->map.members];
        DOC_FOREACH_ITEM(path, member->value)
        text_addf(out, "%c %s\n", mark, doc_text(path));
    }
}

static void add_combination(const struct doc *criteria, struct text *out) {
    if (!doc_count(criteria))
        text_add(out, " any");
    DOC_FOREACH_MEMBER(member, criteria)
    text_addf(out, " %s=%s", member->key, doc_text(member->value));
    text_add_char(out, '\n');
}

static void add_value(const struct doc *value, struct text *out) {
    if (doc_is(value, DOC_STRING))
        text_add(out, doc_text(value));
    else
        doc_emit(value, EMIT_JSON_COMPACT, out);
}

static void add_change(const struct doc *change, struct text *out) {
    const struct doc *old = doc_get(change, "old"), *new = doc_get(change, "new");
    text_addf(out, "    %c %s: ", old && new ? '~' : old ? '-' : '+', doc_get_text(change, "path", ""));
    if (old)
        add_value(old, out);
    if (old && new)
        text_add(out, " -> ");
    if (new)
        add_value(new, out);
    text_add_char(out, '\n');
}

static void add_group(const struct doc *group, struct text *out) {
    const struct doc *combinations = doc_get(group, "combinations");
    text_add_char(out, '\n');
    DOC_FOREACH_ITEM(criteria, combinations)
    if (criteria_index < COMBINATIONS_SHOWN)
        add_combination(criteria, out);
    if (doc_count(combinations) > COMBINATIONS_SHOWN)
        text_addf(out, " and %zu more\n", doc_count(combinations) - COMBINATIONS_SHOWN);
    DOC_FOREACH_ITEM(change, doc_get(group, "changes"))
    add_change(change, out);
}

void catalog_diff_text(const struct doc *diff, struct text *out) {
    const struct doc *summary = doc_get(diff, "summary");
    add_identity("old", doc_get(diff, "old"), out);
    add_identity("new", doc_get(diff, "new"), out);
    add_files(doc_get(diff, "files"), out);
    DOC_FOREACH_ITEM(group, doc_get(diff, "changes"))
    add_group(group, out);
    text_addf(out, "\n%s combinations compared, %s changed\n", doc_get_text(summary, "compared", "0"),
              doc_get_text(summary, "changed", "0"));
}
