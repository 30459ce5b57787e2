// SPDX-License-Identifier: Apache-2.0
#include "migrate/inventory.h"
#include "base/map.h"
#include "base/text.h"

#include <stdlib.h>

#define INVENTORY_SIZE_LIMIT ((size_t)4 * 1024 * 1024)
// Groups are looked up one after the other; inventories of this product have two.
#define GROUP_LIMIT 1000
#define VARIABLE_LIMIT 1000

enum section { SECTION_HOSTS, SECTION_CHILDREN, SECTION_VARS };

struct parser {
    struct arena *arena;
    struct inventory *inventory;
    size_t group; // index; SIZE_MAX before the first
    enum section section;
    uint32_t line;
};

static int complain(const struct parser *parser, struct error **err, const char *what) {
    return error_set(err, ERROR_INVALID, "%s:%u: %s", parser->inventory->source, parser->line, what);
}

// Grows an array of the arena by one place.
static void *grown(struct arena *arena, void *items, size_t count, size_t *capacity, size_t size) {
    if (count < *capacity)
        return items;
    size_t old = *capacity;
    *capacity = old ? old * 2 : 4;
    return arena_grow(arena, items, old * size, *capacity * size);
}

const struct inventory_group *inventory_find(const struct inventory *inventory, const char *name) {
    for (size_t i = 0; i < inventory->group_count; i++)
        if (str_eq(inventory->groups[i].name, name))
            return &inventory->groups[i];
    return NULL;
}

static int enter_group(struct parser *parser, const char *name, struct error **err) {
    struct inventory *inventory = parser->inventory;
    const struct inventory_group *known = inventory_find(inventory, name);
    if (known) {
        parser->group = (size_t)(known - inventory->groups);
        return 0;
    }
    if (inventory->group_count == GROUP_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s:%u: more than %d groups", inventory->source, parser->line, GROUP_LIMIT);
    inventory->groups = grown(parser->arena, inventory->groups, inventory->group_count, &inventory->group_capacity,
                              sizeof *inventory->groups);
    parser->group = inventory->group_count++;
    inventory->groups[parser->group] =
        (struct inventory_group){.name = arena_strdup(parser->arena, name), .line = parser->line};
    return 0;
}

// "[name]", "[name:children]", "[name:vars]", and perhaps a comment behind it.
static int parse_header(struct parser *parser, char *line, struct error **err) {
    char *end = strchr(line, ']');
    if (!end)
        return complain(parser, err, "a group is not closed with ]");
    const char *rest = str_trim(end + 1);
    if (*rest && *rest != '#' && *rest != ';')
        return complain(parser, err, "something stands behind the name of a group");
    *end = '\0';
    char *name = str_trim(line + 1), *colon = strchr(name, ':');
    parser->section = SECTION_HOSTS;
    if (colon) {
        *colon = '\0';
        const char *kind = str_trim(colon + 1);
        if (str_eq(kind, "children"))
            parser->section = SECTION_CHILDREN;
        else if (str_eq(kind, "vars"))
            parser->section = SECTION_VARS;
        else
            return complain(parser, err, "behind the colon of a group stands neither children nor vars");
        name = str_trim(name);
    }
    if (!*name)
        return complain(parser, err, "a group has no name");
    return enter_group(parser, name, err);
}

static bool is_secret_name(const char *name) {
    static const char *const words[] = {"pass", "secret", "token", "private_key", "credential"};
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (str_contains_ignore_case(name, words[i]))
            return true;
    return false;
}

static int add_variable(struct parser *parser, const char *name, struct error **err) {
    struct inventory *inventory = parser->inventory;
    for (size_t i = 0; i < inventory->variable_count; i++)
        if (str_eq(inventory->variables[i].name, name)) {
            inventory->variables[i].count++;
            return 0;
        }
    if (inventory->variable_count == VARIABLE_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s:%u: more than %d different variables", inventory->source, parser->line,
                         VARIABLE_LIMIT);
    inventory->variables = grown(parser->arena, inventory->variables, inventory->variable_count,
                                 &inventory->variable_capacity, sizeof *inventory->variables);
    inventory->variables[inventory->variable_count++] = (struct inventory_variable){
        .name = arena_strdup(parser->arena, name), .is_secret = is_secret_name(name), .line = parser->line, .count = 1};
    return 0;
}

// "[01:04]" stands for 4, "[a:d]" for 4, "[0:10:5]" for 3. 0 when it is no range.
static uint64_t count_range(const char *text) {
    char *end;
    uint64_t first, last, step = 1;
    if (text[1] >= '0' && text[1] <= '9') {
        first = strtoull(text + 1, &end, 10);
        if (*end != ':' || end[1] < '0' || end[1] > '9')
            return 0;
        last = strtoull(end + 1, &end, 10);
    } else {
        if (!text[1] || text[2] != ':' || !text[3])
            return 0;
        first = (unsigned char)text[1];
        last = (unsigned char)text[3];
        end = (char *)text + 4;
    }
    if (*end == ':')
        step = strtoull(end + 1, &end, 10);
    return *end == ']' && last >= first && step > 0 && last - first < 1000000 ? (last - first) / step + 1 : 0;
}

static uint64_t count_machines(const char *name) {
    uint64_t count = 1;
    for (const char *at = strchr(name, '['); at; at = strchr(at + 1, '[')) {
        uint64_t more = count_range(at);
        if (more && __builtin_mul_overflow(count, more, &count))
            return UINT64_MAX;
    }
    return count;
}

// Cuts the next word off: up to a blank outside quotes. Quotes are dropped, a comment ends the line.
static int next_word(struct parser *parser, char **rest, char **ret, struct error **err) {
    char *from = *rest, *to, quote = '\0';
    while (*from == ' ' || *from == '\t')
        from++;
    *ret = *from && *from != '#' && *from != ';' ? from : NULL;
    if (!*ret)
        return 0;
    for (to = from; *from && (quote || (*from != ' ' && *from != '\t')); from++) {
        if (quote ? *from == quote : (*from == '"' || *from == '\''))
            quote = quote ? '\0' : *from;
        else
            *to++ = *from;
    }
    if (quote)
        return complain(parser, err, "a quote is not closed");
    *rest = *from ? from + 1 : from;
    *to = '\0';
    return 0;
}

static int parse_host(struct parser *parser, char *line, struct error **err) {
    char *word;
    int r = next_word(parser, &line, &word, err);
    if (r == 0 && parser->group == SIZE_MAX)
        r = enter_group(parser, "ungrouped", err);
    if (r < 0 || !word)
        return r;
    struct inventory_group *group = &parser->inventory->groups[parser->group];
    group->hosts = grown(parser->arena, group->hosts, group->host_count, &group->host_capacity, sizeof *group->hosts);
    group->hosts[group->host_count++] = (struct inventory_host){
        .name = arena_strdup(parser->arena, word), .count = count_machines(word), .line = parser->line};
    for (;;) {
        r = next_word(parser, &line, &word, err);
        if (r < 0 || !word)
            return r;
        char *equals = strchr(word, '=');
        if (!equals || equals == word)
            return complain(parser, err, "behind the name of a machine stands something that is no key=value");
        *equals = '\0';
        r = add_variable(parser, word, err);
        if (r < 0)
            return r;
    }
}

static int parse_line(struct parser *parser, char *line, struct error **err) {
    line = str_trim(line);
    if (!*line || *line == '#' || *line == ';')
        return 0;
    if (*line == '[')
        return parse_header(parser, line, err);
    if (parser->section == SECTION_HOSTS)
        return parse_host(parser, line, err);
    if (parser->section == SECTION_VARS) {
        char *equals = strchr(line, '=');
        if (!equals || equals == line)
            return complain(parser, err, "a line of variables is no key=value");
        *equals = '\0';
        return add_variable(parser, str_trim(line), err);
    }
    struct inventory_group *group = &parser->inventory->groups[parser->group];
    group->children =
        grown(parser->arena, group->children, group->child_count, &group->child_capacity, sizeof *group->children);
    group->children[group->child_count++] = arena_strdup(parser->arena, line);
    return 0;
}

int inventory_parse(struct arena *arena, const char *bytes, size_t length, const char *source, struct inventory **ret,
                    struct error **err) {
    struct inventory *inventory = arena_new_object(arena, struct inventory);
    inventory->source = arena_strdup(arena, source);
    struct parser parser = {.arena = arena, .inventory = inventory, .group = SIZE_MAX};
    if (length > INVENTORY_SIZE_LIMIT)
        return error_set(err, ERROR_LIMIT, "%s: is larger than an inventory of machines may be (%zu bytes)", source,
                         INVENTORY_SIZE_LIMIT);
    if (!utf8_is_valid(bytes, length, NULL) || memchr(bytes, 0, length))
        return error_set(err, ERROR_INVALID, "%s: is no text, so it is no inventory of machines", source);
    char *copy = arena_strndup(arena, bytes, length);
    for (char *line = copy, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        parser.line++;
        int r = parse_line(&parser, line, err);
        if (r < 0)
            return r;
    }
    *ret = inventory;
    return 0;
}

struct counting {
    const struct inventory *inventory;
    struct map hosts, groups; // those that were counted
};

static uint64_t count_group(struct counting *counting, const char *name) {
    const struct inventory_group *group = inventory_find(counting->inventory, name);
    uint64_t count = 0;
    if (!group || !map_put(&counting->groups, group->name, (void *)group))
        return 0;
    for (size_t i = 0; i < group->host_count; i++)
        if (map_put(&counting->hosts, group->hosts[i].name, (void *)group) &&
            __builtin_add_overflow(count, group->hosts[i].count, &count))
            return UINT64_MAX;
    for (size_t i = 0; i < group->child_count; i++)
        if (__builtin_add_overflow(count, count_group(counting, group->children[i]), &count))
            return UINT64_MAX;
    return count;
}

uint64_t inventory_count(const struct inventory *inventory, const char *name) {
    struct counting counting = {.inventory = inventory};
    uint64_t count = count_group(&counting, name);
    map_done(&counting.hosts);
    map_done(&counting.groups);
    return count;
}

bool inventory_is_likely(const char *bytes, size_t length) {
    for (size_t i = 0; i < length;) {
        size_t start = i;
        while (i < length && bytes[i] != '\n')
            i++;
        while (start < i && (bytes[start] == ' ' || bytes[start] == '\t' || bytes[start] == '\r'))
            start++;
        bool is_nothing = start == i || bytes[start] == '#' || bytes[start] == ';';
        if (!is_nothing) {
            const char *close = memchr(bytes + start, ']', i - start);
            // A list of YAML in one line holds commas, or goes on behind the bracket.
            return bytes[start] == '[' && close && close > bytes + start + 1 &&
                   !memchr(bytes + start, ',', (size_t)(close - bytes) - start);
        }
        i++;
    }
    return false;
}
