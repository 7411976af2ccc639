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

#[test]
fn caps_and_what_messages_cost() {
    let cases = [
        ("[prices]\n", "[[caps]]\nmost = 0\nper = \"day\"\n[prices]\n"),
        ("[prices]\n", "[[caps]]\nmost = 2\nper = \"fortnight\"\n[prices]\n"),
        ("[prices]\n", "[[caps]]\nmost = 2\nper = { days = 400 }\n[prices]\n"),
        (
            "[prices]\n",
            "[[caps]]\nmost = 2\nper = \"day\"\n[[caps]]\nmost = 3\nper = \"day\"\nover = \"drop\"\n[prices]\n",
        ),
        ("[prices]\n", "[sending]\nspread-minutes = 600\n[prices]\n"),
        (
            "[prices]\n",
            "[[message-budgets]]\nper = \"month\"\nworth = \"0\"\n[[message-budgets]]\nper = \"month\"\nworth = \"9\"\n[prices]\n",
        ),
        ("[messages.birthday]", "[messages.birthday]\npriority = \"high\""),
    ];
    insta::assert_snapshot!(shown(&cases));
}
