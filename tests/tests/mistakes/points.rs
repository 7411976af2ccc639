//! Points: what earns them, how long they last, how low they go, what they pay.

use crate::shown;

#[test]
fn points() {
    let cases = [
        ("points-per-unit = \"1\"", "points-per-unit = 1.5"),
        ("points-per-unit = \"1\"", "points-per-unit = \"x\""),
        ("currency = \"USD\"", "currency = \"USX\""),
        ("claw-back = \"within-balance\"", "claw-back = \"all\""),
        ("claw-back = \"within-balance\"", "claw-back = \"unlimited\""),
        ("lowest = 0", "lowest = 5"),
        ("hold-minutes = 30", "hold-minutes = 0"),
        ("lowest = 0", "lowest = \"none\""),
        ("lowest = 0", "lowest = true"),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\npending = { days = 14, on = [\"01-01\"] }",
        ),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\npending = { on = [\"02-29\"] }",
        ),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\npending = { days = 300, round-up-to = \"quarter\" }",
        ),
        (
            "[expiry]",
            "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"2\"\n[expiry]",
        ),
        ("zone = \"America/New_York\"", "zone = \"Amerika/New_York\""),
        ("lasts = { months = 12", "lasts = { months = 0"),
        ("lasts = { months = 12, to-end-of = \"month\" }", "lasts = \"always\""),
        ("to-end-of = \"month\" }", "days = 30 }"),
        (
            "lasts = { months = 12, to-end-of = \"month\" }",
            "lasts = { through = [\"02-29\"] }",
        ),
        ("lasts = { months = 12, to-end-of = \"month\" }", "lasts = \"forever\""),
        (
            "points-per-unit = \"1\"",
            "points-per-unit = \"1\"\nlasts = { active-months = 6 }",
        ),
        (
            "points-per-unit = \"1\"\n",
            "points-per-unit = \"1\"\ntier = \"Gold\"\n",
        ),
        ("[30, 7, 1]", "[400, 7]"),
        ("[30, 7, 1]", "[1, 7]"),
        ("[[pay]]\ncurrency = \"USD\"", "[[pay]]\ncurrency = \"EUR\""),
    ];
    insta::assert_snapshot!(shown(&cases));
}
