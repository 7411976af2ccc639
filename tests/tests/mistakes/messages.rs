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

#[test]
fn carts() {
    let cases = [
        ("left-after-hours = 4", "left-after-hours = 0"),
        ("left-after-hours = 4", "remind-after-hours = 4"),
        ("[messages.cart-left-behind]", "[messages.cart-abandoned]"),
    ];
    insta::assert_snapshot!(shown(&cases));
}

const AT_ONCE: &str = "collect = \"at-once\"\n";

#[test]
fn what_goes_as_one() {
    let digest = |kinds: &str, collect: &str| format!("{AT_ONCE}[[digests]]\nkinds = {kinds}\ncollect = {collect}\n");
    let written = [
        digest("[]", "\"at-once\""),
        digest("[\"welcome\", \"points-earned\"]", "\"at-once\""),
        digest("[\"welcome\", \"birthday\"]", "\"at-once\""),
        digest("[\"points-expiring\"]", "{ until = \"18:00\" }"),
        digest("[\"welcome\"]", "{ minutes = 2 }"),
        digest("[\"welcome\"]", "\"daily\""),
    ];
    let mut cases: Vec<(&str, &str)> = written.iter().map(|by| (AT_ONCE, by.as_str())).collect();
    cases.push(("[messages.birthday]", "[messages.birthday]\nwhen-late = \"later\""));
    cases.push(("[prices]\n", "[sending]\nlate-after-minutes = 5\n[prices]\n"));
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn wordings() {
    let one = |rest: &str| format!("[[wordings]]\nname = \"sms-2026\"\n{rest}\n");
    let wording = one("texts = { en = \"Text me.\" }");
    let cases = [
        "[[wordings]]\ntexts = { en = \"Text me.\" }\n".to_owned(),
        "[[wordings]]\nname = \"sms 2026\"\ntexts = { en = \"Text me.\" }\n".to_owned(),
        one(""),
        one("texts = { fr = \"Oui.\" }"),
        one("texts = { en = \" \" }"),
        one("texts = { en = \"Text me.\" }\nchannel = \"fax\""),
        one("texts = { en = \"Text me.\" }\nfrom = \"March\""),
        format!("{wording}{wording}"),
    ];
    let cases = cases.map(|case| format!("{case}[prices]\n"));
    let cases: Vec<(&str, &str)> = cases.iter().map(|case| ("[prices]\n", case.as_str())).collect();
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn topics() {
    let one = |rest: &str| format!("[[topics]]\nname = \"offers\"\n{rest}\n");
    let broadcast = "[[broadcasts]]\nname = \"sale\"\nat = \"2026-12-01 10:00\"\nmessage = { purpose = \"promotional\", \
                     channels = [\"sms\"], useful-hours = 24 }\n";
    let campaign = "[[campaigns]]\nname = \"spring\"\non = \"birthday\"\npoints = 5\n";
    let cases = [
        "[[topics]]\nkinds = [\"birthday\"]\n".to_owned(),
        "[[topics]]\nname = \"Our offers\"\nkinds = [\"birthday\"]\n".to_owned(),
        one(""),
        one("kinds = [\"birthdays\"]"),
        one("kinds = [\"birthday\"]\nmost = 2"),
        format!("{}{}", one("kinds = [\"birthday\"]"), one("kinds = [\"anniversary\"]")),
        format!(
            "{}[[topics]]\nname = \"dates\"\nkinds = [\"anniversary\", \"birthday\"]\n",
            one("kinds = [\"birthday\"]")
        ),
        one("kinds = [\"birthday\", \"birthday\"]"),
        format!("{campaign}{}", one("campaigns = [\"sprng\"]")),
        format!("{broadcast}{}", one("broadcasts = [\"sales\"]")),
        one("campaigns = [\"spring\"]\nbroadcasts = [\"sale\"]"),
        // What is wrong with a campaign is no reason to say that there is none.
        format!(
            "{}{}",
            campaign.replace("\"spring\"", "\"Spring!\""),
            one("campaigns = [\"spring\"]")
        ),
        format!("{campaign}{}", one("campaigns = [\"spring\"]\nkinds = [\"birthday\"]")),
        one("kinds = [\"points-earned\", \"welcome\"]"),
        one("kinds = [\"birthday\"]\nnames = { en = \"Offers\", fr = \"Offres\" }"),
    ];
    let cases = cases.map(|case| format!("{case}[prices]\n"));
    let cases: Vec<(&str, &str)> = cases.iter().map(|case| ("[prices]\n", case.as_str())).collect();
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn personalisation() {
    let cases = [
        (
            "[prices]\n",
            "[attributes]\npersonalisation = \"yes-or-no\"\n[prices]\n",
        ),
        ("[prices]\n", "[personalisation]\nnames = { en = \" \" }\n[prices]\n"),
        ("[prices]\n", "[personalisation]\n[prices]\n"),
    ];
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn rates_of_senders() {
    let cases = [
        ("[prices]\n", "[sending]\nsms-parts-per-second = 0\n[prices]\n"),
        ("[prices]\n", "[sending]\npushes-per-second = 9000\n[prices]\n"),
        (
            "[prices]\n",
            "[sending]\nsms-parts-per-second-by-country = { US = 3 }\n[prices]\n",
        ),
        (
            "[prices]\n",
            "[sending]\nsms-parts-per-second-by-country = { \"+1\" = \"3\" }\n[prices]\n",
        ),
    ];
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn the_guard() {
    let guard = |more: &str| format!("[guard]\n{more}\n[prices]\n");
    let cases = [
        guard("usual-opt-outs = \"0.5%\""),
        guard("usual-opt-outs = \"0.5%\"\nalarming-opt-outs = \"0.5%\""),
        guard("usual-opt-outs = 0.005\nalarming-opt-outs = \"2%\""),
        guard("usual-opt-outs = \"none\"\nalarming-opt-outs = \"200%\""),
        guard("usual-opt-outs = \"0.5%\"\nalarming-opt-outs = \"2%\"\nwithin-hours = 0"),
        guard("usual-opt-outs = \"0.5%\"\nalarming-opt-outs = \"2%\"\nper = \"hour\""),
    ];
    let cases: Vec<(&str, &str)> = cases.iter().map(|to| ("[prices]\n", to.as_str())).collect();
    insta::assert_snapshot!(shown(&cases));
}
