// SPDX-License-Identifier: Apache-2.0
#include "bundle/template_tree.h"

// What a body did besides writing: break and continue unwind to the nearest range.
enum flow { FLOW_NEXT, FLOW_BREAK, FLOW_CONTINUE };

struct variable {
    const char *name;
    const struct doc *value;
};

struct evaluation {
    struct arena *arena;
    const struct doc *data;
    struct text *out;
    size_t out_start, steps;
    struct variable *variables;
    size_t variable_count, variable_capacity;
};

static int evaluate_pipeline(struct evaluation *evaluation, const struct template_pipeline *pipeline,
                             const struct doc *dot, const struct doc **ret, struct error **err);
static int walk(struct evaluation *evaluation, const struct template_node *node, const struct doc *dot,
                enum flow *ret_flow, struct error **err);

static void push(struct evaluation *evaluation, const char *name, const struct doc *value) {
    if (evaluation->variable_count == evaluation->variable_capacity) {
        size_t capacity = evaluation->variable_capacity ? evaluation->variable_capacity * 2 : 16;
        evaluation->variables = arena_grow(evaluation->arena, evaluation->variables,
                                           evaluation->variable_capacity * sizeof *evaluation->variables,
                                           capacity * sizeof *evaluation->variables);
        evaluation->variable_capacity = capacity;
    }
    evaluation->variables[evaluation->variable_count++] = (struct variable){name, value};
}

static struct variable *find(struct evaluation *evaluation, const char *name) {
    for (size_t i = evaluation->variable_count; i-- > 0;)
        if (str_eq(evaluation->variables[i].name, name))
            return &evaluation->variables[i];
    return NULL;
}

// A field of nil is nil, so that a template may look into what a component does not have.
static int get_fields(const struct template_operand *operand, const struct doc *value, const struct doc **ret,
                      struct error **err) {
    for (size_t i = 0; i < operand->field_count; i++) {
        if (template_is_nil(value)) {
            value = NULL;
            break;
        }
        if (value->kind != DOC_MAP)
            return doc_error(err, ERROR_INVALID, operand->origin, "cannot read .%s of a %s", operand->fields[i],
                             template_type_name(value));
        value = doc_get(value, operand->fields[i]);
    }
    *ret = value;
    return 0;
}

// `.Capabilities` and the like would silently be nil: what Helm's scope has and ours has not is an error.
static int check_root(struct evaluation *evaluation, const struct template_operand *operand, const struct doc *base,
                      struct error **err) {
    if (base != evaluation->data || !operand->field_count || doc_get(base, operand->fields[0]))
        return 0;
    doc_error(err, ERROR_INVALID, operand->origin, "there is no .%s in a manifest template", operand->fields[0]);
    return error_hint(err, "manifests see .Values, .Release.{Name,Namespace,Service} and .Chart.{Name,Version}");
}

static int spend(struct evaluation *evaluation, size_t steps, struct doc_origin origin, struct error **err) {
    evaluation->steps += steps;
    if (evaluation->steps > TEMPLATE_STEP_LIMIT)
        return doc_error(err, ERROR_LIMIT, origin, "rendering takes more than %zu steps", TEMPLATE_STEP_LIMIT);
    return 0;
}

// Counts a value that a function made, as it will be walked: a value that is in it twice counts twice, else a few lines
// could make one that takes for ever to print.
static int weigh(struct evaluation *evaluation, const struct doc *value, unsigned depth, struct doc_origin origin,
                 struct error **err) {
    if (depth > TEMPLATE_DEPTH_LIMIT)
        return doc_error(err, ERROR_LIMIT, origin, "more than %d lists and maps inside each other",
                         TEMPLATE_DEPTH_LIMIT);
    int r = spend(evaluation, 1 + (doc_is(value, DOC_STRING) ? value->length / 16 : 0), origin, err);
    DOC_FOREACH_ITEM(item, value) {
        if (r >= 0)
            r = weigh(evaluation, item, depth + 1, origin, err);
    }
    DOC_FOREACH_MEMBER(member, value) {
        if (r >= 0)
            r = spend(evaluation, member->key_length / 16, origin, err);
        if (r >= 0)
            r = weigh(evaluation, member->value, depth + 1, origin, err);
    }
    return r;
}

static int call_function(struct evaluation *evaluation, const struct template_operand *operand,
                         const struct doc **arguments, size_t count, const struct doc **ret, struct error **err) {
    const struct template_function *function = template_function_find(operand->name);
    if (count < (size_t)function->minimum || (function->maximum >= 0 && count > (size_t)function->maximum))
        return doc_error(err, ERROR_INVALID, operand->origin, "'%s' takes %d%s arguments, here are %zu", operand->name,
                         function->minimum, function->minimum == function->maximum ? "" : " or more", count);
    struct template_call call = {.arena = evaluation->arena,
                                 .name = operand->name,
                                 .origin = operand->origin,
                                 .count = count,
                                 .arguments = arguments};
    int r = function->call(&call, ret, err);
    if (r >= 0 && (function->is_maker || doc_is(*ret, DOC_STRING)))
        r = weigh(evaluation, *ret, 0, operand->origin, err);
    return r;
}

static int evaluate_operand(struct evaluation *evaluation, const struct template_operand *operand,
                            const struct doc *dot, const struct doc **ret, struct error **err) {
    const struct doc *base = NULL;
    int r = 0;
    switch (operand->kind) {
    case OPERAND_DOT:
        base = dot;
        break;
    case OPERAND_CONSTANT:
        *ret = operand->value;
        return 0;
    case OPERAND_VARIABLE: {
        struct variable *variable = find(evaluation, operand->name);
        base = variable ? variable->value : evaluation->data; // only `$` itself is not on the stack
        break;
    }
    case OPERAND_FUNCTION:
        return call_function(evaluation, operand, NULL, 0, ret, err);
    case OPERAND_PIPELINE:
        r = evaluate_pipeline(evaluation, operand->pipeline, dot, &base, err);
        break;
    }
    if (r >= 0)
        r = check_root(evaluation, operand, base, err);
    return r < 0 ? r : get_fields(operand, base, ret, err);
}

// and, or: stop at the first operand that decides, and give it.
static int evaluate_logic(struct evaluation *evaluation, const struct template_command *command,
                          const struct doc *const *last, const struct doc *dot, const struct doc **ret,
                          struct error **err) {
    const struct template_operand *function = &command->operands[0];
    bool is_or = str_eq(function->name, "or");
    if (command->count == 1 && !last)
        return doc_error(err, ERROR_INVALID, function->origin, "'%s' needs at least one argument", function->name);
    for (size_t i = 1; i < command->count; i++) {
        int r = evaluate_operand(evaluation, &command->operands[i], dot, ret, err);
        if (r < 0 || template_is_true(*ret) == is_or)
            return r;
    }
    if (last)
        *ret = *last;
    return 0;
}

// `last` points at the value that came through the pipe, NULL for the first command.
static int evaluate_command(struct evaluation *evaluation, const struct template_command *command,
                            const struct doc *const *last, const struct doc *dot, const struct doc **ret,
                            struct error **err) {
    const struct template_operand *first = &command->operands[0];
    int r = spend(evaluation, 1, first->origin, err);
    if (r < 0)
        return r;
    if (first->kind != OPERAND_FUNCTION)
        return evaluate_operand(evaluation, first, dot, ret, err);
    if (str_eq(first->name, "and") || str_eq(first->name, "or"))
        return evaluate_logic(evaluation, command, last, dot, ret, err);
    size_t count = command->count - 1;
    const struct doc **arguments = arena_new_array(evaluation->arena, const struct doc *, count + 1);
    for (size_t i = 0; i < count; i++) {
        r = evaluate_operand(evaluation, &command->operands[i + 1], dot, &arguments[i], err);
        if (r < 0)
            return r;
    }
    if (last)
        arguments[count++] = *last;
    return call_function(evaluation, first, arguments, count, ret, err);
}

static int evaluate_pipeline(struct evaluation *evaluation, const struct template_pipeline *pipeline,
                             const struct doc *dot, const struct doc **ret, struct error **err) {
    const struct doc *value = NULL;
    for (size_t i = 0; i < pipeline->count; i++) {
        const struct doc *next = NULL;
        int r = evaluate_command(evaluation, &pipeline->commands[i], i ? &value : NULL, dot, &next, err);
        if (r < 0)
            return r;
        value = next;
    }
    *ret = value;
    return 0;
}

static void bind(struct evaluation *evaluation, const struct template_pipeline *pipeline, size_t index,
                 const struct doc *value) {
    const char *name = pipeline->variables[index];
    struct variable *existing = pipeline->is_assignment ? find(evaluation, name) : NULL;
    if (existing)
        existing->value = value;
    else
        push(evaluation, name, value);
}

static int check_output(struct evaluation *evaluation, struct doc_origin origin, struct error **err) {
    if (evaluation->out->length - evaluation->out_start > TEMPLATE_OUTPUT_LIMIT)
        return doc_error(err, ERROR_LIMIT, origin, "the result grows over %zu bytes", TEMPLATE_OUTPUT_LIMIT);
    return 0;
}

static int walk_action(struct evaluation *evaluation, const struct template_node *node, const struct doc *dot,
                       struct error **err) {
    const struct doc *value = NULL;
    int r = evaluate_pipeline(evaluation, node->pipeline, dot, &value, err);
    if (r < 0)
        return r;
    if (node->pipeline->variable_count)
        bind(evaluation, node->pipeline, 0, value);
    else if (!template_is_nil(value))
        template_print(value, evaluation->out);
    return check_output(evaluation, node->origin, err);
}

static int walk_condition(struct evaluation *evaluation, const struct template_node *node, const struct doc *dot,
                          enum flow *ret_flow, struct error **err) {
    const struct doc *value = NULL;
    int r = evaluate_pipeline(evaluation, node->pipeline, dot, &value, err);
    if (r < 0)
        return r;
    if (node->pipeline->variable_count)
        bind(evaluation, node->pipeline, 0, value);
    if (!template_is_true(value))
        return walk(evaluation, node->otherwise, dot, ret_flow, err);
    return walk(evaluation, node->body, node->kind == NODE_WITH ? value : dot, ret_flow, err);
}

static int walk_once(struct evaluation *evaluation, const struct template_node *node, const struct doc *key,
                     const struct doc *value, bool *ret_stop, struct error **err) {
    size_t mark = evaluation->variable_count;
    const struct template_pipeline *pipeline = node->pipeline;
    if (pipeline->variable_count == 2)
        bind(evaluation, pipeline, 0, key);
    if (pipeline->variable_count)
        bind(evaluation, pipeline, pipeline->variable_count - 1, value);
    enum flow flow = FLOW_NEXT;
    int r = walk(evaluation, node->body, value, &flow, err);
    evaluation->variable_count = mark;
    *ret_stop = flow == FLOW_BREAK;
    return r < 0 ? r : spend(evaluation, 1, node->origin, err);
}

static int walk_range(struct evaluation *evaluation, const struct template_node *node, const struct doc *dot,
                      enum flow *ret_flow, struct error **err) {
    const struct doc *value = NULL;
    int r = evaluate_pipeline(evaluation, node->pipeline, dot, &value, err);
    if (r < 0)
        return r;
    bool is_number = doc_is(value, DOC_INT);
    if (!template_is_nil(value) && !is_number && value->kind != DOC_LIST && value->kind != DOC_MAP)
        return doc_error(err, ERROR_INVALID, node->origin, "range cannot go over a %s", template_type_name(value));
    size_t count = is_number ? (size_t)MAX(value->integer, 0) : doc_count(value);
    if (!count)
        return walk(evaluation, node->otherwise, dot, ret_flow, err);
    const struct doc_member **members =
        doc_is(value, DOC_MAP) ? template_sorted_members(evaluation->arena, value) : NULL;
    bool stop = false;
    for (size_t i = 0; i < count && !stop && r >= 0; i++) {
        const struct doc *key =
            members ? doc_new_string(evaluation->arena, members[i]->key) : doc_new_int(evaluation->arena, (int64_t)i);
        r = walk_once(evaluation, node, key,
                      members     ? members[i]->value
                      : is_number ? key
                                  : doc_item(value, i),
                      &stop, err);
    }
    return r;
}

static int walk_node(struct evaluation *evaluation, const struct template_node *node, const struct doc *dot,
                     enum flow *ret_flow, struct error **err) {
    size_t mark = evaluation->variable_count;
    int r = 0;
    switch (node->kind) {
    case NODE_TEXT:
        text_add_bytes(evaluation->out, node->text, node->length);
        return check_output(evaluation, node->origin, err);
    case NODE_ACTION: // its variable lives on until the surrounding block ends
        return walk_action(evaluation, node, dot, err);
    case NODE_BREAK:
    case NODE_CONTINUE:
        *ret_flow = node->kind == NODE_BREAK ? FLOW_BREAK : FLOW_CONTINUE;
        return 0;
    case NODE_RANGE:
        r = walk_range(evaluation, node, dot, ret_flow, err);
        break;
    default:
        r = walk_condition(evaluation, node, dot, ret_flow, err);
    }
    evaluation->variable_count = mark;
    return r;
}

static int walk(struct evaluation *evaluation, const struct template_node *node, const struct doc *dot,
                enum flow *ret_flow, struct error **err) {
    int r = 0;
    for (; node && r >= 0 && *ret_flow == FLOW_NEXT; node = node->next)
        r = walk_node(evaluation, node, dot, ret_flow, err);
    return r;
}

int template_render(struct arena *arena, const struct template *template, const struct doc *data, struct text *out,
                    struct error **err) {
    struct evaluation evaluation = {.arena = arena, .data = data, .out = out, .out_start = out->length};
    enum flow flow = FLOW_NEXT;
    int r = walk(&evaluation, template->first, data, &flow, err);
    if (r < 0)
        text_truncate(out, evaluation.out_start);
    return r;
}
