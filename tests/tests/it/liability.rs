//! `regulars liability`: what is owed in each wallet ties to the accounts, by month, by day and up to a day.

use std::path::{Path, PathBuf};

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use bundle_tests::{Line, Start, sample_with};
use programme::WalletId;
use serde_json::{Value, json};

use crate::audit::regulars;

const RATE: &str = "points-per-unit = \"1\"\n";
/// Points that wait two weeks, and others that only count and last for ever.
const TWO_WALLETS: &str = "points-per-unit = \"1\"
pending = { days = 14 }

[[earn]]
currency = \"USD\"
points-per-unit = \"2\"
wallet = \"status\"

[[wallets]]
number = 0
name = \"points\"

[[wallets]]
number = 1
name = \"status\"
names = { en = \"Status points\" }
spendable = false
lasts = \"forever\"
";

const BY_MONTH: &str = "\
Paper Moon Records  2026-04-02 11:00

Wallet points
  Members with points          2
  Outstanding                138  can be spent
  Reserved                    20
  Pending                     10
  Owed by members              0

points by month          lapsing  unlocking
  2026-04                      0         10
  2027-03                    105          0
  2027-04                     33          0
  ─────────────────────────────────────────
  all                        138         10

Wallet status, Status points
  Members with points                2
  Outstanding                      336  only counts
  Reserved                           0
  Pending                            0
  Owed by members                    0

status by month          lapsing  unlocking
  never                      336          0
  ─────────────────────────────────────────
  all                        336          0
";

fn programme(folder: &Path) -> PathBuf {
    sample_with(folder, RATE, TWO_WALLETS)
}

/// Two members: one has points of two months and some that wait, the other a reservation of the first.
async fn live(line: &Line) {
    let act = async |kind: &str, mut detail: Value| {
        detail["at"] = json!(line.bundle.now());
        line.put(kind, detail).await;
        line.settle().await;
    };
    for id in ["01", "02"] {
        line.sign_up(id).await;
    }
    line.purchase("01", "a", "40.00").await;
    act("release", json!({"member": "01", "order": "a"})).await;
    line.purchase("01", "b", "25.00").await;
    line.purchase("02", "c", "60.00").await;
    line.advance(24 * 31).await;
    line.purchase("01", "d", "10.00").await;
    line.purchase("02", "e", "33.00").await;
    act("release", json!({"member": "02", "order": "e"})).await;
    act("reserve", json!({"member": "02", "reservation": "t-1", "points": 20})).await;
    assert_eq!(line.refused().await, []);
}

/// A run that was kept, and its programme.
async fn kept(folder: &Path) -> (PathBuf, String) {
    let (data, program) = (folder.join("run"), programme(folder));
    let start = Start {
        data: Some(data.clone()),
        program: Some(program.clone()),
        ..Start::default()
    };
    let line = start.line().await;
    live(&line).await;
    let now = line.bundle.now();
    let mut balances = 0;
    for id in ["01", "02"] {
        balances += line
            .account(id)
            .await
            .balance(WalletId::MAIN, &line.programme, now)
            .get();
    }
    assert_eq!(balances, 138);
    line.bundle.checkpoint(&json!({})).await.expect("a checkpoint");
    line.bundle.shutdown().await;
    (data, program.display().to_string())
}

/// When, and how many points lapse and unlock.
type Row = (String, i64, i64);

/// The rows of a wallet, and their sum.
fn rows(said: &str, wallet: usize) -> (Vec<Row>, (i64, i64)) {
    let report: Value = serde_json::from_str(said).expect("JSON");
    let wallet = &report["wallets"][wallet];
    let number = |row: &Value, name: &str| row[name].as_i64().expect("a number");
    let rows = wallet["coming"].as_array().expect("rows").iter().map(|row| {
        let when = row["when"].as_str().expect("a time").to_owned();
        (when, number(row, "lapsing"), number(row, "unlocking"))
    });
    let sum = &wallet["sum"];
    (rows.collect(), (number(sum, "lapsing"), number(sum, "unlocking")))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_is_told_by_wallet_month_and_day_to_the_point() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, program) = kept(folder.path()).await;
    let told = |arguments: &[&str]| {
        let arguments = [&["liability", "--program", &program], arguments].concat();
        regulars(&arguments, Some(&data), None)
    };
    let (code, said, errors) = told(&[]);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert_eq!(said, BY_MONTH);

    let (code, said, errors) = told(&["--json"]);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    let report: Value = serde_json::from_str(&said).expect("JSON");
    let points = &report["wallets"][0];
    let sums = ["members", "outstanding", "reserved", "pending", "owed"].map(|name| points[name].as_i64());
    assert_eq!(sums, [2, 138, 20, 10, 0].map(Some), "{said}");
    assert_eq!(
        (&points["name"], &points["spendable"], &report["damaged"]),
        (&json!("points"), &json!(true), &json!([]))
    );
    let (by_month, sum) = rows(&said, 0);
    let lapsing: i64 = by_month.iter().map(|(_, lapsing, _)| lapsing).sum();
    let unlocking: i64 = by_month.iter().map(|(_, _, unlocking)| unlocking).sum();
    assert_eq!(((lapsing, unlocking), sum), ((138, 10), (138, 10)));

    let row = |when: &str, lapsing, unlocking| (when.to_owned(), lapsing, unlocking);
    let by_day = [
        row("2026-04-16", 0, 10),
        row("2027-03-31", 105, 0),
        row("2027-04-30", 33, 0),
    ];
    let (_, said, _) = told(&["--by", "day", "--json"]);
    assert_eq!(rows(&said, 0), (by_day.to_vec(), (138, 10)));
    // A day before its last, a lot is not among them, though its month has begun.
    for (through, count) in [("2027-04-29", 2), ("2027-04-30", 3), ("2026-04-02", 0)] {
        let (_, said, _) = told(&["--by", "day", "--through", through, "--json"]);
        let rows = rows(&said, 0);
        let sum = by_day[..count]
            .iter()
            .fold((0, 0), |sum, row| (sum.0 + row.1, sum.1 + row.2));
        assert_eq!(rows, (by_day[..count].to_vec(), sum), "{through}");
    }
    let (_, said, _) = told(&["--through", "2027-04-29"]);
    assert!(
        said.contains("\n  through 2027-04-29         105         10\n"),
        "{said}"
    );
    assert!(!said.contains("2027-04 ") && !said.contains("never"), "{said}");

    let (code, said, _) = told(&["--member", "02", "--json"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(
        rows(&said, 0),
        (vec![row("2027-03", 40, 0), row("2027-04", 33, 0)], (73, 0))
    );

    for (arguments, says) in [
        (["--by", "week"], "month, day"),
        (["--through", "2026-02-30"], "write it as 1997-03-31"),
        (["--through", "2026-04-01"], "before the ledgers' own day, 2026-04-02"),
        (["--member", "03"], "nobody has signed up as 03"),
    ] {
        let (code, said, errors) = told(&arguments);
        assert_eq!((code, said.as_str()), (2, ""), "{arguments:?}: {errors}");
        assert!(errors.contains(says), "{arguments:?} should say {says:?}: {errors}");
        assert_eq!(errors.matches("error").count(), 1, "{errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_account_is_named_and_is_in_no_sum() {
    let folder = tempfile::tempdir().expect("a folder");
    let (data, program) = kept(folder.path()).await;
    let start = Start {
        data: Some(data.clone()),
        program: Some(program.clone().into()),
        without_streams: true,
        ..Start::default()
    };
    let line = start.line().await;
    let members = line.bundle.table_name("MembersTable").expect("a table");
    let key = |text: &str| AttributeValue::S(text.to_owned());
    let damage = line.client.update_item().table_name(members);
    damage
        .key("pk", key("01"))
        .key("sk", key("account"))
        .update_expression("SET b = :b")
        .expression_attribute_values(":b", AttributeValue::B(Blob::new(*b"no account")))
        .send()
        .await
        .expect("the table");
    line.bundle.shutdown().await;

    let told = |arguments: &[&str]| {
        let arguments = [&["liability", "--program", &program], arguments].concat();
        regulars(&arguments, Some(&data), None)
    };
    let (code, said, _) = told(&[]);
    assert_eq!(code, 1, "{said}");
    let named: Vec<&str> = said.lines().filter(|line| line.starts_with("member ")).collect();
    assert_eq!(named.len(), 1, "{said}");
    assert!(named[0].starts_with("member 01, "), "{said}");
    assert!(said.contains("Members with points          1\n"), "{said}");
    let (code, said, _) = told(&["--json"]);
    assert_eq!((code, rows(&said, 0).1), (1, (73, 0)), "{said}");
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(report["damaged"][0]["member"], "01");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_deployed_table_holds_is_told_as_of_now() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = programme(folder.path());
    let start = Start {
        program: Some(program.clone()),
        ..Start::default()
    };
    let line = start.line().await;
    live(&line).await;
    let table = line.bundle.table_name("MembersTable").expect("a table");
    let (endpoint, program) = (line.bundle.endpoint(), program.display().to_string());
    // The bundle answers on this runtime's other threads.
    let told = tokio::task::spawn_blocking(move || {
        let arguments = ["liability", "--json", "--table", &table, "--program", &program];
        regulars(&arguments, None, Some(&endpoint))
    });
    let (code, said, errors) = told.await.expect("a report");
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    // Those of the other wallet lapse as real time goes by.
    assert_eq!(rows(&said, 1), (vec![("never".to_owned(), 336, 0)], (336, 0)));
}

#[test]
fn without_ledgers_nothing_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, said, errors) = regulars(&["liability"], Some(folder.path()), None);
    assert_eq!((code, said.as_str()), (2, ""));
    assert!(errors.contains("no run is kept in"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    let (code, _, errors) = regulars(&["liability"], None, None);
    assert_eq!(code, 2);
    assert!(errors.contains("--data"), "{errors}");
}
