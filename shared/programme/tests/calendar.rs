//! Days by name: when they come, against dates that others published, and what can be wrong with them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::Path;

use jiff::civil::{Date, date};
use programme::{Calendar, Programme};

fn texts() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program/texts");
    let read = |locale: &str| std::fs::read_to_string(folder.join(format!("{locale}.toml"))).unwrap();
    ["en", "zh-CN"].map(|locale| (locale.to_owned(), read(locale))).to_vec()
}

/// The sample programme with more at its end.
fn with(more: &str) -> Result<Programme, Vec<programme::Mistake>> {
    let main = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../program/programme.toml");
    let main = std::fs::read_to_string(main).unwrap();
    Programme::parse(&format!("{main}\n{more}"), &texts())
}

fn calendar(days: &str) -> Calendar {
    with(&format!("[calendar]\n{days}")).unwrap().calendar
}

/// The days of a name from one date through another.
fn days(calendar: &Calendar, name: &str, from: Date, through: Date) -> Vec<String> {
    let all = std::iter::successors(calendar.next(name, from), |day| {
        calendar.next(name, day.tomorrow().unwrap())
    });
    let all: Vec<Date> = all.take_while(|day| *day <= through).collect();
    let one_by_one = from.series(jiff::Span::new().days(1));
    let one_by_one = one_by_one.take_while(|day| *day <= through);
    let contained: Vec<Date> = one_by_one.filter(|day| calendar.contains(name, *day)).collect();
    assert_eq!(all, contained, "{name}");
    all.iter().map(ToString::to_string).collect()
}

fn of_year(rule: &str, year: i16) -> Vec<String> {
    let days = days(
        &calendar(&format!("d = {rule}")),
        "d",
        date(year, 1, 1),
        date(year, 12, 31),
    );
    days.into_iter().map(|day| day[5..].to_owned()).collect()
}

#[test]
fn festivals_of_the_chinese_calendar_come_as_others_published_them() {
    let names = [
        "spring-festival",
        "lantern",
        "dragon-boat",
        "qixi",
        "mid-autumn",
        "double-ninth",
    ];
    let rules = names.map(|name| format!("{name} = {{ lunar = \"{name}\" }}\n"));
    let calendar = calendar(&rules.concat());
    let table = include_str!("festivals.txt")
        .lines()
        .filter(|line| !line.starts_with('#'));
    let mut years = 0;
    for line in table {
        let mut cells = line.split_whitespace();
        let year = cells.next().unwrap();
        for name in names {
            let expected = format!("{year}-{}", cells.next().unwrap());
            let (first, last) = (format!("{year}-01-01"), format!("{year}-12-31"));
            let found = days(&calendar, name, first.parse().unwrap(), last.parse().unwrap());
            assert_eq!(found, [expected], "{name}");
        }
        years += 1;
    }
    assert_eq!(years, 71);
}

#[test]
fn a_leap_month_repeats_no_day() {
    // Of 2033 there is an eleventh month twice: the first begins on 22 November, the leap month on 22 December.
    assert_eq!(of_year("{ lunar = \"11-01\" }", 2033), ["11-22"]);
    assert_eq!(of_year("{ lunar = \"12-01\" }", 2034), ["01-20"]);
    assert_eq!(of_year("{ lunar = \"01-01\" }", 2034), ["02-19"]);
    // Of 2025 the sixth, of 2023 the second.
    assert_eq!(of_year("{ lunar = \"06-15\" }", 2025), ["07-09"]);
    assert_eq!(of_year("{ lunar = \"02-02\" }", 2023), ["02-21"]);
}

#[test]
fn the_last_day_of_a_lunar_year_is_its_29th_or_30th() {
    for (year, eve) in [(2024, "02-09"), (2025, "01-28"), (2026, "02-16"), (2027, "02-05")] {
        assert_eq!(of_year("{ lunar = \"spring-festival\", days-before = 1 }", year), [eve]);
        assert_eq!(of_year("{ lunar = \"12-30\" }", year), [eve]);
    }
}

#[test]
fn a_day_that_a_month_lacks_is_its_last() {
    let ends = of_year("{ monthly = 31 }", 2028);
    assert_eq!(
        ends[..6],
        ["01-31", "02-29", "03-31", "04-30", "05-31", "06-30"].map(str::to_owned)
    );
    assert_eq!(of_year("{ monthly = 31 }", 2027)[1], "02-28");
    // Both are one day then.
    let both = of_year("{ monthly = [30, 31] }", 2027);
    assert_eq!(
        both[..5],
        ["01-30", "01-31", "02-28", "03-30", "03-31"].map(str::to_owned)
    );
    assert_eq!(
        of_year("{ monthly = [8, 18, 28] }", 2027)[..4],
        ["01-08", "01-18", "01-28", "02-08"].map(str::to_owned)
    );
}

#[test]
fn days_of_the_week_are_counted_in_a_month() {
    let thanksgiving = "{ month = 11, nth = 4, weekday = \"thursday\" }";
    assert_eq!(of_year(thanksgiving, 2026), ["11-26"]);
    assert_eq!(of_year(thanksgiving, 2029), ["11-22"]);
    let black_friday = "{ month = 11, nth = 4, weekday = \"thursday\", days-after = 1 }";
    assert_eq!(of_year(black_friday, 2024), ["11-29"]);
    assert_eq!(
        of_year("{ month = 5, nth = -1, weekday = \"monday\" }", 2026),
        ["05-25"]
    );
    // A fifth that a month lacks does not come.
    assert_eq!(
        of_year("{ nth = 5, weekday = \"friday\" }", 2026),
        ["01-30", "05-29", "07-31", "10-30"]
    );
    // A 29th of February that is a Monday waits for 40 years over 2100.
    let rare = calendar("d = { month = 2, nth = 5, weekday = \"monday\" }");
    assert_eq!(rare.next("d", date(2072, 2, 29)), Some(date(2072, 2, 29)));
    assert_eq!(rare.next("d", date(2072, 3, 1)), Some(date(2112, 2, 29)));
}

#[test]
fn easter_is_that_of_the_gregorian_calendar() {
    let easter = calendar("d = { easter = 0 }\nmonday = { easter = 1 }\ngood-friday = { easter = -2 }");
    for day in [
        "1990-04-15",
        "2000-04-23",
        "2008-03-23",
        "2011-04-24",
        "2019-04-21",
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2030-04-21",
        "2038-04-25",
        "2049-04-18",
        "2076-04-19",
        "2285-03-22",
    ] {
        let day: Date = day.parse().unwrap();
        assert_eq!(easter.next("d", day.first_of_year()), Some(day));
        assert!(easter.contains("monday", day.tomorrow().unwrap()));
        assert!(easter.contains("good-friday", day.checked_sub(jiff::Span::new().days(2)).unwrap()));
    }
}

#[test]
fn days_last_and_several_have_one_name() {
    assert_eq!(
        of_year("{ lunar = \"spring-festival\", days-before = 1, lasts-days = 3 }", 2027),
        ["02-05", "02-06", "02-07"]
    );
    let golden =
        "[{ yearly = \"10-01\", lasts-days = 2 }, \"2027-10-05\", { dates = [\"2027-12-24\"], lasts-days = 2 }]";
    assert_eq!(of_year(golden, 2027), ["10-01", "10-02", "10-05", "12-24", "12-25"]);
    assert_eq!(of_year(golden, 2028), ["10-01", "10-02"]);
    // Over the end of a year.
    assert_eq!(
        of_year("{ yearly = \"12-31\", lasts-days = 2 }", 2027),
        ["01-01", "12-31"]
    );
    assert_eq!(
        of_year("{ yearly = \"01-01\", days-before = 366 }", 2026),
        ["12-31"],
        "of 2028"
    );
    assert_eq!(of_year("{ weekly = [\"saturday\", \"sunday\"] }", 2027).len(), 104);
    let once = calendar("d = \"2027-03-01\"");
    assert_eq!(once.next("d", date(2027, 3, 1)), Some(date(2027, 3, 1)));
    assert_eq!(once.next("d", date(2027, 3, 2)), None);
    let both = calendar("a = { yearly = \"03-01\" }\nb = \"2027-03-01\"\nc = \"2027-03-02\"");
    assert_eq!(both.names_of(date(2027, 3, 1)).collect::<Vec<_>>(), ["a", "b"]);
    assert!(!both.contains("no-such-day", date(2027, 3, 1)));
}

/// A campaign on a purchase.
const DOUBLE: &str = "[[campaigns]]\nname = \"double\"\nmultiply = \"2\"\n";
/// One that a day sets off.
const GIFT: &str = "[[campaigns]]\nname = \"gift\"\npoints = 50\n";

#[test]
fn each_mistake_names_its_place_and_its_mend() {
    let day = |rule: &str| format!("[calendar]\nd = {rule}\n");
    let double = |more: &str| format!("[calendar]\nmember-day = {{ monthly = 18 }}\n{DOUBLE}{more}\n");
    let gift = |more: &str| format!("[calendar]\nmember-day = {{ monthly = 18 }}\n{GIFT}{more}\n");
    let from = "from = \"2027-01-01\"\n";
    let on = "on = { day = \"member-day\" }\n";
    let cases = [
        // The sample has 244 lines, and what is added begins after an empty one.
        (day("{ yearly = \"02-30\" }"), ":278:5", "no day of every year"),
        (day("{ monthly = 32 }"), ":278:5", "monthly cannot be 32; write 1 to 31"),
        (day("{ monthly = [] }"), ":278:5", "an empty list names no day"),
        (day("[]"), ":278:5", "an empty list names no day"),
        (day("{ weekly = \"saterday\" }"), ":278:5", "did you mean \"saturday\"?"),
        (
            day("{ nth = 0, weekday = \"friday\" }"),
            ":278:5",
            "write 1 for the first",
        ),
        (day("{ nth = 2 }"), ":278:5", "a weekday of a month is counted"),
        (
            day("{ lunar = \"spring-festval\" }"),
            ":278:5",
            "did you mean \"spring-festival\"?",
        ),
        (
            day("{ lunar = \"13-01\" }"),
            ":278:5",
            "month and day such as \"08-15\"",
        ),
        (day("{ easter = 300 }"), ":278:5", "write -100 to 100"),
        (
            day("{ yearly = \"01-01\", weekly = \"monday\" }"),
            ":278:5",
            "in one way",
        ),
        (day("{ lasts-days = 3 }"), ":278:5", "nothing says when it comes"),
        (
            day("{ yearly = \"01-01\", lasts-days = 0 }"),
            ":278:5",
            "write 1 to 366",
        ),
        (
            day("{ yearly = \"01-01\", last-days = 2 }"),
            ":278:25",
            "did you mean \"lasts-days\"?",
        ),
        (day("\"2027-02-30\""), ":278:5", "is no date; write year, month and day"),
        (
            day("[\"2027-02-20\", { yearli = \"01-01\" }]"),
            ":278:22",
            "did you mean \"yearly\"?",
        ),
        (day("7"), ":278:5", "a rule such as { monthly = 18 }"),
        (
            "[calendar]\n\"Member Day\" = { monthly = 18 }\n".to_owned(),
            ":278:1",
            "small letters",
        ),
        (
            double("days = \"membr-day\""),
            ":282:8",
            "there is no day \"membr-day\" under [calendar]; did you mean \"member-day\"?",
        ),
        (
            double("days = [\"member-day\", \"holiday\"]"),
            ":282:8",
            "there is no day \"holiday\"",
        ),
        (double("days = []"), ":282:8", "would run on no day"),
        (double("at = \"09:00\""), ":279:1", "write hours"),
        (
            format!("{DOUBLE}days = \"member-day\"\n"),
            ":280:8",
            "name it under [calendar], such as member-day = { monthly = 18 }",
        ),
        (gift(on), ":279:1", "write from = "),
        (
            gift(&format!("{from}on = {{ day = \"memberday\" }}")),
            ":279:1",
            "did you mean \"member-day\"?",
        ),
        (
            gift(&format!("{from}{on}hours = {{ from = \"09:00\", to = \"12:00\" }}")),
            ":279:1",
            "leave hours out",
        ),
        (
            gift(&format!(
                "{from}{on}[[campaigns]]\nname = \"other\"\npoints = 5\nat = \"12:00\"\n{from}{on}"
            )),
            ":284:1",
            "sets gift off at 10:00 and other at 12:00; write the same at",
        ),
    ];
    let failed: Vec<String> = cases
        .into_iter()
        .filter_map(|(more, place, says)| {
            let said = with(&more).err().unwrap_or_default();
            let said: String = said.iter().map(|mistake| format!("{mistake}\n")).collect();
            let right = said.contains(&format!("programme.toml{place}: ")) && said.contains(says);
            (!right).then(|| format!("{more} should say {says:?} at {place}, and said:\n{said}"))
        })
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[test]
fn a_day_that_never_comes_is_doubtful() {
    let warned = |more: &str| -> Vec<String> {
        let programme = with(&format!("[calendar]\n{more}")).unwrap();
        programme.warnings.iter().map(ToString::to_string).collect()
    };
    let singles = "d = { yearly = \"11-11\" }\n";
    let once = "d = \"2027-03-01\"\n";
    let run = |bounds: &str| format!("{DOUBLE}days = \"d\"\n{bounds}");
    assert_eq!(warned(&format!("{singles}{}", run(""))), Vec::<String>::new());
    let between = run("from = \"2027-01-01\"\nthrough = \"2027-11-10\"\n");
    let said = warned(&format!("{singles}{between}"));
    assert!(
        said[0].contains("d does not come from 2027-01-01 through 2027-11-10, in which double runs"),
        "{said:?}"
    );
    let through = run("through = \"2027-11-10\"\n");
    assert!(warned(&format!("{singles}{through}")).is_empty());
    assert_eq!(warned(&format!("{once}{}", run("from = \"2027-03-02\"\n"))).len(), 1);
    assert_eq!(warned(&format!("{once}{}", run("through = \"2027-02-28\"\n"))).len(), 1);
    let gift = format!("{GIFT}on = {{ day = \"d\" }}\nfrom = \"2027-03-02\"\n");
    assert_eq!(warned(&format!("{once}{gift}")).len(), 1);
}
