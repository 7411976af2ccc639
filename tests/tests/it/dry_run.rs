//! `regulars try`: an event is tried, then it happens, and both come to the same.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::audit::regulars;
use crate::replies::reply;
use crate::why::{end, kept, live, program};

struct Tried {
    folder: tempfile::TempDir,
    programs: tempfile::TempDir,
    program: PathBuf,
}

impl Tried {
    /// A kept run in which a member of some days was left at ten in the morning.
    async fn after_some_days() -> Self {
        let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let program = program(programs.path());
        let line = kept(folder.path(), &program).await;
        live(&line).await;
        end(line).await;
        let path = program.display().to_string();
        let generate = ["coupons", "download", "--generate", "3", "--program", &path];
        let (code, _, errors) = regulars(&generate, Some(folder.path()), None);
        assert_eq!((code, errors.as_str()), (0, ""));
        Self {
            folder,
            programs,
            program,
        }
    }

    fn file(&self, events: &Value) -> PathBuf {
        let file = self.programs.path().join("event.json");
        std::fs::write(&file, events.to_string()).unwrap();
        file
    }

    fn run(&self, file: &Path, arguments: &[&str]) -> (i32, String, String) {
        let (file, program) = (file.display().to_string(), self.program.display().to_string());
        let arguments = [&["try", &file], arguments, &["--program", &program]].concat();
        regulars(&arguments, Some(self.folder.path()), None)
    }

    fn stories(&self, events: &Value) -> Vec<Value> {
        let (code, said, errors) = self.run(&self.file(events), &["--json", "--days", "40"]);
        assert_eq!((code, errors.as_str()), (0, ""), "{said}");
        serde_json::from_str(&said).unwrap()
    }

    fn why(&self, member: &str) -> Value {
        let program = self.program.display().to_string();
        let arguments = ["why", member, "--json", "--program", &program];
        let (code, said, errors) = regulars(&arguments, Some(self.folder.path()), None);
        assert_eq!((code, errors.as_str()), (0, ""), "{said}");
        serde_json::from_str(&said).unwrap()
    }
}

fn event(kind: &str, member: &str, mut detail: Value) -> Value {
    detail["member"] = member.into();
    json!({"kind": kind, "detail": detail})
}

/// The steps with an entry from a number on, and all that is told of them.
fn steps(story: &Value, from: u64) -> Vec<Value> {
    let steps = story["steps"].as_array().unwrap().iter();
    let is_new = |step: &&Value| {
        let entries = step["entries"].as_array().unwrap();
        entries
            .first()
            .is_some_and(|first| first["number"].as_u64() >= Some(from))
    };
    steps.filter(is_new).cloned().collect()
}

fn entries(story: &Value) -> u64 {
    let steps = story["steps"].as_array().unwrap().iter();
    steps.map(|step| step["entries"].as_array().unwrap().len() as u64).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_tried_is_what_then_happens() {
    let tried = Tried::after_some_days().await;
    let known = entries(&tried.why("01"));
    let consents = json!([{"channel": "sms", "purpose": "transactional", "wording": "Yes."},
        {"channel": "push", "purpose": "promotional", "wording": "Yes."}]);
    let ben = json!({"name": "Ben", "phone": "+12125550102", "locale": "en", "zone": "Asia/Shanghai",
        "birthday": "1990-03-30", "consents": consents,
        "device": {"platform": "APNS", "token": "t-1"}});
    let bought = |order: &str, amount: &str| json!({"order": order, "amount": amount, "currency": "USD"});
    let events = json!([
        event("purchase", "01", bought("o-3", "340.00")),
        event("sign-up", "02", ben),
        event("purchase", "02", bought("o-4", "21.00")),
        event("transfer", "01", json!({"transfer": "t-1", "points": 30, "to": "02"})),
        event("claim", "01", json!({"claim": "k-1", "reward": "download"})),
        event("refund", "01", json!({"refund": "b-2", "order": "o-1"})),
    ]);
    let stories = tried.stories(&events);
    assert_eq!(stories.len(), 2);
    // Nothing was written.
    assert_eq!(entries(&tried.why("01")), known);

    let line = kept(tried.folder.path(), &tried.program).await;
    let now = line.bundle.now();
    for event in events.as_array().unwrap() {
        let mut detail = event["detail"].clone();
        detail["at"] = now.to_string().into();
        line.put(event["kind"].as_str().unwrap(), detail).await;
        line.settle().await;
    }
    line.advance(40 * 24).await;
    end(line).await;

    for (story, from) in stories.iter().zip([known, 0]) {
        let member = story["member"].as_str().unwrap();
        let (told, happened) = (steps(story, from), steps(&tried.why(member), from));
        assert!(told.len() >= 3, "{told:#?}");
        for (told, happened) in told.iter().zip(&happened) {
            let mut told = told.clone();
            // Of several commits of one instant nobody knows afterwards which of them a message has seen.
            let messages = told["messages"].as_array_mut().unwrap().iter_mut();
            for (message, then) in messages.zip(happened["messages"].as_array().unwrap()) {
                if then["text"].is_null() {
                    message["text"] = Value::Null;
                }
            }
            assert_eq!(&told, happened, "of {member}");
        }
        assert_eq!(told.len(), happened.len(), "of {member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_what_an_event_would_do() {
    let tried = Tried::after_some_days().await;
    let read = |events: &Value, days: &str| {
        let (code, said, errors) = tried.run(&tried.file(events), &["--days", days]);
        assert_eq!((code, errors.as_str()), (0, ""), "{said}");
        said
    };
    let purchase = event(
        "purchase",
        "01",
        json!({"order": "o-3", "amount": "340.00", "currency": "USD"}),
    );
    insta::assert_snapshot!("try_purchase", read(&purchase, "400"));
    let refused = event("redeem", "01", json!({"redemption": "x-1", "points": 5000}));
    insta::assert_snapshot!("try_refused", read(&refused, "0"));
    // Who is forgotten loses what they have, and nothing falls due any more.
    let said = read(&event("erasure", "01", json!({})), "400");
    let lapsed = said.lines().find(|line| line.contains("the member was erased: "));
    assert!(lapsed.is_some_and(|line| line.ends_with(" points lapsed")), "{said}");
    assert!(
        said.contains("Nothing else falls due") && !said.contains("tier"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_tried_is_named_with_what_mends_it() {
    let tried = Tried::after_some_days().await;
    let again = json!({"order": "o-1", "amount": "1.00", "currency": "USD"});
    let cases = [
        (
            event("purchase", "01", again),
            "purchase#o-1 of member 01 is stored already",
        ),
        (
            event("purchase", "01", json!({"order": "o-9"})),
            "\"currency\" is missing",
        ),
        (
            event("purchace", "01", json!({"order": "o-9"})),
            "is no kind of activity; send one of",
        ),
        (json!({"detail": {}}), "holds no event; write"),
    ];
    for (events, says) in cases {
        let (code, _, errors) = tried.run(&tried.file(&events), &[]);
        assert!(code == 1 && errors.contains(says), "{events}: {errors}");
    }
    let (code, _, errors) = tried.run(Path::new("no-such.json"), &[]);
    assert!(code == 1 && errors.contains("cannot read no-such.json"), "{errors}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consent_that_is_tried_lifts_no_stop() {
    let tried = Tried::after_some_days().await;
    let line = kept(tried.folder.path(), &tried.program).await;
    reply(&line, "+12125550101", "STOP", "i-1").await;
    end(line).await;
    let consent =
        json!({"id": "c-2", "channel": "sms", "purpose": "transactional", "granted": true, "wording": "Yes."});
    let bought = json!({"order": "o-9", "amount": "20.00", "currency": "USD"});
    let stories = tried.stories(&json!([
        event("consent", "01", consent),
        event("purchase", "01", bought)
    ]));
    let steps = stories[0]["steps"].as_array().unwrap();
    let messages = steps.iter().flat_map(|step| step["messages"].as_array().unwrap());
    let mut earned = messages.filter(|message| message["key"] == "points-earned#purchase#o-9");
    let told = earned.next().unwrap();
    assert_eq!(
        (&told["state"], &told["reason"]),
        (&json!("suppressed"), &json!("stopped-by-member"))
    );
}
