// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot_write.h"
#include "base/alloc.h"
#include "doc/emit.h"
#include "model/api_version.h"

#define WIDEST_FIELD 64

const char *collector_status_name(enum collector_status status) {
    static const char *const names[] = {
        [COLLECTOR_COLLECTED] = "collected",
        [COLLECTOR_ABSENT] = "absent",
        [COLLECTOR_FAILED] = "failed",
        [COLLECTOR_EXCLUDED] = "excluded",
    };
    return names[status];
}

// --- documents ---

// The emitter and the first error: once there is one, the rest of the calls do nothing.
struct writer {
    struct emitter *emitter;
    struct error **err;
    int result;
};

#define WRITE(writer, call)            \
    do {                               \
        if ((writer)->result == 0)     \
            (writer)->result = (call); \
    } while (0)

static void write_map_start(struct writer *writer) {
    WRITE(writer, emitter_map_start(writer->emitter, writer->err));
}

static void write_map_end(struct writer *writer) {
    WRITE(writer, emitter_map_end(writer->emitter, writer->err));
}

static void write_list_start(struct writer *writer, const char *key) {
    WRITE(writer, emitter_key(writer->emitter, key, writer->err));
    WRITE(writer, emitter_list_start(writer->emitter, writer->err));
}

static void write_list_end(struct writer *writer) {
    WRITE(writer, emitter_list_end(writer->emitter, writer->err));
}

static void write_text(struct writer *writer, const char *key, const char *text) {
    if (!text)
        return;
    WRITE(writer, emitter_key(writer->emitter, key, writer->err));
    WRITE(writer, emitter_string(writer->emitter, text, writer->err));
}

static void write_readings(struct writer *writer, const char *key, const struct reading *readings, size_t count) {
    WRITE(writer, emitter_key(writer->emitter, key, writer->err));
    write_map_start(writer);
    for (size_t i = 0; i < count; i++) {
        const struct reading *reading = &readings[i];
        WRITE(writer, emitter_key(writer->emitter, reading->key, writer->err));
        WRITE(writer, emitter_scalar(writer->emitter, reading->kind, reading->text, reading->text_length, writer->err));
    }
    write_map_end(writer);
}

static void write_metadata(struct writer *writer, const struct snapshot *snapshot) {
    write_text(writer, "kind", "Snapshot");
    write_text(writer, "apiVersion", snapshot->api_version ? snapshot->api_version : API_VERSION);
    WRITE(writer, emitter_key(writer->emitter, "metadata", writer->err));
    write_map_start(writer);
    write_text(writer, "timestamp", snapshot->timestamp);
    write_text(writer, "version", snapshot->version);
    write_text(writer, "source-node", snapshot->source_node);
    write_text(writer, "redaction", snapshot->redaction);
    write_map_end(writer);
}

static void write_measurement(struct writer *writer, const struct measurement *measurement) {
    write_map_start(writer);
    write_text(writer, "type", measurement->type);
    write_list_start(writer, "subtypes");
    for (size_t i = 0; i < measurement->count; i++) {
        const struct subtype *subtype = measurement->subtypes[i];
        write_map_start(writer);
        write_text(writer, "subtype", subtype->name);
        write_readings(writer, "data", subtype->readings, subtype->count);
        if (subtype->context_count)
            write_readings(writer, "context", subtype->context, subtype->context_count);
        write_map_end(writer);
    }
    write_list_end(writer);
    write_map_end(writer);
}

static void write_outcomes(struct writer *writer, const struct snapshot *snapshot) {
    write_list_start(writer, "collectors");
    for (size_t i = 0; i < snapshot->outcome_count; i++) {
        const struct collector_outcome *outcome = &snapshot->outcomes[i];
        write_map_start(writer);
        write_text(writer, "name", outcome->name);
        write_text(writer, "status", collector_status_name(outcome->status));
        write_text(writer, "reason", outcome->reason);
        write_map_end(writer);
    }
    write_list_end(writer);
}

static void write_redacted(struct writer *writer, const struct snapshot *snapshot) {
    write_list_start(writer, "redacted");
    for (size_t i = 0; i < snapshot->redacted_count; i++) {
        write_map_start(writer);
        write_text(writer, "path", snapshot->redacted[i].path);
        write_text(writer, "rule", snapshot->redacted[i].rule);
        write_map_end(writer);
    }
    write_list_end(writer);
}

static int append(void *context, const char *bytes, size_t length, struct error **err _unused_) {
    text_add_bytes(context, bytes, length);
    return 0;
}

static int write_document(const struct snapshot *snapshot, enum emit_format format, struct text *out,
                          struct error **err) {
    _cleanup_emitter_ struct emitter *emitter = emitter_new(format, append, out);
    struct writer writer = {.emitter = emitter, .err = err};
    write_map_start(&writer);
    write_metadata(&writer, snapshot);
    write_list_start(&writer, "measurements");
    for (size_t i = 0; i < snapshot->count; i++)
        write_measurement(&writer, &snapshot->measurements[i]);
    write_list_end(&writer);
    // Documents of others say nothing of their collectors: an empty list would claim that there were none.
    if (snapshot->outcome_count) {
        write_outcomes(&writer, snapshot);
        write_redacted(&writer, snapshot);
    }
    write_map_end(&writer);
    WRITE(&writer, emitter_finish(emitter, err));
    return writer.result;
}

// --- table ---

static void add_row(struct text *out, size_t width, const char *field, const char *value) {
    text_add(out, field);
    size_t used = utf8_width(field);
    text_add_repeat(out, ' ', (used < width ? width - used : 0) + 2);
    for (const char *p = value; *p; p++) {
        if (*p == '\n')
            text_add(out, "\\n");
        else if (*p == '\t')
            text_add_char(out, ' ');
        else if ((unsigned char)*p < ' ' || *p == 0x7F)
            text_addf(out, "\\x%02x", (unsigned char)*p);
        else
            text_add_char(out, *p);
    }
    text_add_char(out, '\n');
}

// Calls row() for every row, in order; once to measure, once to write.
static void for_each_row(const struct snapshot *snapshot,
                         void (*row)(void *context, const char *field, const char *value), void *context) {
    const struct {
        const char *field, *value;
    } metadata[] = {{"metadata.timestamp", snapshot->timestamp},
                    {"metadata.version", snapshot->version},
                    {"metadata.source-node", snapshot->source_node},
                    {"metadata.redaction", snapshot->redaction}};
    for (size_t i = 0; i < ARRAY_SIZE(metadata); i++)
        if (metadata[i].value)
            row(context, metadata[i].field, metadata[i].value);
    for (size_t i = 0; i < snapshot->outcome_count; i++) {
        const struct collector_outcome *outcome = &snapshot->outcomes[i];
        _cleanup_free_ char *field = xasprintf("collectors.%s", outcome->name);
        _cleanup_free_ char *value = xasprintf("%s%s%s", collector_status_name(outcome->status),
                                               outcome->reason ? ": " : "", outcome->reason ? outcome->reason : "");
        row(context, field, value);
    }
    for (size_t i = 0; i < snapshot->count; i++) {
        const struct measurement *measurement = &snapshot->measurements[i];
        for (size_t j = 0; j < measurement->count; j++) {
            const struct subtype *subtype = measurement->subtypes[j];
            for (size_t k = 0; k < subtype->count; k++) {
                const struct reading *reading = &subtype->readings[k];
                _cleanup_free_ char *field = xasprintf("%s.%s.%s", measurement->type, subtype->name, reading->key);
                row(context, field, reading->text);
            }
        }
    }
}

struct table {
    struct text *out;
    size_t width;
};

static void measure_row(void *context, const char *field, const char *value _unused_) {
    struct table *table = context;
    size_t width = utf8_width(field);
    if (width <= WIDEST_FIELD) // a few long ones do not push all values out of sight
        table->width = MAX(table->width, width);
}

static void write_row(void *context, const char *field, const char *value) {
    struct table *table = context;
    add_row(table->out, table->width, field, value);
}

static void write_table(const struct snapshot *snapshot, struct text *out) {
    struct table table = {.out = out, .width = strlen("FIELD")};
    for_each_row(snapshot, measure_row, &table);
    add_row(out, table.width, "FIELD", "VALUE");
    add_row(out, table.width, "-----", "-----");
    for_each_row(snapshot, write_row, &table);
}

int snapshot_write(const struct snapshot *snapshot, enum snapshot_format format, struct text *out, struct error **err) {
    if (format == SNAPSHOT_TABLE) {
        write_table(snapshot, out);
        return 0;
    }
    return write_document(snapshot, format == SNAPSHOT_JSON ? EMIT_JSON : EMIT_YAML, out, err);
}
