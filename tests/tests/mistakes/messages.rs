//! When messages are sent, and how.

use crate::shown;

#[test]
fn messages() {
    let cases = [
        ("default-locale = \"en\"", "default-locale = \"fr\""),
        ("from = \"21:00\"", "from = \"25:00\""),
        ("leap-day = \"02-28\"", "leap-day = \"02-30\""),
        ("[messages.birthday]", "[messages.birthdays]"),
        ("channels = [\"push\", \"sms\"]", "channels = []"),
        ("channels = [\"push\", \"sms\"]", "channels = [\"fax\"]"),
        ("useful-hours = 72", "useful-hours = 2"),
        ("useful-hours = 72", "usefull-hours = 72"),
    ];
    insta::assert_snapshot!(shown(&cases));
}
