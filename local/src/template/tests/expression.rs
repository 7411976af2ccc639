use jiff::Timestamp;

use crate::template::expression::Expression;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The next firings after a moment, as text.
fn firings(expression: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let expression = Expression::parse(expression, zone).unwrap();
    let epoch = at("1997-01-01T00:00:30Z");
    let mut moment = at(after);
    let mut fired = Vec::new();
    while fired.len() < count {
        let Some(next) = expression.next_after(moment, epoch) else {
            break;
        };
        assert!(next > moment);
        fired.push(next.to_string());
        moment = next;
    }
    fired
}

#[test]
fn a_rate_counts_from_its_epoch() {
    let table = [
        ("rate(5 minutes)", "1997-01-01T00:00:30Z", "1997-01-01T00:05:30Z"),
        ("rate(5 minutes)", "1997-01-01T00:05:29Z", "1997-01-01T00:05:30Z"),
        ("rate(5 minutes)", "1996-12-31T00:00:00Z", "1997-01-01T00:00:30Z"),
        ("rate(1 minute)", "1998-07-01T12:00:00Z", "1998-07-01T12:00:30Z"),
        ("rate(1 hour)", "1997-01-01T02:30:00Z", "1997-01-01T03:00:30Z"),
        ("rate(2 hours)", "1997-01-01T02:30:00Z", "1997-01-01T04:00:30Z"),
        // A day is 24 hours, also where the clocks change.
        ("rate(1 day)", "1997-04-05T12:00:00Z", "1997-04-06T00:00:30Z"),
        ("rate(7 days)", "1997-01-05T00:00:00Z", "1997-01-08T00:00:30Z"),
    ];
    for (expression, after, next) in table {
        let fired = firings(expression, "America/New_York", after, 1);
        assert_eq!(fired, [next], "{expression} after {after}");
    }
}

#[test]
fn cron_fires_where_all_fields_fit() {
    let table = [
        ("cron(0 10 * * ? *)", ["2026-11-21T10:00:00Z", "2026-11-22T10:00:00Z"]),
        (
            "cron(15,45 8-9 ? * MON-FRI *)",
            ["2026-11-23T08:15:00Z", "2026-11-23T08:45:00Z"],
        ),
        ("cron(0/20 * * * ? *)", ["2026-11-21T09:40:00Z", "2026-11-21T10:00:00Z"]),
        ("cron(50/5 9 * * ? *)", ["2026-11-21T09:50:00Z", "2026-11-21T09:55:00Z"]),
        (
            "cron(1-10/4 0 * * ? *)",
            ["2026-11-22T00:01:00Z", "2026-11-22T00:05:00Z"],
        ),
        ("cron(*/30 0 1 * ? *)", ["2026-12-01T00:00:00Z", "2026-12-01T00:30:00Z"]),
        ("cron(0 0 31 * ? *)", ["2026-12-31T00:00:00Z", "2027-01-31T00:00:00Z"]),
        ("cron(0 0 L * ? *)", ["2026-11-30T00:00:00Z", "2026-12-31T00:00:00Z"]),
        ("cron(0 0 29 2 ? *)", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
        (
            "cron(0 0 1 jan,JUL ? *)",
            ["2027-01-01T00:00:00Z", "2027-07-01T00:00:00Z"],
        ),
        ("cron(0 0 ? * 1 *)", ["2026-11-22T00:00:00Z", "2026-11-29T00:00:00Z"]),
        (
            "cron(0 0 1 1 ? 2030-2040/10)",
            ["2030-01-01T00:00:00Z", "2040-01-01T00:00:00Z"],
        ),
    ];
    for (expression, next) in table {
        let fired = firings(expression, "UTC", "2026-11-21T09:30:00Z", 2);
        assert_eq!(fired, next, "{expression}");
    }
}

#[test]
fn a_cron_that_never_fits_never_fires() {
    for expression in ["cron(0 0 30 2 ? *)", "cron(0 0 1 1 ? 2020)"] {
        assert!(firings(expression, "UTC", "2026-11-21T09:30:00Z", 1).is_empty());
    }
}

#[test]
fn cron_reads_the_clocks_of_its_zone() {
    let zone = "America/New_York";
    // 2026-03-08: 02:00 to 03:00 is not there, and 02:30 is left out.
    assert_eq!(
        firings("cron(30 2 * * ? *)", zone, "2026-03-07T12:00:00Z", 2),
        ["2026-03-09T06:30:00Z", "2026-03-10T06:30:00Z"]
    );
    assert_eq!(
        firings("cron(0/30 1-3 * * ? *)", zone, "2026-03-08T06:00:00Z", 3),
        ["2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2026-03-08T07:30:00Z"]
    );
    // 2026-11-01: 01:00 to 02:00 is there twice, and 01:30 counts the first time.
    assert_eq!(
        firings("cron(30 1 * * ? *)", zone, "2026-10-31T12:00:00Z", 2),
        ["2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z"]
    );
    assert_eq!(
        firings("cron(30 1 * * ? *)", zone, "2026-11-01T06:10:00Z", 1),
        ["2026-11-02T06:30:00Z"]
    );
    assert_eq!(
        firings("cron(0/30 * * * ? *)", zone, "2026-11-01T05:00:00Z", 2),
        ["2026-11-01T05:30:00Z", "2026-11-01T07:00:00Z"]
    );
    // The day itself: 10:00 stays 10:00.
    assert_eq!(
        firings("cron(0 10 * * ? *)", zone, "2026-10-31T12:00:00Z", 2),
        ["2026-10-31T14:00:00Z", "2026-11-01T15:00:00Z"]
    );
}

#[test]
fn at_fires_once() {
    let expression = "at(2026-12-01T09:30:00)";
    assert_eq!(
        firings(expression, "Asia/Shanghai", "2026-11-21T00:00:00Z", 2),
        ["2026-12-01T01:30:00Z"]
    );
    assert!(firings(expression, "UTC", "2026-12-01T09:30:00Z", 1).is_empty());
    assert_eq!(
        firings("at(2026-11-01T01:30:00)", "America/New_York", "2026-01-01T00:00:00Z", 2),
        ["2026-11-01T05:30:00Z"]
    );
}

#[test]
fn what_is_no_expression_is_refused() {
    let table = [
        ("every(5 minutes)", "UTC", "is none of rate(5 minutes)"),
        ("5 minutes", "UTC", "is none of rate(5 minutes)"),
        ("rate(5 minutes)", "Mars/Base", "\"Mars/Base\" is not a time zone"),
        ("rate(0 minutes)", "UTC", "takes a whole number from 1"),
        ("rate(1 minutes)", "UTC", "as in rate(5 minutes), rate(1 day)"),
        ("rate(5 minute)", "UTC", "as in rate(5 minutes), rate(1 day)"),
        ("rate(10 seconds)", "UTC", "minutes, hours or days"),
        ("cron(0 10 * * *)", "UTC", "takes six fields"),
        ("cron(0 10 * * * *)", "UTC", "one of them takes ?"),
        ("cron(0 10 ? * ? *)", "UTC", "has ? for both days"),
        (
            "cron(60 10 * * ? *)",
            "UTC",
            "\"60\" is no minutes: values from 0 to 59",
        ),
        ("cron(0 10-8 * * ? *)", "UTC", "\"10-8\" is no hours"),
        ("cron(0 10 15W * ? *)", "UTC", "W is not supported"),
        ("cron(0 10 ? * 6L *)", "UTC", "L and # are not supported"),
        ("cron(0 10 ? * 3#2 *)", "UTC", "L and # are not supported"),
        ("cron(0/0 10 * * ? *)", "UTC", "\"0/0\" is no minutes"),
        (
            "cron(0 10 * FOO ? *)",
            "UTC",
            "\"FOO\" is no month: values from 1 to 12 or JAN to DEC",
        ),
        ("at(2026-12-01)", "UTC", "takes a date and time as 2026-12-01T09:30:00"),
        ("at(2026-03-08T02:30:00)", "America/New_York", "never comes"),
    ];
    for (expression, zone, part) in table {
        let problem = Expression::parse(expression, zone).unwrap_err();
        assert!(problem.contains(part), "{expression}: {problem}");
    }
}
