//! `regulars why`: what an operator reads of a kept run.

use std::path::{Path, PathBuf};

use bundle_tests::{Line, Start, at, phone, sample_with};
use serde_json::{Value, json};

use crate::audit::regulars;
use crate::replies::reply;

const PROGRAMME: &str = "[purchases]
fields = { store = \"text?\" }

[events.review]
stars = \"whole-number\"

[campaign-groups]
season = \"best\"

[calendar]
member-day = { monthly = 8 }

[[campaigns]]
name = \"double\"
multiply = \"2\"
when = \"activity.amount >= 20 && member.tier != 'Virtuoso'\"

[[campaigns]]
name = \"soho\"
points = 7
when = \"has(activity.store) && activity.store == 'Soho'\"

[[campaigns]]
name = \"spring\"
points = 5
from = \"2026-04-01\"

[[campaigns]]
name = \"member-day\"
multiply = \"3\"
days = \"member-day\"

[[campaigns]]
name = \"evening\"
points = 4
hours = { from = \"18:00\", to = \"23:00\" }

[[campaigns]]
name = \"once\"
points = 3
times = 1

[[campaigns]]
name = \"small\"
points = 30
group = \"season\"
budget = 50

[[campaigns]]
name = \"smaller\"
points = 10
group = \"season\"

[[campaigns]]
name = \"review\"
on = { event = \"review\" }
points = \"activity.stars * 2\"

[[campaigns]]
name = \"cake\"
on = \"birthday\"
points = 11

[[missions]]
name = \"two-a-month\"
each = \"month\"
[[missions.milestones]]
reach = 2
points = 15
badge = \"regular\"

[badges.regular]
en = \"a regular\"

[transfers]
";

pub(crate) fn program(within: &Path) -> PathBuf {
    sample_with(within, "[transfers]\n", PROGRAMME)
}

pub(crate) async fn kept(folder: &Path, program: &Path) -> Line {
    let start = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        data: Some(folder.to_owned()),
        program: Some(program.to_owned()),
        ..Start::default()
    };
    start.line().await
}

async fn put(line: &Line, kind: &str, mut detail: Value) {
    detail["member"] = "01".into();
    detail["at"] = line.bundle.now().to_string().into();
    line.put(kind, detail).await;
    line.settle().await;
}

pub(crate) async fn end(line: Line) {
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;
}

fn operator(arguments: &[&str], folder: &Path, program: &Path) {
    let program = program.display().to_string();
    let by = ["--by", "dana", "--reason", "text under repair", "--program", &program];
    let (code, said, errors) = regulars(&[arguments, &by[..]].concat(), Some(folder), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
}

/// A member in New York: a morning, an evening, a pause, and two things that came to nothing.
pub(crate) async fn live(line: &Line) {
    let consent = |channel: &str, purpose: &str| json!({"channel": channel, "purpose": purpose, "wording": "Yes."});
    let sign_up = json!({"name": "Ana", "phone": "+12125550101", "locale": "en", "zone": "America/New_York",
        "birthday": "1980-03-09", "consents": [consent("sms", "transactional"), consent("push", "promotional")]});
    put(line, "sign-up", sign_up).await;
    line.advance(1).await;
    put(
        line,
        "purchase",
        json!({"order": "o-1", "amount": "60.00", "currency": "USD", "store": "Soho"}),
    )
    .await;
    // Ten in the evening.
    line.advance(11).await;
    put(
        line,
        "purchase",
        json!({"order": "o-2", "amount": "12.50", "currency": "USD"}),
    )
    .await;
    line.advance(14).await;
    put(line, "event", json!({"id": "r-1", "event": "review", "stars": 5})).await;
    put(line, "event", json!({"id": "r-2", "event": "reveiw", "stars": 5})).await;
    put(
        line,
        "consent",
        json!({"id": "c-1", "channel": "sms", "purpose": "promotional", "granted": false}),
    )
    .await;
    let refund = json!({"refund": "b-1", "order": "o-2"});
    put(line, "refund", refund).await;
    // Over the birthday.
    line.advance(24 * 6).await;
}

fn why(arguments: &[&str], folder: &Path, program: &Path) -> (i32, String, String) {
    let program = program.display().to_string();
    let arguments = [&["why", "01"], arguments, &["--program", &program]].concat();
    regulars(&arguments, Some(folder), None)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_why_everything_happened() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = program(programs.path());
    let line = kept(folder.path(), &program).await;
    live(&line).await;
    end(line).await;
    let told = |arguments: &[&str]| {
        let (code, said, errors) = why(arguments, folder.path(), &program);
        assert_eq!((code, errors.as_str()), (0, ""), "{arguments:?}: {said}");
        said
    };
    insta::assert_snapshot!("story", told(&[]));
    insta::assert_snapshot!("first_purchase", told(&["purchase#o-1"]));
    insta::assert_snapshot!("second_purchase", told(&["o-2"]));
    insta::assert_snapshot!("birthday", told(&["birthday#2026"]));
    insta::assert_snapshot!("message", told(&["points-earned#purchase#o-2"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paused_then_is_told_though_it_is_resumed_now() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = program(programs.path());
    let line = kept(folder.path(), &program).await;
    line.sign_up("01").await;
    end(line).await;
    operator(&["pause", "campaign", "double"], folder.path(), &program);
    operator(&["pause", "channel", "sms"], folder.path(), &program);
    let line = kept(folder.path(), &program).await;
    line.advance(1).await;
    line.purchase("01", "o-1", "25.00").await;
    end(line).await;
    let told = || {
        let (code, said, errors) = why(&["o-1"], folder.path(), &program);
        assert_eq!((code, errors.as_str()), (0, ""), "{said}");
        said
    };
    let waiting = told();
    assert!(waiting.contains("✗ double       was paused\n"), "{waiting}");
    let held = "waits until channel sms is resumed, paused at 2026-03-02 10:00 by dana: text under repair";
    assert!(waiting.contains(held), "{waiting}");
    operator(&["resume", "channel", "sms"], folder.path(), &program);
    operator(&["resume", "campaign", "double"], folder.path(), &program);
    let line = kept(folder.path(), &program).await;
    line.advance(2).await;
    end(line).await;
    let gone = told();
    assert!(gone.contains("✗ double       was paused\n"), "{gone}");
    let held = "waited until 2026-03-02 11:00: channel sms was paused at 2026-03-02 10:00 by dana: text under repair, then sent by SMS at 2026-03-02 12:00";
    assert!(gone.contains(held), "{gone}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_programme_that_was_changed_since_is_told_and_not_taken_for_the_one_of_then() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = program(programs.path());
    let line = kept(folder.path(), &program).await;
    line.sign_up("01").await;
    line.purchase("01", "o-1", "25.00").await;
    line.advance(1).await;
    line.purchase("01", "o-2", "9.00").await;
    end(line).await;
    let file = program.join("programme.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("activity.amount >= 20", "activity.amount >= 30")).unwrap();
    let (code, said, errors) = why(&["o-1"], folder.path(), &program);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    insta::assert_snapshot!("changed_since", said);
    // What the change does not concern is told as ever.
    let (_, said, _) = why(&["o-2"], folder.path(), &program);
    assert!(!said.contains("otherwise"), "{said}");
    // With the rules of then kept as a version, they are named, and nothing is otherwise.
    let earlier = program.join("earlier/first");
    std::fs::create_dir_all(&earlier).unwrap();
    std::fs::write(earlier.join("programme.toml"), &text).unwrap();
    let newest = text.replace("activity.amount >= 20", "activity.amount >= 30");
    std::fs::write(&file, format!("effective-from = \"2026-12-01\"\n{newest}")).unwrap();
    let (code, said, errors) = why(&["o-1"], folder.path(), &program);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    assert!(
        said.contains("by the rules of earlier/first/programme.toml") && !said.contains("otherwise"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_read_the_same_and_a_wrong_name_finds_the_right_one() {
    let programs = tempfile::tempdir().unwrap();
    let program = program(programs.path());
    let start = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(program.clone()),
        ..Start::default()
    };
    let line = start.line().await;
    line.sign_up("01").await;
    line.purchase("01", "o-17", "25.00").await;
    let names = ["MembersTable", "ActivitiesTable", "MessagesTable"].map(|id| line.bundle.table_name(id).unwrap());
    let endpoint = line.bundle.endpoint();
    let run = |arguments: &'static [&'static str]| {
        let (names, endpoint, program) = (names.clone(), endpoint.clone(), program.display().to_string());
        // The bundle answers on this runtime's other threads.
        tokio::task::spawn_blocking(move || {
            let [members, activities, messages] = &names;
            let tables = ["--table", members, "--activities", activities, "--messages", messages];
            let arguments = [&["why"], arguments, &tables, &["--program", &program]].concat();
            regulars(&arguments, None, Some(&endpoint))
        })
    };
    let (code, said, errors) = run(&["01", "o-17", "--json"]).await.unwrap();
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    let story: Value = serde_json::from_str(&said).unwrap();
    let step = &story["steps"][0];
    assert_eq!(step["cause"], "purchase#o-17");
    let rule = |name: &str| {
        let rules = step["rules"].as_array().unwrap();
        rules.iter().find(|rule| rule["name"] == name).unwrap().clone()
    };
    let soho = rule("soho");
    assert_eq!(
        (&soho["outcome"], &soho["reason"]),
        (&json!("not"), &json!("condition"))
    );
    assert_eq!(soho["clauses"][0]["values"]["activity.store"], "nothing");
    assert_eq!(rule("double")["points"], 25);
    assert_eq!(step["entries"][0]["points"], 83);
    for (arguments, mend) in [
        (&["01", "o-71"][..], "did you mean \"o-17\"?"),
        (&["01", "tier-upgrade#purchase#o-17"], "did you mean"),
        (&["02"], "nobody has signed up as 02"),
    ] {
        let (code, _, errors) = run(arguments).await.unwrap();
        assert!(code == 1 && errors.contains(mend), "{arguments:?}: {errors}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_is_told_with_what_it_stopped_and_what_did_not_go_for_it() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = sample_with(programs.path(), "", "");
    let line = kept(folder.path(), &program).await;
    line.sign_up("01").await;
    line.advance(1).await;
    reply(&line, &phone("01"), "STOP", "i-1").await;
    line.purchase("01", "o-1", "5.00").await;
    line.advance(1).await;
    reply(&line, &phone("01"), "START", "i-2").await;
    line.purchase("01", "o-2", "5.00").await;
    end(line).await;
    for (about, says) in [
        (
            "reply#i-1",
            "a reply, read as opt-out, which came to stopped; no more transactional and promotional SMS; 1 message did not go \
             for it",
        ),
        (
            "points-earned#purchase#o-1",
            "never went: not by push: no device is known; not by SMS: the number was told to stop at 2026-03-02 11:00 by \
             reply#i-1",
        ),
        (
            "i-2",
            "a reply, read as opt-in, which came to resumed; transactional and promotional SMS again\n",
        ),
        ("points-earned#purchase#o-2", "sent by SMS at 2026-03-02 12:00"),
    ] {
        let (code, told, errors) = why(&[about], folder.path(), &program);
        assert_eq!((code, errors.as_str()), (0, ""), "{told}");
        assert!(told.contains(says), "{about}: {told}");
    }
}
