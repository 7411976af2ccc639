#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use std::collections::BTreeMap;

use roxmltree::{Document, Node, ParsingOptions};

use super::*;
use crate::play::summary::{MadeUp, OrderNotes};
use crate::simulate::against::{Against, Difference};
use crate::simulate::months;
use crate::simulate::report::{Aws, Messages, Month, Points, Sent, Told};

const NASTY: &str = "Tom & \"Jerry's\" <script>alert(1)</script>";

/// So many months, so many tiers; every name is one that would break a page that does not escape.
fn report(count: i32, tiers: usize, each: i64) -> Report {
    let points = Points {
        issued: each,
        spent: each / 3,
        expired: each / 5,
        returned: each / 7,
        outstanding: each,
        pending: 1,
    };
    let sent = Sent {
        messages: 12,
        parts: 14,
        most_parts: 2,
        ucs2: 3,
        cost: "0.500000".to_owned(),
    };
    let names: Vec<String> = (0..count).map(|nth| months::name(1997 * 12 + nth)).collect();
    let month = |name: &String| Month {
        name: name.clone(),
        points,
        tiers: (0..tiers).map(|nth| (format!("{NASTY} {nth}"), 3)).collect(),
        messages: sent.clone(),
    };
    let told = |name: &String| Told {
        month: name.clone(),
        kind: "welcome",
        channel: Some("sms"),
        sent: sent.clone(),
    };
    let owed = Owed {
        outstanding: each,
        lapsing: names.iter().map(|name| (name.clone(), each)).collect(),
        ..Owed::default()
    };
    Report {
        programme: NASTY.to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        from: "1996-12-31T16:00:00Z".parse().unwrap(),
        to: "1998-06-30T16:00:00Z".parse().unwrap(),
        members: 7,
        purchases: 9,
        refused: BTreeMap::from([("not-enough".to_owned(), 3)]),
        points,
        months: names.iter().map(month).collect(),
        liability: BTreeMap::from([(NASTY.to_owned(), owed)]),
        replies: crate::play::summary::Replies::default(),
        messages: Messages {
            currency: Some("USD".to_owned()),
            all: sent.clone(),
            suppressed: BTreeMap::from([("no-consent".to_owned(), 2)]),
            deferred: 1,
            merged: 0,
            waiting: 0,
            by: names.iter().map(told).collect(),
        },
        aws: Aws {
            write_units: 5,
            read_units: 6,
            cost: "0.100000".to_owned(),
            assumed: "much",
        },
    }
}

fn simulated(report: Report) -> Simulated {
    Simulated {
        report,
        against: None,
        orders: OrderNotes {
            file: NASTY.to_owned(),
            refused: 1,
            first_refused: vec![NASTY.to_owned()],
            left_out: 0,
            times_made_up: 0,
        },
        made_up: MadeUp {
            seed: 1,
            statement: NASTY.to_owned(),
        },
        cores: 1,
        seconds: 0.1,
    }
}

/// The page is read as XML, which is stricter than a browser: every tag closed, nothing unescaped.
fn read(page: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(page, options).unwrap()
}

fn by_id<'a>(page: &'a Document<'_>, id: &str) -> Option<Node<'a, 'a>> {
    page.descendants().find(|node| node.attribute("id") == Some(id))
}

/// The elements below one, by their tag or their class.
fn below<'a>(node: Node<'a, 'a>, what: &str) -> Vec<Node<'a, 'a>> {
    let is = |node: &Node<'_, '_>| match what.strip_prefix('.') {
        Some(class) => node
            .attribute("class")
            .is_some_and(|all| all.split(' ').any(|one| one == class)),
        None => node.has_tag_name(what),
    };
    node.descendants().filter(is).collect()
}

fn text(node: Node<'_, '_>) -> String {
    node.descendants()
        .filter_map(|node| if node.is_text() { node.text() } else { None })
        .collect()
}

/// Every number of a path or an attribute.
fn numbers(text: &str) -> impl Iterator<Item = f64> {
    let words = text.split(|letter: char| !(letter.is_ascii_digit() || letter == '.' || letter == '-'));
    words.filter(|word| !word.is_empty()).map(|word| word.parse().unwrap())
}

/// All that is drawn lies in the box it is drawn in.
fn lies_within(page: &Document<'_>) {
    let boxes = below(page.root(), "svg")
        .into_iter()
        .filter(|one| one.has_attribute("preserveAspectRatio"));
    for one in boxes {
        let size: Vec<f64> = numbers(one.attribute("viewBox").unwrap()).collect();
        let (wide, deep) = (size[2], size[3]);
        for rect in below(one, "rect") {
            let of = |name: &str| rect.attribute(name).map_or(0.0, |text| text.parse::<f64>().unwrap());
            let (x, y, width, height) = (of("x"), of("y"), of("width"), of("height"));
            assert!(x >= 0.0 && width > 0.0 && x + width <= wide, "{x} {width} of {wide}");
            assert!(
                y >= 0.0 && height >= 0.0 && y + height <= deep,
                "{y} {height} of {deep}"
            );
        }
        for path in below(one, "path") {
            let d = path.attribute("d").unwrap();
            assert!(numbers(d).all(|number| (0.0..=wide.max(deep)).contains(&number)), "{d}");
        }
    }
    for drawn in page.descendants().filter(Node::is_element) {
        let shares = drawn
            .attributes()
            .filter_map(|attribute| attribute.value().strip_suffix('%'));
        for share in shares {
            assert!((0.0..=100.0).contains(&share.parse::<f64>().unwrap()), "{share}");
        }
    }
}

#[test]
fn names_are_text_and_never_markup() {
    let mut simulated = simulated(report(18, 3, 4_000));
    let lost = Difference {
        member: NASTY.to_owned(),
        points: 1,
        against: 5,
        tier: NASTY.to_owned(),
        tier_against: "other".to_owned(),
    };
    simulated.against = Some(Against {
        report: report(17, 2, 5_000),
        gaining: 0,
        losing: 1,
        gain_most: Vec::new(),
        lose_most: vec![lost],
    });
    let page = page(&simulated).unwrap();
    let page = read(&page);
    assert!(below(page.root(), "script").is_empty());
    assert_eq!(text(below(page.root(), "h1")[0]), NASTY);
    assert_eq!(
        text(below(below(by_id(&page, "lose").unwrap(), "tbody")[0], "th")[0]),
        NASTY
    );
    let tiers = by_id(&page, "tiers").unwrap();
    assert!(text(below(tiers, "title")[0]).contains(NASTY));
    let says = below(tiers, ".months")[0].attribute("aria-label").unwrap();
    assert!(says.contains(NASTY), "{says}");
    assert!(by_id(&page, "gain").is_none(), "nobody gains");
    lies_within(&page);
}

#[test]
fn one_month_ten_years_and_huge_numbers_are_drawn() {
    for (months, tiers, each) in [
        (1, 1, 1),
        (120, 12, 70_000),
        (2, 5, i64::MAX / 4),
        (3, 2, 0),
        (3, 2, -50),
    ] {
        let page = page(&simulated(report(months, tiers, each))).unwrap();
        let page = read(&page);
        for chart in ["points", "outstanding", "tiers", "messages", "lapsing-1"] {
            let drawn = below(by_id(&page, chart).unwrap(), ".month").len();
            assert_eq!(drawn, usize::try_from(months).unwrap(), "{chart}");
        }
        let first = below(by_id(&page, "tiers").unwrap(), ".month")[0];
        assert_eq!(below(first, ".bar").len(), tiers);
        let head = below(by_id(&page, "tiers-table").unwrap(), "thead")[0];
        assert_eq!(below(head, "th").len(), tiers + 1);
        lies_within(&page);
    }
}

#[test]
fn an_empty_history_says_so() {
    let mut empty = report(0, 3, 0);
    empty.liability.clear();
    empty.messages.by.clear();
    let page = page(&simulated(empty)).unwrap();
    let page = read(&page);
    assert!(below(page.root(), "figure").is_empty());
    assert!(text(below(page.root(), ".empty")[0]).contains("no purchase"));
    assert!(!below(page.root(), ".tiles").is_empty());
}

#[test]
fn a_programme_without_prices_shows_no_costs() {
    let mut free = report(2, 1, 5);
    free.messages.currency = None;
    let page = page(&simulated(free)).unwrap();
    let page = read(&page);
    let words = text(page.root());
    assert!(
        !words.contains("Cost of messages") && words.contains("no [prices]"),
        "{words}"
    );
    let heads = below(by_id(&page, "kinds-table").unwrap(), "th");
    assert!(heads.into_iter().all(|head| text(head) != "Cost"));
}

#[test]
fn the_days_are_the_programme_s_own() {
    let page = page(&simulated(report(18, 1, 5))).unwrap();
    let page = read(&page);
    assert_eq!(text(below(page.root(), ".period")[0]), "1 January 1997 – 30 June 1998");
}
