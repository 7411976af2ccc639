//! `regulars audit`: sound ledgers pass, a damaged one is named, of a kept run and of a table behind an endpoint.

use std::path::Path;
use std::process::{Command, Output};

use bundle_tests::{Line, Start, binaries, member, root};
use store::Commit;

fn audit(arguments: &[&str], data: Option<&Path>, endpoint: Option<&str>) -> (i32, String, String) {
    let mut command = Command::new(binaries().join("regulars"));
    command.arg("audit").args(arguments).current_dir(root());
    if let Some(data) = data {
        command.arg("--data").arg(data);
    }
    if let Some(endpoint) = endpoint {
        command
            .env("AWS_ENDPOINT_URL_DYNAMODB", endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "auditor")
            .env("AWS_SECRET_ACCESS_KEY", "auditor");
    }
    let Output { status, stdout, stderr } = command.output().expect("regulars");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (status.code().expect("an exit code"), text(stdout), text(stderr))
}

async fn kept(data: &Path) -> Line {
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
    assert!(said.contains("3 accounts follow from their 40 entries"), "{said}");

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
    assert!(said.contains("3 accounts follow from their 40 entries"), "{said}");
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
