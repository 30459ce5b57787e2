// SPDX-License-Identifier: Apache-2.0
#include "cli/describe.h"
#include "cli/reference.h"

// Hyphens that are part of a name must be copied as such from the page; a control character ('.' or an apostrophe) at
// the start of a line would be an instruction.
static void add_escaped(struct text *out, const char *string) {
    bool at_start = out->length == 0 || out->bytes[out->length - 1] == '\n';
    for (const char *p = string; *p; p++) {
        if (at_start && (*p == '.' || *p == '\''))
            text_add(out, "\\&");
        if (*p == '\\')
            text_add(out, "\\e");
        else if (*p == '-')
            text_add(out, "\\-");
        else
            text_add_char(out, *p);
        at_start = *p == '\n';
    }
}

// Blank lines become paragraphs; lines that are indented in the text stay lines.
static void add_paragraphs(struct text *out, const char *string) {
    for (const char *line = string; *line;) {
        const char *end = strchrnul(line, '\n');
        _cleanup_free_ char *copy = xstrndup(line, (size_t)(end - line));
        if (!*copy) {
            text_add(out, ".PP\n");
        } else if (*copy == ' ') {
            text_add(out, ".br\n\\&");
            add_escaped(out, copy);
            text_add_char(out, '\n');
        } else {
            add_escaped(out, copy);
            text_add_char(out, '\n');
        }
        line = *end ? end + 1 : end;
    }
}

static void add_option(struct text *out, const struct option *option) {
    text_add(out, ".TP\n");
    if (option->short_name)
        text_addf(out, "\\fB\\-%c\\fR, ", option->short_name);
    text_add(out, "\\fB\\-\\-");
    add_escaped(out, option->name);
    text_add(out, "\\fR");
    if (option_takes_value(option)) {
        text_add(out, " \\fI");
        add_escaped(out, option_value_name(option));
        text_add(out, "\\fR");
    }
    text_add_char(out, '\n');
    add_paragraphs(out, option->help);
    _cleanup_text_ struct text notes = {0};
    option_add_notes(option, &notes);
    if (notes.length)
        add_paragraphs(out, text_str(&notes));
}

static void add_options(struct text *out, const char *title, const struct option *options) {
    if (!options || !options->name)
        return;
    text_addf(out, ".SH \"%s\"\n", title);
    for (; options->name; options++)
        add_option(out, options);
}

static void add_examples(struct text *out, const struct example *examples) {
    if (!examples || !examples->command)
        return;
    text_add(out, ".SH EXAMPLES\n");
    for (; examples->command; examples++) {
        text_add(out, ".TP\n");
        add_escaped(out, examples->what);
        text_add(out, "\n\\fB");
        add_escaped(out, examples->command);
        text_add(out, "\\fR\n");
    }
}

static void add_commands(struct text *out) {
    text_add(out, ".SH COMMANDS\n");
    for (const struct command *const *command = commands; *command; command++) {
        if ((*command)->is_hidden)
            continue;
        _cleanup_free_ char *name = command_page_name(*command);
        text_add(out, ".TP\n\\fBcnsctl\\-");
        add_escaped(out, name);
        text_add(out, "\\fR(1)\n");
        add_paragraphs(out, (*command)->summary);
    }
}

static void add_head(struct text *out, const char *name, const char *summary) {
    text_addf(out, ".TH \"%s\" 1 \"\" \"cnsctl %s\" \"Cloud Native Stack\"\n.SH NAME\n", name, CNS_VERSION);
    add_escaped(out, name);
    text_add(out, " \\- ");
    // One line without a full stop, as indexes of manual pages want it.
    _cleanup_free_ char *line = xstrndup(summary, strlen(summary) - (str_has_suffix(summary, ".") ? 1 : 0));
    add_escaped(out, line);
    text_add(out, "\n.SH SYNOPSIS\n");
}

void reference_add_man(const struct command *command, struct text *out) {
    _cleanup_text_ struct text usage = {0};
    if (command) {
        _cleanup_free_ char *page = command_page_name(command);
        _cleanup_free_ char *name = xasprintf("cnsctl-%s", page);
        add_head(out, name, command->summary);
        command_add_usage(command, &usage);
    } else {
        add_head(out, "cnsctl", program_summary);
        text_add(&usage, "cnsctl COMMAND [OPTIONS]");
    }
    add_escaped(out, text_str(&usage));
    text_add(out, "\n.SH DESCRIPTION\n");
    add_paragraphs(out,
                   command ? (command->description ? command->description : command->summary) : program_description);
    if (command)
        add_options(out, "OPTIONS", command->options);
    else
        add_commands(out);
    add_options(out, "GLOBAL OPTIONS", global_options);
    add_examples(out, command ? command->examples : program_examples);
    text_add(out, ".SH \"EXIT STATUS\"\n");
    add_paragraphs(out, exit_status_description);
    if (command)
        text_add(out, ".SH \"SEE ALSO\"\n\\fBcnsctl\\fR(1)\n");
}
