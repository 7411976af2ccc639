//! Tiers and sets of tiers.

use crate::shown;

#[test]
fn tiers() {
    let cases = [
        ("notify-days-before = [30]", "notify-days-before = [1]"),
        ("notify-days-before = [30]", "notify-days-before = [7, 30]"),
        ("from = 150\n", "from = 150\nsegment = \"vip\"\n"),
        ("window-months = 12\n", "window-months = 12\nbasis = \"segment\"\n"),
        ("window-months = 12\n", "window-months = 12\nbasis = \"segment\"\n"),
        (
            "[returns]\n",
            "[[tier-sets]]\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Guest\"\n[returns]\n",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nnumber = 1\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Listener\"\n[returns]\n",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nnumber = 1\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Guest\"\nmultiplier = \"2\"\n[returns]\n",
        ),
        (
            "[returns]\n",
            "[[tier-sets]]\nnumber = 9\nwindow-months = 6\nvalid = \"rolling\"\n[[tier-sets.levels]]\nname = \"Guest\"\n[returns]\n",
        ),
        ("from = 0\n", "from = 10\n"),
        ("from = 500", "from = 100"),
        ("name = \"Virtuoso\"", "name = \"Listener\""),
        ("[tiers]\n", "[tiers]\nnumber = 1\n"),
    ];
    insta::assert_snapshot!(shown(&cases));
}
