//! `regulars broadcast`: what it would come to is what it comes to.

use std::path::Path;

use bundle_tests::{Line, Start, at, sign_up};
use regulars::engine::To;
use serde_json::{Value, json};

use crate::audit::regulars;
use crate::broadcast::with_broadcasts;

async fn join(line: &Line, id: &str, change: impl FnOnce(&mut Value)) {
    let mut detail = sign_up(id, line.bundle.now());
    change(&mut detail);
    line.put("sign-up", detail).await;
    line.settle().await;
}

/// By SMS, by push, in two parts, without consent, and where its time is over.
async fn all_sorts(line: &Line) {
    join(line, "01", |_| {}).await;
    join(line, "02", |detail| {
        detail["device"] = json!({"platform": "GCM", "token": "made-up-token"});
        let more = json!({"channel": "push", "purpose": "promotional", "wording": "Yes"});
        detail["consents"].as_array_mut().unwrap().push(more);
    })
    .await;
    join(line, "03", |detail| {
        detail["name"] = json!("Zoë-Łucja with a name that is far longer than others");
    })
    .await;
    join(line, "04", |detail| detail["consents"] = json!([])).await;
    join(line, "05", |detail| detail["zone"] = json!("Asia/Shanghai")).await;
    // Ten at night there, when nothing is sent: it goes in the morning.
    join(line, "06", |detail| {
        detail["zone"] = json!("Pacific/Kiritimati");
        detail["phone"] = json!("+447700900123");
    })
    .await;
}

fn row<'a>(said: &'a str, name: &str) -> Vec<&'a str> {
    let row = said.lines().find(|line| line.trim_start().starts_with(name));
    let row = row.unwrap_or_else(|| panic!("no {name} in\n{said}"));
    row.trim_start().trim_start_matches(name).split_whitespace().collect()
}

fn with_program<'a>(program: &'a Path, arguments: &[&'a str]) -> Vec<&'a str> {
    [&["broadcast"], arguments, &["--program", program.to_str().unwrap()]].concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_would_come_to_is_told_before_and_is_what_it_comes_to() {
    let folder = tempfile::tempdir().unwrap();
    let program = with_broadcasts(folder.path(), "");
    let line = Start {
        at: Some(at("2026-12-01T09:00:00Z")),
        program: Some(program.clone()),
        ..Start::default()
    }
    .line()
    .await;
    all_sorts(&line).await;
    let (table, endpoint) = (line.bundle.table_name("MembersTable").unwrap(), line.bundle.endpoint());
    let run = |arguments: &'static [&'static str]| {
        let (program, table, endpoint) = (program.clone(), table.clone(), endpoint.clone());
        // The bundle answers on this runtime's other threads.
        tokio::task::spawn_blocking(move || {
            let arguments = with_program(&program, arguments);
            regulars(&[&arguments[..], &["--table", &table]].concat(), None, Some(&endpoint))
        })
    };
    // The tables' clock is virtual and an operator's is not, so that by theirs the day may be over: it goes all the same.
    let (code, said, errors) = run(&["sale-next-day"]).await.unwrap();
    assert_eq!((code, errors.as_str()), (0, ""));
    println!("{said}");
    assert_eq!(row(&said, "all"), ["6"]);
    assert_eq!(row(&said, "in the audience"), ["6"]);
    assert_eq!(row(&said, "not at all: no-consent"), ["1"]);
    // Parts to the United States cost 0.00849, to the United Kingdom 0.0417.
    assert_eq!(row(&said, "by SMS"), ["4", "5", "USD", "0.08"]);
    assert_eq!(row(&said, "by push")[0], "1");
    assert_eq!(row(&said, "messages"), ["5", "USD", "0.08"]);
    assert!(
        said.contains("write units, USD 0.00.") && said.ends_with("Nothing is started. With --yes --by WHO it is.\n")
    );
    assert!(line.store.open_broadcasts().await.unwrap().is_empty());

    for (arguments, mend) in [
        (["sale-skp"].as_slice(), "did you mean \"sale-skip\"?"),
        (&["sale-next-day", "--yes"], "--by <WHO>"),
        (
            &["sale-next-day", "--yes", "--by", " "],
            "--by takes 1 to 60 characters",
        ),
    ] {
        let (code, _, errors) = run(arguments).await.unwrap();
        assert!(code != 0 && errors.contains(mend), "{errors}");
    }
    let (code, said, errors) = run(&["sale-next-day", "--yes", "--by", "dana", "--bus", "regulars-dev"])
        .await
        .unwrap();
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(said.ends_with("It is started.\n"), "{said}");
    line.settle().await;
    let (code, said, _) = run(&["sale-next-day"]).await.unwrap();
    assert_eq!(code, 0);
    assert!(
        said.contains(" by dana. Everybody was asked by ") && said.contains("6 messages were stated"),
        "{said}"
    );
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_of_a_kept_run_is_counted_by_its_own_time_and_goes_when_it_goes_on() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = with_broadcasts(folder.path(), "");
    let open = async || {
        let start = Start {
            at: Some(at("2026-12-01T09:00:00Z")),
            data: Some(data.path().join("run")),
            program: Some(program.clone()),
            ..Start::default()
        };
        start.line().await
    };
    let line = open().await;
    all_sorts(&line).await;
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;
    let run = |arguments: &[&str]| {
        let arguments = with_program(&program, arguments);
        regulars(&arguments, Some(&data.path().join("run")), None)
    };
    let (code, said, errors) = run(&["sale-skip"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    println!("{said}");
    assert_eq!(
        row(&said, "whose time is over"),
        ["2"],
        "in Shanghai, and in Kiritimati"
    );
    assert_eq!(row(&said, "messages")[0], "3");
    assert!(
        said.contains("The first goes at 2026-12-01 10:00, the last at 2026-12-01 10:00 (America/New_York)."),
        "{said}"
    );
    let (code, said, errors) = run(&["sale-send", "--yes", "--by", "dana"]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(said.ends_with("It is started, and begins when the run goes on.\n"));
    // It is eleven at night in Kiritimati.
    assert!(said.contains("1 of them go later, put off by quiet-hours."), "{said}");
    let (messages, parts) = (row(&said, "messages")[0].to_owned(), row(&said, "by SMS")[1].to_owned());
    assert_eq!((messages.as_str(), parts.as_str()), ("5", "5"));

    let line = open().await;
    let before = line.bundle.published().len();
    line.bundle.advance_to(at("2026-12-02T12:00:00Z")).await.unwrap();
    let sent = line.bundle.published_after(before);
    let is_sale = |body: &str| body.contains("winter sale") || body.contains("Sale send");
    let sales: Vec<_> = sent.iter().filter(|sent| is_sale(&sent.body)).collect();
    assert_eq!(sales.len().to_string(), messages);
    let texts = sales.iter().filter(|sent| matches!(sent.target, To::Phone(_)));
    let counted: u32 = texts.map(|sent| programme::parts(&sent.body).parts).sum();
    assert_eq!(counted.to_string(), parts);
    line.bundle.shutdown().await;
}
