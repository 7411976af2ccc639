//! Rewards.

use crate::shown;

#[test]
fn rewards() {
    let cases = [
        ("given = \"birthday\"", "given = \"birthday\"\npoints = 5"),
        ("stock = 200", "stock = 200\ncoupons = true"),
        ("stock = 200", "stock = 200\nremind-days-before = [7]"),
        ("remind-days-before = [14]", "remind-days-before = [60]"),
        ("Virtuoso = 45", "Virtuosa = 45"),
        ("name = \"download\"", "name = \"tote-bag\""),
        ("name = \"download\"", "name = \"Free download\""),
        ("points = 20\n", "points = -20\n"),
        (
            "points = 20\n",
            "points = 20\nfrom = \"1998-02-01\"\nthrough = \"1998-01-01\"\n",
        ),
        ("tier = \"Virtuoso\"\nper-member", "per-member"),
        ("tier = \"Virtuoso\"\nper-member", "tier = \"Listener\"\nper-member"),
        ("given = \"birthday\"\nlasts = { days = 7 }\n", "given = \"birthday\"\n"),
    ];
    insta::assert_snapshot!(shown(&cases));
}
