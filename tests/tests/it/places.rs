//! Legal hours through the whole line: what advertises waits for them, and `regulars why` says so.

use bundle_tests::{Start, member, sample_with};
use jiff::SignedDuration;
use messages::{Facts, Intent};
use programme::{MessageKind, WalletId};
use serde_json::json;
use store::State;

use crate::audit::regulars;
use crate::why::{end, kept};

pub(crate) const STATES: &str = "states = [\"NY\", \"IL\", \"CO\", \"CA\"]";

#[tokio::test(flavor = "multi_thread")]
async fn what_advertises_waits_for_the_hours_of_the_numbers_country() {
    let folder = tempfile::tempdir().unwrap();
    // Half past ten on a Sunday in New York, and no quiet hour. In Texas texts may advertise from noon on.
    let start = bundle_tests::at("2026-03-01T15:30:00Z");
    let line = Start {
        at: Some(start),
        program: Some(sample_with(folder.path(), STATES, "states = [\"TX\"]")),
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    let welcomed = line.texts().len();
    assert_eq!(welcomed, 1, "what does not advertise goes at once");
    let intent = Intent {
        member: member("01"),
        kind: MessageKind::Anniversary,
        cause: "anniversary#1".into(),
        wallet: WalletId::MAIN,
        at: start,
        useful_until: start + SignedDuration::from_hours(24),
        facts: Facts {
            years: Some(1),
            ..Facts::default()
        },
    };
    line.store.put_intent(&intent).await.unwrap();
    line.settle().await;
    let message = |all: Vec<store::MessageRecord>| all.into_iter().find(|one| one.intent.kind == intent.kind).unwrap();
    let waits = message(line.store.messages(&member("01")).await.unwrap());
    let noon = bundle_tests::at("2026-03-01T17:00:00Z");
    assert_eq!(
        (waits.state, waits.deferred_by.as_deref(), waits.deferred_until),
        (State::Deferred, Some("legal-hours"), Some(noon))
    );
    line.advance(1).await;
    assert_eq!(line.texts().len(), welcomed, "sent before noon");
    line.advance(1).await;
    let sent = message(line.store.messages(&member("01")).await.unwrap());
    let at = sent.sent_at.unwrap();
    assert!(
        at >= noon && at.duration_since(noon) < SignedDuration::from_hours(1),
        "{at}"
    );
    assert_eq!(line.texts().len(), welcomed + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_reads_that_it_waited_by_law() {
    let (folder, programs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = sample_with(programs.path(), STATES, "states = [\"TX\"]");
    let line = kept(folder.path(), &program).await;
    // The eighth is a Sunday, and birthdays are told at ten.
    let consent = json!({"channel": "sms", "purpose": "promotional", "wording": "Yes."});
    let sign_up = json!({"member": "01", "at": line.bundle.now().to_string(), "name": "Ana", "phone": "+12125550101",
        "locale": "en", "zone": "America/New_York", "birthday": "1980-03-08", "consents": [consent]});
    line.put("sign-up", sign_up).await;
    line.advance(24 * 7).await;
    end(line).await;
    let program = program.display().to_string();
    let (code, said, errors) = regulars(&["why", "01", "--program", &program], Some(folder.path()), None);
    assert_eq!((code, errors.as_str()), (0, ""), "{said}");
    for sentence in [
        "put off until 2026-03-08 12:00 by law: no text may advertise at that hour in the United States",
        "sent by SMS at 2026-03-08 12:00",
    ] {
        assert!(said.contains(sentence), "{said}");
    }
}
