// SPDX-License-Identifier: Apache-2.0
// JUnit XML, as CI systems read it: a suite per phase. What was not checked, does not apply or only warns is <skipped>,
// because the format knows nothing between passed and failed.
#include "base/clock.h"
#include "model/report_format.h"

// XML 1.0 cannot hold these at all, not even as references.
static bool is_forbidden(unsigned char c) {
    return c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

static void add_escaped(struct text *out, const char *string) {
    bool is_utf8 = utf8_is_valid(string, strlen(string), NULL);
    for (const unsigned char *at = (const unsigned char *)string; *at; at++) {
        bool is_noncharacter = at[0] == 0xEF && at[1] == 0xBF && (at[2] == 0xBE || at[2] == 0xBF);
        if (is_forbidden(*at) || (*at >= 0x80 && !is_utf8) || is_noncharacter) {
            text_add(out, "\xEF\xBF\xBD");
            at += is_noncharacter ? 2 : 0;
        } else if (strchr("&<>\"\t\n\r", *at)) {
            text_addf(out, "&#%d;", *at);
        } else {
            text_add_char(out, (char)*at);
        }
    }
}

static void add_attribute(struct text *out, const char *name, const char *value) {
    text_addf(out, " %s=\"", name);
    add_escaped(out, value);
    text_add_char(out, '"');
}

static void add_line(struct text *out, const char *label, const char *value) {
    if (!value)
        return;
    text_addf(out, "%s: ", label);
    add_escaped(out, value);
    text_add_char(out, '\n');
}

static void add_details(const struct check *check, struct text *out) {
    add_line(out, "expected", check->expected);
    add_line(out, "found", check->actual);
    add_line(out, "where", check->where);
    add_line(out, "source", check->source);
    add_line(out, "what to do", check->remediation);
}

static void add_case(struct arena *arena, const struct check *check, struct text *out) {
    text_add(out, "    <testcase");
    add_attribute(out, "classname", report_phase(check));
    add_attribute(out, "name", check->id);
    text_addf(out, " time=\"%.3f\"", (double)check->duration_ns / 1e9);
    if (check->status == CHECK_PASSED) {
        text_add(out, "/>\n");
        return;
    }
    const char *element = check->status == CHECK_FAILED ? "failure" : "skipped";
    text_addf(out, ">\n      <%s", element);
    add_attribute(out, "message",
                  arena_printf(arena, "%s%s%s", check->status == CHECK_FAILED ? "" : check_status_name(check->status),
                               check->status == CHECK_FAILED ? "" : ": ", report_message(arena, check)));
    if (check->status == CHECK_FAILED)
        add_attribute(out, "type", check->cause ? check->cause : "failed");
    text_add_char(out, '>');
    add_details(check, out);
    text_addf(out, "</%s>\n    </testcase>\n", element);
}

static size_t count_between(const struct report *report, size_t start, size_t end, bool failed) {
    size_t count = 0;
    for (size_t i = start; i < end; i++)
        count += failed ? report->checks[i].status == CHECK_FAILED
                        : report->checks[i].status != CHECK_FAILED && report->checks[i].status != CHECK_PASSED;
    return count;
}

static void add_counts(const struct report *report, size_t start, size_t end, struct text *out) {
    uint64_t duration_ns = 0;
    for (size_t i = start; i < end; i++)
        duration_ns += report->checks[i].duration_ns;
    text_addf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\"", end - start,
              count_between(report, start, end, true), count_between(report, start, end, false),
              (double)duration_ns / 1e9);
}

int report_write_junit(const struct report *report, bool color _unused_, struct text *out,
                       struct error **err _unused_) {
    _cleanup_arena_ struct arena *arena = arena_new();
    char timestamp[CLOCK_TIMESTAMP_SIZE];
    text_add(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    add_attribute(out, "name", report->title ? report->title : report->kind);
    add_counts(report, 0, report->count, out);
    text_add(out, ">\n");
    for (size_t start = 0, end; start < report->count; start = end) {
        end = report_phase_end(report, start);
        text_add(out, "  <testsuite");
        add_attribute(out, "name", report_phase(&report->checks[start]));
        add_counts(report, start, end, out);
        add_attribute(out, "timestamp", clock_timestamp(report->started, timestamp));
        text_add(out, ">\n");
        for (size_t i = start; i < end; i++)
            add_case(arena, &report->checks[i], out);
        text_add(out, "  </testsuite>\n");
    }
    text_add(out, "</testsuites>\n");
    return 0;
}
