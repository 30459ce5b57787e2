// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot_header.h"
#include "base/text.h"

static int expect(const struct doc *doc, enum doc_kind kind, const char *what, struct error **err) {
    if (!doc || doc->kind == DOC_NULL || doc->kind == kind)
        return 0;
    return doc_error(err, ERROR_INVALID, doc->origin, "%s must be a %s, not a %s", what, doc_kind_name(kind),
                     doc_kind_name(doc->kind));
}

int snapshot_read_metadata(struct snapshot *snapshot, const struct doc *metadata, struct error **err) {
    int r = expect(metadata, DOC_MAP, "metadata", err);
    if (r < 0)
        return r;
    snapshot->timestamp = doc_get_text(metadata, "timestamp", NULL);
    snapshot->version = doc_get_text(metadata, "version", NULL);
    // The first releases of cnsctl wrote `source`.
    snapshot->source_node = doc_get_text(metadata, "source-node", doc_get_text(metadata, "source", NULL));
    snapshot->redaction = doc_get_text(metadata, "redaction", NULL);
    return 0;
}

static int read_status(const struct doc *collector, enum collector_status *ret, struct error **err) {
    static const char *const names[] = {
        [COLLECTOR_COLLECTED] = "collected",
        [COLLECTOR_ABSENT] = "absent",
        [COLLECTOR_FAILED] = "failed",
        [COLLECTOR_EXCLUDED] = "excluded",
    };
    const char *status = doc_get_text(collector, "status", NULL);
    for (size_t i = 0; status && i < ARRAY_SIZE(names); i++)
        if (str_eq(status, names[i])) {
            *ret = (enum collector_status)i;
            return 0;
        }
    const struct doc *at = doc_get(collector, "status");
    return doc_error(err, ERROR_INVALID, at ? at->origin : collector->origin,
                     "a collector's status must be collected, absent, failed or excluded, not '%s'",
                     status ? status : "");
}

int snapshot_read_collectors(struct snapshot *snapshot, const struct doc *collectors, struct error **err) {
    int r = expect(collectors, DOC_LIST, "collectors", err);
    if (r < 0)
        return r;
    DOC_FOREACH_ITEM(collector, collectors) {
        const char *name = doc_get_text(collector, "name", NULL);
        if (!doc_is(collector, DOC_MAP) || !name)
            return doc_error(err, ERROR_INVALID, collector->origin, "a collector must be a map with name and status");
        enum collector_status status;
        r = read_status(collector, &status, err);
        if (r < 0)
            return r;
        snapshot_add_outcome(snapshot, name, status, doc_get_text(collector, "reason", NULL), 0);
    }
    return 0;
}

int snapshot_read_redacted(struct snapshot *snapshot, const struct doc *redacted, struct error **err) {
    int r = expect(redacted, DOC_LIST, "redacted", err);
    if (r < 0)
        return r;
    DOC_FOREACH_ITEM(item, redacted) {
        const char *path = doc_get_text(item, "path", NULL), *rule = doc_get_text(item, "rule", NULL);
        if (!doc_is(item, DOC_MAP) || !path || !rule)
            return doc_error(err, ERROR_INVALID, item->origin, "a redacted reading must be a map with path and rule");
        snapshot_add_redacted(snapshot, path, rule);
    }
    return 0;
}
