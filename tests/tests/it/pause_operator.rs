//! `regulars pause`, `resume` and `paused`, of a kept run and of a table and a bus behind an endpoint.

use bundle_tests::Start;
use serde_json::json;

use crate::audit::{kept, regulars};
use crate::pause::states;

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_pauses_a_kept_run_and_finds_who_did_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let line = kept(folder.path()).await;
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;
    let run = |arguments: &[&str]| regulars(arguments, Some(folder.path()), None);
    let why = ["--reason", "wrong price in a text", "--by", "dana"];

    let (code, said, errors) = run(&["paused"]);
    assert_eq!((code, said.as_str(), errors.as_str()), (0, "Nothing is paused.\n", ""));
    let (code, said, errors) = run(&[&["pause", "channel", "sms"], &why[..]].concat());
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(
        said,
        "channel sms is paused. What would go by it waits, and goes by no other channel.\n"
    );
    let (_, said, _) = run(&[&["pause", "channel", "sms"], &why[..]].concat());
    assert!(
        said.contains("was paused already, since 2026-03-02 10:00 by dana: wrong price"),
        "{said}"
    );
    let (_, said, _) = run(&["paused"]);
    assert!(
        said.contains("channel sms") && said.contains("2026-03-02 10:00") && said.contains("wrong price in a text"),
        "{said}"
    );

    for (arguments, mend) in [
        (["message", "points-erned"], "did you mean \"points-earned\"?"),
        (["channel", "email"], "write one of: sms, push"),
        (["campaign", "double"], "it has none"),
        (["programme", "mine"], "leave \"mine\" out"),
    ] {
        let (code, _, errors) = run(&[&["pause"], &arguments[..], &why[..]].concat());
        assert!(code == 1 && errors.contains(mend), "{errors}");
    }
    let (code, _, errors) = run(&["pause", "programme", "--reason", " ", "--by", "dana"]);
    assert!(
        code == 1 && errors.contains("--reason takes 1 to 200 characters"),
        "{errors}"
    );

    // The run goes on, and the pause with it.
    let line = kept(folder.path()).await;
    line.sign_up("01").await;
    assert_eq!(states(&line, "01").await, ["welcome paused"]);
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;
    let (code, said, errors) = run(&["resume", "channel", "sms", "--reason", "mended", "--by", "eli"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(said, "channel sms is resumed. What waited goes when the run goes on.\n");
    let (_, said, _) = run(&["paused", "--history"]);
    let rows: Vec<&str> = said.lines().filter(|line| line.contains("channel sms")).collect();
    assert_eq!(rows.len(), 2, "{said}");
    assert!(rows[0].contains("paused") && rows[0].contains("dana"), "{said}");
    assert!(
        rows[1].contains("resumed") && rows[1].contains("eli") && rows[1].contains("mended"),
        "{said}"
    );
    let line = kept(folder.path()).await;
    line.advance(1).await;
    assert_eq!(line.texts().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_resumes_a_deployed_programme_and_what_waited_goes_at_once() {
    let line = Start::default().line().await;
    let (table, endpoint) = (line.bundle.table_name("MembersTable").unwrap(), line.bundle.endpoint());
    let run = |arguments: &'static [&'static str]| {
        let (table, endpoint) = (table.clone(), endpoint.clone());
        // The bundle answers on this runtime's other threads.
        tokio::task::spawn_blocking(move || {
            let arguments = [arguments, &["--by", "dana", "--reason", "a test", "--table", &table]].concat();
            regulars(&arguments, None, Some(&endpoint))
        })
    };
    let (code, _, errors) = run(&["pause", "programme"]).await.unwrap();
    assert_eq!((code, errors.as_str()), (0, ""));
    line.sign_up("01").await;
    assert!(line.texts().is_empty());
    let (code, said, errors) = run(&["resume", "programme", "--bus", "regulars-dev"]).await.unwrap();
    assert_eq!((code, errors.as_str()), (0, ""));
    assert_eq!(said, "programme is resumed. What waited goes now.\n");
    line.settle().await;
    assert_eq!(line.texts().len(), 1);
}
