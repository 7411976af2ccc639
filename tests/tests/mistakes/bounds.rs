//! Limits on points, and the wallets they are in.

use crate::shown;

#[test]
fn bounds() {
    let cases = [
        ("currency = \"USD\"", "currency = \"USD\"\nwallet = \"gifts\""),
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
    ];
    insta::assert_snapshot!(shown(&cases));
}
