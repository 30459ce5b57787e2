// SPDX-License-Identifier: Apache-2.0
#include "model/report_writer.h"
#include "model/report_format.h"

const struct report_writer report_writers[] = {
    {.name = "text", .write = report_write_text},   {.name = "table", .write = report_write_table},
    {.name = "json", .write = report_write_json},   {.name = "yaml", .write = report_write_yaml},
    {.name = "ctrf", .write = report_write_ctrf},   {.name = "junit", .write = report_write_junit},
    {.name = "sarif", .write = report_write_sarif}, {0},
};

const struct report_writer *report_writer_find(const char *name) {
    for (const struct report_writer *writer = report_writers; writer->name; writer++)
        if (str_eq(writer->name, name))
            return writer;
    return NULL;
}
