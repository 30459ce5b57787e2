// SPDX-License-Identifier: Apache-2.0
#include "validate/tuning.h"
#include "base/text.h"
#include "model/constraint_eval.h"

#define PHASE "deployment"
// The subtype that keeps all values of kernel parameters which occur more than once.
#define REPEATED "grub-repeated"
// A value that is only looked up is judged by this, and the verdict is not used.
#define ANYTHING "!= 0"

struct proof {
    struct arena *arena;
    const struct snapshot *snapshot;
    const struct tuning *tuning;
    const struct tuning_setting *setting;
    struct check check;
};

static void settle(struct proof *proof, enum check_status status, const char *cause, const char *reason) {
    proof->check.status = status;
    proof->check.cause = cause;
    proof->check.reason = reason;
}

static const char *cause_of(enum constraint_obstacle obstacle) {
    static const char *const causes[] = {
        [OBSTACLE_NONE] = "violated",           [OBSTACLE_NAME] = "no-path",    [OBSTACLE_TYPE] = "missing-type",
        [OBSTACLE_SUBTYPE] = "missing-subtype", [OBSTACLE_KEY] = "missing-key", [OBSTACLE_REDACTED] = "redacted",
        [OBSTACLE_VALUE] = "not-comparable",
    };
    return causes[obstacle];
}

// Whether the snapshot looked where the reading would be and found none. Units of systemd are subtypes of their own,
// and only those that a machine has are there.
static bool is_known_absent(const struct constraint_verdict *verdict) {
    return verdict->obstacle == OBSTACLE_KEY ||
           (verdict->obstacle == OBSTACLE_SUBTYPE && str_eq(verdict->type, "SystemD"));
}

static bool word_holds(struct proof *proof, const struct constraint_expression *expression, const char *word) {
    struct constraint_verdict verdict = {0};
    constraint_judge(proof->arena, expression, word, NULL, &verdict);
    return verdict.outcome == CONSTRAINT_SATISFIED;
}

// A parameter such as pci= may occur more than once, and each time hold several options between commas.
static bool some_word_holds(struct proof *proof, const struct constraint_expression *expression, const char *words) {
    char *rest = arena_strdup(proof->arena, words), *word;
    while (rest && (word = strsep(&rest, " "))) {
        if (word_holds(proof, expression, word))
            return true;
        char *parts = word, *part;
        while (parts && (part = strsep(&parts, ",")))
            if (word_holds(proof, expression, part))
                return true;
    }
    return false;
}

// A second look at what does not hold as it stands: among all occurrences, and with the kernel's tabs as spaces.
static int look_again(struct proof *proof, const struct constraint_verdict *verdict, bool *ret, struct error **err) {
    const struct tuning_verify *verify = &proof->setting->verify;
    const struct reading *all = snapshot_find(proof->snapshot, "OS", REPEATED, verdict->key);
    struct constraint_expression expression;
    char *spaced = arena_strdup(proof->arena, verdict->reading->text);
    int r = constraint_expression_parse(proof->arena, verify->value, &expression, NULL, err);
    if (r < 0)
        return r;
    for (char *c = spaced; *c; c++)
        if (*c == '\t')
            *c = ' ';
    if (!verify->any_occurrence) {
        *ret = word_holds(proof, &expression, spaced);
        return 0;
    }
    *ret = some_word_holds(proof, &expression, all ? all->text : spaced);
    if (*ret && all)
        proof->check.actual = all->text;
    return 0;
}

static void judge_absent(struct proof *proof, const struct constraint_verdict *verdict) {
    const struct tuning_verify *verify = &proof->setting->verify;
    const char *why = verify->absent_why ? verify->absent_why : "it is not there";
    if (verify->expectation == TUNING_EXPECTS_ABSENT)
        settle(proof, CHECK_PASSED, NULL, NULL);
    else if (verify->expectation == TUNING_EXPECTS_PRESENT)
        settle(proof, CHECK_FAILED, "missing-key", arena_printf(proof->arena, "%s is not there", verify->reading));
    else if (verify->absence == TUNING_ABSENT_FAILS)
        settle(proof, CHECK_FAILED, "missing-key", why);
    else if (verify->absence == TUNING_ABSENT_NOT_APPLICABLE)
        settle(proof, CHECK_NOT_APPLICABLE, "missing-key", why);
    else
        settle(proof, CHECK_NOT_CHECKED, cause_of(verdict->obstacle), verdict->reason);
}

static void judge_found(struct proof *proof, const struct constraint_verdict *verdict) {
    const struct tuning_verify *verify = &proof->setting->verify;
    if (verify->expectation == TUNING_EXPECTS_PRESENT)
        settle(proof, CHECK_PASSED, NULL, NULL);
    else if (verify->expectation == TUNING_EXPECTS_ABSENT)
        settle(proof, CHECK_FAILED, "violated", arena_printf(proof->arena, "%s is there", verify->reading));
    else if (verdict->outcome == CONSTRAINT_SATISFIED)
        settle(proof, CHECK_PASSED, NULL, NULL);
    else
        settle(proof, verdict->outcome == CONSTRAINT_VIOLATED ? CHECK_FAILED : CHECK_NOT_CHECKED,
               cause_of(verdict->obstacle), verdict->reason);
}

static int judge(struct proof *proof, struct error **err) {
    const struct tuning_verify *verify = &proof->setting->verify;
    const struct constraint constraint = {.name = verify->reading,
                                          .value = verify->value ? verify->value : ANYTHING,
                                          .doc = doc_get(proof->setting->doc, "verify")};
    struct constraint_verdict verdict;
    bool holds_anyway = false;
    int r = constraint_evaluate(proof->arena, &constraint, proof->snapshot, &verdict, err);
    if (r < 0)
        return r;
    if (verdict.reading && proof->snapshot->source)
        proof->check.where = verdict.reading->line
                                 ? arena_printf(proof->arena, "%s:%u", proof->snapshot->source, verdict.reading->line)
                                 : proof->snapshot->source;
    if (verdict.reading && verdict.obstacle != OBSTACLE_REDACTED)
        proof->check.actual = verdict.reading->text;
    if (verdict.outcome == CONSTRAINT_VIOLATED && verify->value)
        r = look_again(proof, &verdict, &holds_anyway, err);
    if (holds_anyway)
        settle(proof, CHECK_PASSED, NULL, NULL);
    else if (verdict.reading)
        judge_found(proof, &verdict);
    else if (is_known_absent(&verdict))
        judge_absent(proof, &verdict);
    else
        settle(proof, CHECK_NOT_CHECKED, cause_of(verdict.obstacle), verdict.reason);
    return r;
}

static const char *remediation(const struct proof *proof) {
    for (size_t i = 0; i < proof->tuning->mechanism_count; i++)
        if (str_eq(proof->tuning->mechanisms[i].name, proof->setting->mechanism))
            return arena_printf(proof->arena, "%s%s", proof->tuning->mechanisms[i].apply,
                                proof->setting->needs_reboot ? " It takes effect after a reboot." : "");
    return NULL;
}

static const char *expectation(const struct proof *proof) {
    static const char *const words[] = {[TUNING_EXPECTS_PRESENT] = "present", [TUNING_EXPECTS_ABSENT] = "absent"};
    const struct tuning_verify *verify = &proof->setting->verify;
    if (!verify->reading)
        return proof->setting->value;
    return verify->value ? verify->value : words[verify->expectation];
}

static int prove(struct proof *proof, struct error **err) {
    const struct doc *verify = doc_get(proof->setting->doc, "verify"), *at = verify ? verify : proof->setting->doc;
    proof->check = (struct check){
        .id = arena_printf(proof->arena, "tuning/%s", proof->setting->name),
        .phase = PHASE,
        .severity = SEVERITY_ERROR,
        .expected = expectation(proof),
        .source = at->origin.source ? doc_origin_text(proof->arena, at->origin) : NULL,
    };
    int r = 0;
    if (proof->setting->verify.reading)
        r = judge(proof, err);
    else
        settle(proof, CHECK_NOT_CHECKED, "no-reading", "no reading of a snapshot tells whether it holds");
    if (proof->check.status == CHECK_FAILED || proof->check.status == CHECK_NOT_CHECKED)
        proof->check.remediation = remediation(proof);
    return r;
}

int validate_tuning(const struct recipe *recipe, const struct snapshot *snapshot, struct report *report,
                    struct error **err) {
    struct tuning tuning;
    int r = tuning_from_doc(report->arena, recipe->doc, &tuning, err);
    for (size_t i = 0; r == 0 && i < tuning.count; i++) {
        struct proof proof = {
            .arena = report->arena, .snapshot = snapshot, .tuning = &tuning, .setting = &tuning.settings[i]};
        if (!proof.setting->is_enabled)
            continue;
        r = prove(&proof, err);
        if (r == 0)
            report_add(report, &proof.check);
    }
    return r;
}
