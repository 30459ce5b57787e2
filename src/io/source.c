// SPDX-License-Identifier: Apache-2.0
#include "io/source.h"
#include "base/alloc.h"
#include "io/scheme.h"

struct source {
    struct byte_stream stream;
    struct doc_input input;
    char *name;
};

int source_open(const char *location, struct source **ret, struct error **err) {
    const struct scheme *scheme;
    int r = scheme_find(location, &scheme, err);
    if (r < 0)
        return r;
    if (!scheme->open) {
        error_set(err, ERROR_UNAVAILABLE, "%s: reading %s is not in this build yet", location, scheme->what);
        return error_hint(err, "a path, '-' (standard input) or an http:// or https:// address can be read");
    }
    struct byte_stream stream;
    r = scheme->open(location, &stream, err);
    if (r < 0)
        return r;
    struct source *source = xmalloc(sizeof *source);
    source->stream = stream;
    source->name = location_is_standard(location) ? xstrdup("-") : location_shown(location);
    source->input = (struct doc_input){.read = stream.read, .context = stream.context, .name = source->name};
    *ret = source;
    return 0;
}

const struct doc_input *source_input(const struct source *source) {
    return &source->input;
}

void source_close(struct source *source) {
    if (!source)
        return;
    if (source->stream.close)
        source->stream.close(source->stream.context);
    free(source->name);
    free(source);
}

int source_load(struct arena *arena, const char *location, const struct doc_limits *limits, const struct doc **ret,
                struct error **err) {
    _cleanup_source_ struct source *source = NULL;
    int r = source_open(location, &source, err);
    if (r < 0)
        return r;
    return doc_load(arena, source_input(source), DOC_FORMAT_AUTO, limits, ret, err);
}
