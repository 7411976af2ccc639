//! The HTML report of a simulation: it says what `--json` says, needs nothing beside it, and fits a phone.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use bundle_tests::{binaries, root};
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

/// A shop's year and a half: one who buys much, one who comes back once, and some who bought once.
const ORDERS: &str = "order_id,member_id,ordered_at,amount,currency
1,ann,1997-01-05T12:00:00-05:00,120.00,USD
2,ben,1997-01-20T12:00:00-05:00,40.00,USD
3,ann,1997-03-07T12:00:00-05:00,260.00,USD
4,cai,1997-06-01T12:00:00-05:00,15.00,USD
5,ann,1997-09-15T12:00:00-05:00,200.00,USD
6,ben,1998-02-02T12:00:00-05:00,700.00,USD
7,ann,1998-06-20T12:00:00-05:00,35.50,USD
8,dee,1997-02-10T12:00:00-05:00,30.00,USD
9,eva,1997-02-11T12:00:00-05:00,31.00,USD
10,fay,1997-02-12T12:00:00-05:00,32.00,USD
11,gus,1997-02-13T12:00:00-05:00,33.00,USD
12,hal,1997-02-14T12:00:00-05:00,34.00,USD
13,ida,1997-02-15T12:00:00-05:00,35.00,USD
14,jon,1997-02-16T12:00:00-05:00,36.00,USD
15,kim,1997-02-17T12:00:00-05:00,37.00,USD
";

struct Report {
    json: Value,
    page: String,
}

fn simulate(arguments: &[&str]) -> Output {
    Command::new(binaries().join("regulars"))
        .arg("simulate")
        .args(arguments)
        .current_dir(root())
        .stdin(Stdio::null())
        .output()
        .expect("regulars")
}

/// As `--json` and as `--html` in one, beside the sample's programme with one thing changed.
fn report(folder: &Path) -> Report {
    let (orders, other, html) = (
        folder.join("orders.csv"),
        folder.join("other"),
        folder.join("report.html"),
    );
    std::fs::write(&orders, ORDERS).expect("the orders");
    std::fs::create_dir(&other).expect("a folder");
    crate::command::copy(&root().join("program"), &other);
    let programme = std::fs::read_to_string(other.join("programme.toml")).expect("the programme");
    let programme = programme.replace("points-per-unit = \"1\"", "points-per-unit = \"2\"");
    std::fs::write(
        other.join("programme.toml"),
        programme.replace("from = 500", "from = 900"),
    )
    .expect("the programme");
    let [orders, other, html] = [orders, other, html].map(|path| path.display().to_string());
    let output = simulate(&["--orders", &orders, "--against", &other, "--html", &html, "--json"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Report {
        json: serde_json::from_slice(&output.stdout).expect("JSON"),
        page: std::fs::read_to_string(html).expect("the page"),
    }
}

/// The page is read as XML, which is stricter than a browser.
fn read(page: &str) -> Document<'_> {
    let options = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    Document::parse_with_options(page, options).expect("a page whose every tag is closed")
}

fn text(node: Node<'_, '_>) -> String {
    let texts = node.descendants().filter(Node::is_text).filter_map(|node| node.text());
    texts.collect::<String>().trim().to_owned()
}

/// The cells of a table, row by row, its head left out.
fn cells(page: &Document<'_>, id: &str) -> Vec<Vec<String>> {
    let table = page.descendants().find(|node| node.attribute("id") == Some(id));
    let table = table.unwrap_or_else(|| panic!("there is no table {id}"));
    let rows = table.descendants().filter(|node| node.has_tag_name("tr"));
    let rows = rows.filter(|row| !row.parent().is_some_and(|parent| parent.has_tag_name("thead")));
    let row = |row: Node<'_, '_>| row.children().filter(Node::is_element).map(text).collect();
    rows.map(row).collect()
}

/// A count as it stands in the page.
fn count(value: &Value) -> String {
    let number = value.as_i64().expect("a count");
    let digits: Vec<char> = number.unsigned_abs().to_string().chars().collect();
    let groups: Vec<String> = digits.rchunks(3).rev().map(|group| group.iter().collect()).collect();
    format!("{}{}", if number < 0 { "-" } else { "" }, groups.join(","))
}

/// A decimal as it stands in the page, with its currency.
fn cost(value: &Value) -> String {
    let cost: f64 = value.as_str().expect("a decimal").parse().expect("a decimal");
    format!("USD {cost:.2}")
}

fn counts(of: &Value, names: &[&str]) -> Vec<String> {
    names.iter().map(|name| count(&of[*name])).collect()
}

fn months(report: &Value) -> &Vec<Value> {
    report["months"].as_array().expect("months")
}

#[test]
fn the_page_says_what_json_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let Report { json, page } = report(folder.path());
    let page = read(&page);
    assert_eq!(months(&json).len(), 18);

    let below = |id: &str| {
        cells(&page, id)
            .into_iter()
            .map(|row| row[1..].to_vec())
            .collect::<Vec<_>>()
    };
    let flows = ["issued", "returned", "spent", "expired"];
    let mut points: Vec<_> = months(&json)
        .iter()
        .map(|month| counts(&month["points"], &flows))
        .collect();
    points.push(counts(&json["points"], &flows));
    assert_eq!(below("points-table"), points);
    let stock = ["outstanding", "pending"];
    let outstanding: Vec<_> = months(&json)
        .iter()
        .map(|month| counts(&month["points"], &stock))
        .collect();
    assert_eq!(below("outstanding-table"), outstanding);
    let tiers = |month: &Value| -> Vec<String> {
        let tiers = month["tiers"].as_array().expect("tiers");
        tiers.iter().map(|tier| count(&tier[1])).collect()
    };
    assert_eq!(
        below("tiers-table"),
        months(&json).iter().map(tiers).collect::<Vec<_>>()
    );

    for (row, month) in cells(&page, "messages-table").iter().zip(months(&json)) {
        let sent = &month["messages"];
        assert_eq!(
            [&row[1], &row[3], &row[5]],
            [&count(&sent["messages"]), &count(&sent["parts"]), &cost(&sent["cost"])]
        );
    }
    let told = json["messages"]["by"].as_array().expect("messages");
    for row in cells(&page, "kinds-table") {
        let kind = row[0].to_lowercase().replace(' ', "-");
        let of = |channel: &Value, what: &str| -> Value {
            let of = told
                .iter()
                .filter(|told| told["kind"] == *kind && told["channel"] == *channel);
            of.map(|told| told[what].as_i64().expect("a count")).sum::<i64>().into()
        };
        let (sms, push, none) = (Value::from("sms"), Value::from("push"), Value::Null);
        let all = [
            of(&sms, "messages"),
            of(&sms, "parts"),
            of(&push, "messages"),
            of(&none, "messages"),
        ];
        assert_eq!(row[2..6], all.map(|number| count(&number)), "{kind}");
    }

    let owed = &json["liability"]["points"];
    let names = ["members", "outstanding", "reserved", "pending", "owed"];
    assert_eq!(below("owed-1").concat(), counts(owed, &names));
    let lapsing: Vec<String> = owed["lapsing"]
        .as_object()
        .expect("months")
        .values()
        .map(count)
        .collect();
    assert_eq!(below("lapsing-1-table").concat(), lapsing);
    let mut suppressed: Vec<_> = json["messages"]["suppressed"]
        .as_object()
        .expect("reasons")
        .iter()
        .collect();
    suppressed.sort_by_key(|(_, count)| std::cmp::Reverse(count.as_u64()));
    let told: Vec<_> = cells(&page, "suppressed").iter().map(|row| row[2].clone()).collect();
    assert_eq!(
        told,
        suppressed
            .into_iter()
            .map(|(_, number)| count(number))
            .collect::<Vec<_>>()
    );

    let (other, sums) = (&json["against"]["report"], cells(&page, "sums"));
    for (name, path) in [
        ("Points issued", "/points/issued"),
        ("Points outstanding", "/points/outstanding"),
        ("Messages sent", "/messages/all/messages"),
        ("SMS parts", "/messages/all/parts"),
    ] {
        let row = sums.iter().find(|row| row[0] == name).expect("the sum");
        let both = [&json, other].map(|report| count(report.pointer(path).expect("the sum")));
        assert_eq!(row[1..3], both, "{name}");
    }
    let cost_of = sums.iter().find(|row| row[0] == "Cost of messages").expect("the cost");
    assert_eq!(
        cost_of[1..3],
        [&json, other].map(|report| cost(&report["messages"]["all"]["cost"]))
    );
    let lose = json["against"]["lose_most"].as_array().expect("members");
    assert!(!lose.is_empty());
    for (row, member) in cells(&page, "lose").iter().zip(lose) {
        assert_eq!(row[0], member["member"].as_str().expect("a member"));
        assert_eq!(row[1..3], counts(member, &["points", "against"]));
    }

    // What is said to who points at a month.
    let chart = page
        .descendants()
        .find(|node| node.attribute("id") == Some("points"))
        .expect("the chart");
    let titles: Vec<String> = chart
        .descendants()
        .filter(|node| node.has_tag_name("title"))
        .map(text)
        .collect();
    let first = &months(&json)[0]["points"];
    let says = format!(
        "January 1997\nIssued: {}\nSpent: {}\nLapsed: {}\nReturned: {}",
        count(&first["issued"]),
        count(&first["spent"]),
        count(&first["expired"]),
        count(&first["returned"])
    );
    assert_eq!(titles[0], says);
}

#[test]
fn the_page_needs_nothing_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let page = report(folder.path()).page;
    for part in ["<script", "@import", "url(", " src=", "<iframe", "<object"] {
        assert!(!page.contains(part), "{part}");
    }
    assert!(page.contains("default-src 'none'"));
    // The mark's name space is the only address, and an icon of the page itself the only link.
    assert_eq!(page.matches("://").count(), 1);
    let read = read(&page);
    let links = read
        .descendants()
        .flat_map(|node| node.attributes().filter(|one| one.name() == "href"));
    let links: Vec<&str> = links.map(|link| link.value()).collect();
    assert!(
        matches!(links[..], [icon] if icon.starts_with("data:image/svg+xml,")),
        "{links:?}"
    );
}

#[test]
fn a_page_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let orders = folder.path().join("orders.csv");
    std::fs::write(&orders, ORDERS).expect("the orders");
    let page = folder.path().join("no-such").join("report.html").display().to_string();
    let output = simulate(&["--orders", &orders.display().to_string(), "--html", &page]);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&page) && said.contains("a folder that exists"), "{said}");
}

/// Tells the frame around it how wide the page is, in which colours it is drawn, and which labels lie over each other.
const MEASURE: &str = "<script>addEventListener('load', () => {
  const root = document.documentElement;
  const crowded = [...document.querySelectorAll('.months')].filter(chart => {
    const boxes = [...chart.querySelectorAll('text')].map(text => text.getBoundingClientRect()).filter(box => box.width);
    return boxes.some((one, nth) => boxes.slice(nth + 1).some(other =>
      one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom));
  }).length;
  const bars = [...document.querySelectorAll('.bar')].filter(bar => bar.getBoundingClientRect().width > 0.5).length;
  parent.postMessage(`width ${root.scrollWidth} of ${innerWidth}, dark ${matchMedia('(prefers-color-scheme: dark)').matches},`
    + ` ground ${getComputedStyle(document.body).backgroundColor}, crowded ${crowded}, bars ${bars > 20}`, '*');
});</script>";

#[test]
fn the_page_fits_a_phone_and_a_desk_in_a_real_browser() {
    let Some(browser) = crate::command::browser() else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let page = report(folder.path()).page;
    // Measured by a script, which the page itself would not let run.
    let open = page.replacen("http-equiv=\"Content-Security-Policy\"", "name=\"none\"", 1);
    assert_ne!(open, page);
    let open = open.replacen("</body>", &format!("{MEASURE}</body>"), 1);
    std::fs::write(folder.path().join("open.html"), open).expect("the page");
    for (scheme, dark, ground) in [(0, true, "rgb(20, 19, 22)"), (1, false, "rgb(247, 245, 241)")] {
        for width in [320, 390, 1280] {
            // A frame can be as narrow as a phone, a window cannot.
            let frame = format!(
                "<!DOCTYPE html><p id=\"said\"></p><iframe src=\"open.html\" style=\"border:0;width:{width}px;height:800px\"></iframe>\
                 <script>addEventListener('message', said => document.getElementById('said').textContent = said.data)</script>"
            );
            let frame_path = folder.path().join("frame.html");
            std::fs::write(&frame_path, frame).expect("the frame");
            let dom = crate::command::dom(
                browser,
                folder.path(),
                &format!("file://{}", frame_path.display()),
                &[
                    &format!("--blink-settings=preferredColorScheme={scheme}"),
                    "--window-size=1400,900",
                ],
            );
            let said = dom
                .split("id=\"said\">")
                .nth(1)
                .and_then(|rest| rest.split('<').next())
                .unwrap_or_default();
            let (wide, rest) = said.split_once(" of ").expect(&dom);
            let wide: i32 = wide.trim_start_matches("width ").parse().expect("a width");
            assert!((1..=width).contains(&wide), "at {width} the page is as wide as {wide}");
            let inner = format!("{width}, dark {dark}, ground {ground}, crowded 0, bars true");
            assert_eq!(rest, inner, "at {width}");
        }
    }
}
