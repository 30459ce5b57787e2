// SPDX-License-Identifier: Apache-2.0
// The baseline of large snapshots: yaml_events FILE lets libyaml emit every event of the file and throws it away.
// Prints the number of events.
#include <stdio.h>
#include <yaml.h>

static int count_events(FILE *file, size_t *count) {
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        return -1;
    yaml_parser_set_input_file(&parser, file);
    int is_done = 0;
    while (!is_done) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            fprintf(stderr, "yaml_events: line %zu: %s\n", parser.problem_mark.line + 1, parser.problem);
            break;
        }
        is_done = event.type == YAML_STREAM_END_EVENT;
        ++*count;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return is_done ? 0 : -1;
}

int main(int argc, char **argv) {
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;
    if (!file) {
        fprintf(stderr, "usage: yaml_events FILE\n");
        return 2;
    }
    size_t count = 0;
    int r = count_events(file, &count);
    fclose(file);
    printf("%zu\n", count);
    return r < 0 ? 1 : 0;
}
