//! What can be meant so, and hardly is.

use crate::shown;

#[test]
fn doubts() {
    let cases = [
        ("to = \"09:00\"", "to = \"21:00\""),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"day\"\npoints = 900\n[[limits]]\non = \"earn\"\nper = \"month\"\npoints = 600\n[tiers]\n",
        ),
        (
            "[tiers]\n",
            "[[limits]]\non = \"earn\"\nper = \"month\"\npoints = 20\n[tiers]\n",
        ),
        ("multiplier = \"1.5\"", "multiplier = \"1.2\""),
        ("names = { zh-CN = \"名家\" }", "names = { zh-cn = \"名家\" }"),
        (
            "names = { en = \"a song on us\", zh-CN = \"生日歌曲\" }",
            "names = { en = \"a song on us\" }",
        ),
        (
            "[prices]\n",
            "[[caps]]\nmost = 2\nper = \"week\"\nkinds = [\"welcome\"]\n[prices]\n",
        ),
        (
            "[prices]\n",
            "[[caps]]\nmost = 2\nper = { days = 7 }\nover = \"switch-channel\"\n[prices]\n",
        ),
        (
            "[prices]\n",
            "[[digests]]\nkinds = [\"welcome\"]\ncollect = { until = \"22:00\" }\n[prices]\n",
        ),
    ];
    insta::assert_snapshot!(shown(&cases));
}
