//! What does not have the shape that it should.

use crate::{sample, shown, told};

#[test]
fn unknown() {
    let cases = [
        ("points-per-unit = \"1\"", "pointz-per-unit = \"1\""),
        ("points-per-unit = \"1\"", "points-per-unit = \"1\"\nbonus = 2"),
        ("[expiry]", "[expirey]"),
        ("zone = \"America/New_York\"", "time-zone = \"America/New_York\""),
        ("[balance]\nlowest", "[loans]\nmost = 5\n[balance]\nlowest"),
        ("lasts = { months = 12,", "lasts = { month = 12,"),
        ("valid = { months = 12 }", "valid = { year = 1 }"),
        ("useful-hours = 72", "usefull_hours = 72"),
        ("claw-back = \"within-balance\"", "claw-back = \"witin-balance\""),
        ("tier = \"Virtuoso\"", "tier = \"virtuoso\""),
    ];
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn missing() {
    let cases = [
        ("name = \"Paper Moon Records\"\n", ""),
        ("currency = \"USD\"\npoints-per-unit", "points-per-unit"),
        ("[birthday]\nat = \"10:00\"\nleap-day = \"02-28\"\n", ""),
        ("remind-at = \"10:00\"\n", ""),
        ("name = \"Collector\"\n", ""),
        ("worth = \"1.00\"\n", ""),
        ("[quiet-hours]\nfrom = \"21:00\"\n", "[quiet-hours]\n"),
        ("push-title = \"Welcome to {{ programme }}\"\n", ""),
    ];
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn of_another_kind() {
    let cases = [
        ("points-per-unit = \"1\"", "points-per-unit = 1"),
        ("window-months = 12\n", "window-months = \"12\"\n"),
        ("window-months = 12\n", "window-months = 1200\n"),
        ("stock = 200\n", "stock = -1\n"),
        ("stock = 200\n", "stock = 1.5\n"),
        ("coupons = true\n", "coupons = \"yes\"\n"),
        ("points = 20\n", "points = 20\nfrom = 1998-02-01\n"),
        ("points = 20\n", "points = 20\nfrom = \"1998-02-31\"\n"),
        ("remind-days-before = [30, 7, 1]", "remind-days-before = 30"),
        ("[[pay]]\n", "[pay]\n"),
        ("[birthday]\n", "[[birthday]]\n"),
        ("channels = [\"push\", \"sms\"]", "channels = \"push\""),
        ("names = { zh-CN = \"藏家\" }", "names = \"藏家\""),
    ];
    insta::assert_snapshot!(shown(&cases));
}

#[test]
fn many_at_once() {
    let mut files = sample();
    for (from, to) in [
        ("points-per-unit = \"1\"", "points-per-unit = 1"),
        ("reinstate-within-days = 90", "reinstate-within-days = 0"),
        ("multiplier = \"1.25\"", "multiplier = \"x\"\nlast = \"forever\""),
        ("tier-points = { Virtuoso = 45 }", "tier-points = { Virtuosa = 45 }"),
        ("hold-minutes = 30", ""),
        ("useful-hours = 48", "useful-hours = 4"),
        ("[messages.birthday]", "[messages.birthdy]"),
    ] {
        assert!(files.main.contains(from), "the sample has no {from:?}");
        files.main = files.main.replacen(from, to, 1);
    }
    let chinese = files.texts.last_mut().map(|(_, text)| text).expect("texts");
    *chinese = chinese
        .replacen("{{ name }}", "{{ nmae }}", 2)
        .replacen("[birthday]", "[birthdays]", 1);
    insta::assert_snapshot!(told(&files));
}

#[test]
fn of_an_empty_file() {
    let mut files = sample();
    files.main = String::new();
    insta::assert_snapshot!(told(&files));
}
