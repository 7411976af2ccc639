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

/// What could fail, or grow, when a message is to go; plurals of the language; and partials.
#[test]
fn what_a_text_may_not_be() {
    let title = "push-title = \"Welcome to {{ programme }}\"";
    let cases = [
        (title, "push-title = \"{% for one in name %}{{ one }}{% endfor %}\""),
        (
            title,
            "push-title = \"{% if balance == 7 %}{{ name|upper }}{% endif %}x\"",
        ),
        (title, "push-title = \"{{ balance|plural(other='points') }}\""),
        (
            title,
            "push-title = \"{{ balance|plural(one='point', few='pints', other='points') }}\"",
        ),
        (title, "push-title = \"{{ balance|money }}\""),
        (
            "push-title = \"Still in your cart: {{ amount|money }}\"",
            "push-title = \"{{ amount|number }}\"",
        ),
        (title, "push-title = \"{% include 'signature' %}\""),
        (
            "[welcome]\n",
            "[partials]\nbye = \"{% include 'later' %}\"\nlater = \"{% include 'bye' %}\"\n\n[welcome]\n",
        ),
        ("[welcome]\n", "[partials]\nbye = \"See you.\"\n\n[welcome]\n"),
    ];
    insta::assert_snapshot!(shown(&cases));
    let mut files = crate::sample();
    let french = files.texts.first().expect("texts").1.clone();
    files.texts.push(("french_ca".to_owned(), french));
    insta::assert_snapshot!(crate::told(&files));
}

/// What the voice does not say, where it has one.
#[test]
fn a_voice() {
    let welcome = "[welcome]\nsms = \"{{ programme }}: Welcome, {{ name }}! Every dollar earns you a point. Reply STOP to opt \
                   out.\"\npush-title = \"Welcome to {{ programme }}\"";
    let with = |voice: &str, sms: &str, title: &str| {
        format!("[voice]\n{voice}\n\n[welcome]\nsms = {sms}\npush-title = \"{title}\"")
    };
    let plain = "\"{{ programme }}: Welcome! Reply STOP to opt out.\"";
    let cases = [
        with(
            "emoji = \"none\"",
            "\"{{ programme }}: Welcome 🎉🎉! Reply STOP to opt out.\"",
            "Welcome",
        ),
        with(
            "emoji = { sms = \"none\", push = \"sparing\" }",
            plain,
            "🎉 Welcome {% if balance %}👩‍👩‍👧{% endif %}",
        ),
        with("avoid = [\"Welcome\", \"cheap\"]", plain, "Cheaper, {{ name }}"),
        with(
            "tone = \"warm\"",
            "{ plain = \"Reply STOP to opt out.\", formal = \"{{ nme }}\" }",
            "Welcome",
        ),
        with("persona = \"{{ name }}\"\nemoji = \"some\"", plain, "Welcome"),
    ];
    let cases = cases.each_ref().map(|case| (welcome, case.as_str()));
    insta::assert_snapshot!(shown(&cases));
    let quiet = [
        with("emoji = \"sparing\"\nmost-emoji = 2", plain, "🎉 Welcome 👍🏽"),
        with(
            "persona = \"Mia\"\nsign-off = \"Yours\"",
            "\"{{ persona }}: Welcome! {{ sign_off }}. Reply STOP to opt out.\"",
            "Hi",
        ),
    ];
    for case in quiet {
        assert_eq!(crate::told(&crate::edited(welcome, &case)), "", "{case}");
    }
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
