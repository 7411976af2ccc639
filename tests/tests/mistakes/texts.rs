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
