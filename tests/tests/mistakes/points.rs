//! Points: what earns them, how long they last, what limits them, what they pay.

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
        ("currency = \"USD\"", "currency = \"USD\"\nwallet = \"gifts\""),
        (
            "[expiry]",
            "[[earn]]\ncurrency = \"USD\"\npoints-per-unit = \"2\"\n[expiry]",
        ),
        ("[expiry]", "[[wallets]]\nnumber = 1\nname = \"points\"\n[expiry]"),
        (
            "[expiry]",
            "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 0\nname = \"gifts\"\n[expiry]",
        ),
        (
            "[expiry]",
            "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 16\nname = \"gifts\"\n[expiry]",
        ),
        (
            "[expiry]",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 5\n[[limits]]\nwallet = \"points\"\non = \"earn\"\nper = \"day\"\npoints = 9\n[expiry]",
        ),
        (
            "[tiers]\n",
            "[[wallets]]\nnumber = 0\nname = \"points\"\n[[wallets]]\nnumber = 1\nname = \"gifts\"\n[tiers]\nwallet = \"gifts\"\n",
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
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 0\n[tiers]\n",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"spend\"\nper = \"day\"\npoints = 9\nover = \"cap\"\n[tiers]\n",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"spend\"\nper = \"balance\"\npoints = 9\n[tiers]\n",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"fortnight\"\npoints = 9\n[tiers]\n",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 9\n[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 8\n[tiers]\n",
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
