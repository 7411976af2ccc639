//! What messages say.

use crate::shown;

#[test]
fn texts() {
    let cases = [
        ("[welcome]\nsms = \"{{ programme }}", "[welcome]\nsms = \"{{ program }}"),
        (
            "push-title = \"+{{ points|number }}",
            "push-title = \"+{{ points|numbr }}",
        ),
        ("push-body = \"{% if campaign %}", "push-body = \"{% if %}"),
        (
            "push-body = \"{% if campaign %}{{ campaign }}. {% endif %}You now have {{ balance|number }} to spend.{% if next_reward %} {{ missing|number }} more for {{ next_reward }}.{% endif %}\"",
            "push-body = \"\"",
        ),
        (
            "push-body = \"{% if campaign %}{{ campaign }}. {% endif %}You now have {{ balance|number }} to spend.{% if next_reward %} {{ missing|number }} more for {{ next_reward }}.{% endif %}\"",
            "push-body = \"{{ name * 100000 }}\"",
        ),
    ];
    insta::assert_snapshot!(shown(&cases));
}

/// An SMS in plain letters but for a few: each of those makes it dearer. What is Chinese is meant so.
#[test]
fn dear_characters() {
    let (welcome, birthday) = ("Every dollar earns you a point.", "Happy birthday");
    let cases = [
        (welcome, "Every dollar’s worth a point."),
        (welcome, "It’s “a point” a dollar – always…"),
        (welcome, r"Every dollar\u00a0earns you a point."),
        (welcome, "Every dollar\u{a0}earns you\ta point."),
        (welcome, "Every dollar earns você a point.\u{200b}"),
        // Beside what is wrong.
        (
            "opt out.\"\npush-title = \"Welcome to {{ programme }}",
            "opt out: it’s easy.\"\npush-title = \"Welcome to {{ program }}",
        ),
        (birthday, "Happy birthday’"),
    ];
    insta::assert_snapshot!(shown(&cases));
    let quiet = [
        // A character more or less costs no part here, or has to stay.
        (welcome, "’"),
        (welcome, "Every dollar earns you a point 🎉."),
        (welcome, "每消费一美元“积一分”…"),
        // A push is not counted in parts.
        ("Good to have you here", "It’s good to have you here"),
    ];
    for (from, to) in quiet {
        assert_eq!(crate::told(&crate::edited(from, to)), "", "{to}");
    }
    let mut by_push = crate::edited(birthday, "Happy birthday’");
    let (before, rule) = by_push.main.split_once("[messages.birthday]").unwrap();
    let rule = rule.replacen("[\"push\", \"sms\"]", "[\"push\"]", 1);
    by_push.main = format!("{before}[messages.birthday]{rule}");
    assert_eq!(crate::told(&by_push), "", "no SMS goes");
}
