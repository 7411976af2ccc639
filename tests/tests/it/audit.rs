//! `regulars statement`, and `regulars audit`: sound ledgers pass, a damaged one is named, of a kept run and of a table behind an endpoint.

use std::path::Path;
use std::process::{Command, Output};

use bundle_tests::{Line, Start, binaries, member, root};
use store::Commit;

fn audit(arguments: &[&str], data: Option<&Path>, endpoint: Option<&str>) -> (i32, String, String) {
    regulars(&[&["audit"], arguments].concat(), data, endpoint)
}

pub(crate) fn regulars(arguments: &[&str], data: Option<&Path>, endpoint: Option<&str>) -> (i32, String, String) {
    let mut command = Command::new(binaries().join("regulars"));
    command.args(arguments).current_dir(root());
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    if let Some(endpoint) = endpoint {
        command
            .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .env("AWS_ENDPOINT_URL_EVENTBRIDGE", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "auditor")
            .env("AWS_SECRET_ACCESS_KEY", "auditor");
    }
    let Output { status, stdout, stderr } = command.output().expect("regulars");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

pub(crate) async fn kept(data: &Path) -> Line {
    let start = Start {
        data: Some(data.to_owned()),
        ..Start::default()
    };
    start.line().await
}

/// Three members, of whom the first has closed pages.
async fn live(line: &Line) {
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
        line.purchase(id, "first", "200.00").await;
    }
    for order in 0..30 {
        line.purchase("01", &format!("o-{order}"), "10.00").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_run_is_audited_and_a_damaged_account_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = kept(folder.path()).await;
    live(&line).await;
    line.bundle
        .checkpoint(&serde_json::json!({}))
        .await
        .expect("a checkpoint");
    line.bundle.shutdown().await;

    let (code, said, errors) = audit(&[], Some(folder.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert!(said.contains("3 accounts follow from their 41 entries"), "{said}");

    // Somebody writes one member's account over another's.
    let line = kept(folder.path()).await;
    let richer = line.account("01").await;
    let version = line
        .store
        .account(&member("02"))
        .await
        .expect("the table")
        .expect("an account")
        .version;
    let commit = line.store.commit(&member("02"), &richer, Some(version), &[]).await;
    assert_eq!(commit.expect("the table"), Commit::Done);
    line.settle().await;
    line.bundle.shutdown().await;

    let (code, said, _) = audit(&[], Some(folder.path()), None);
    assert_eq!(code, 1, "{said}");
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines.contains(&"member 02, page 0 is missing"), "{said}");
    assert!(
        lines
            .iter()
            .all(|line| !line.starts_with("member 01") && !line.starts_with("member 03")),
        "{said}"
    );
    assert!(
        said.contains("1 of 3 accounts do not follow from their entries"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_audited_where_the_environment_says_it_is() {
    let line = Start::default().line().await;
    live(&line).await;
    let table = line.bundle.table_name("MembersTable").expect("a table");
    let endpoint = line.bundle.endpoint();
    // The bundle answers on this runtime's other threads.
    let audited = tokio::task::spawn_blocking(move || audit(&["--table", &table], None, Some(&endpoint)));
    let (code, said, errors) = audited.await.expect("an audit");
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert!(said.contains("3 accounts follow from their 41 entries"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_tells_each_point_and_the_lots_it_was_spent_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = kept(folder.path()).await;
    line.sign_up("07").await;
    line.purchase("07", "a", "40.00").await;
    line.advance(24 * 31).await;
    line.purchase("07", "b", "25.00").await;
    let spend = serde_json::json!({"member": "07", "redemption": "r-1", "at": line.bundle.now(), "points": 50});
    line.put("redeem", spend).await;
    line.settle().await;
    let by_hand = serde_json::json!({"member": "07", "adjustment": "j-1", "at": line.bundle.now(), "points": -5,
        "reason": "duplicate-order", "actor": "clerk-7"});
    line.put("adjust", by_hand).await;
    line.settle().await;
    line.bundle
        .checkpoint(&serde_json::json!({}))
        .await
        .expect("a checkpoint");
    line.bundle.shutdown().await;

    let (code, said, errors) = regulars(&["statement", "07"], Some(folder.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    assert_eq!(lines[0], "Member 07  Listener, joined 2026-03-02, 10 points to spend");
    assert_eq!(lines[1], "65 points count for the tier, 85 more reach Collector");
    let columns = |line: &str| {
        line.split_whitespace()
            .skip(2)
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(
        lines[4..9].iter().map(|line| columns(line)).collect::<Vec<_>>(),
        [
            "joined sign-up 0",
            "earned purchase#a +40 40 until 2027-03-31",
            "earned purchase#b +25 65 until 2027-04-30",
            "spent redeem#r-1 -50 15 from 40 of 2027-03-31, 10 of 2027-04-30",
            "adjusted adjust#j-1 -5 10 duplicate-order by clerk-7",
        ]
    );
    assert_eq!(lines[lines.len() - 1], "2027-04-30         10");

    let (code, said, _) = audit(&[], Some(folder.path()), None);
    assert_eq!(code, 0, "{said}");
    let (code, _, errors) = regulars(&["statement", "08"], Some(folder.path()), None);
    assert_eq!(code, 1);
    assert!(errors.contains("nobody has signed up as 08"), "{errors}");
}

#[test]
fn what_cannot_be_audited_is_said_in_one_line() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, said, errors) = audit(&[], Some(folder.path()), None);
    assert_eq!((code, said.as_str()), (2, ""));
    assert!(errors.contains("no run is kept in"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    let (code, _, errors) = audit(&[], None, None);
    assert_eq!(code, 2);
    assert!(errors.contains("--data"), "{errors}");
}
