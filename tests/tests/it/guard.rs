//! The guard: what too many members opt out of pauses itself, and what usual ones do goes on.

use std::path::Path;

use bundle_tests::{Line, Start, at, member, phone, sign_up};
use jiff::SignedDuration;
use messages::{Counts, Facts, Intent};
use programme::{MessageKind, Purpose, Switch, WalletId};
use regulars::engine::Faults;
use serde_json::json;

use crate::broadcast::with_broadcasts;
use crate::pause::{states, switch, word};
use crate::replies::reply;

const GUARD: &str = "[guard]\nusual-opt-outs = \"0.5%\"\nalarming-opt-outs = \"2%\"\n\n";

async fn guarded(folder: &Path, start: &str, faults: Faults) -> Line {
    let program = with_broadcasts(folder, "");
    let main = program.join("programme.toml");
    let text = std::fs::read_to_string(&main).unwrap();
    std::fs::write(
        &main,
        text.replacen("[transfers]\n", &format!("{GUARD}[transfers]\n"), 1),
    )
    .unwrap();
    Start {
        at: Some(at(start)),
        program: Some(program),
        faults,
        ..Start::default()
    }
    .line()
    .await
}

fn id(n: usize) -> String {
    format!("m{n:02}")
}

/// Something that advertises, and is true for as long as one likes.
fn intent(line: &Line, n: usize) -> Intent {
    let now = line.bundle.now();
    Intent {
        member: member(&id(n)),
        kind: MessageKind::Anniversary,
        cause: "anniversary#1".into(),
        wallet: WalletId::MAIN,
        at: now,
        useful_until: now + SignedDuration::from_hours(48),
        facts: Facts {
            years: Some(1),
            ..Facts::default()
        },
    }
}

async fn advertise(line: &Line, members: std::ops::Range<usize>) {
    for n in members {
        line.store.put_intent(&intent(line, n)).await.unwrap();
    }
    line.settle().await;
}

async fn sign_all_up(line: &Line, members: usize) {
    for n in 0..members {
        line.put("sign-up", sign_up(&id(n), line.bundle.now())).await;
    }
    line.settle().await;
}

async fn stop(line: &Line, n: usize, reply_id: &str) {
    reply(line, &phone(&id(n)), "STOP", reply_id).await;
}

/// What is counted of a switch in the time of now.
async fn counted(line: &Line, of: &str) -> Counts {
    let (of, guard): (Switch, _) = (of.parse().unwrap(), line.programme.guard.unwrap());
    let switches = line.store.switches().await.unwrap();
    let resumed = switches.resumed_at(&of);
    let cohort = messages::cohort(&line.programme, &guard, of, line.bundle.now(), resumed);
    line.store.counted(&cohort.unwrap()).await.unwrap()
}

async fn paused(line: &Line) -> Vec<(String, String, String)> {
    let switches = line.store.switches().await.unwrap();
    let paused = switches.paused_since();
    paused
        .map(|change| (change.switch.to_string(), change.by.clone(), change.reason.clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_many_opt_out_of_pauses_itself_and_the_rest_is_held() {
    let folder = tempfile::tempdir().unwrap();
    // A Monday, ten in the morning.
    let line = guarded(folder.path(), "2026-03-02T15:00:00Z", Faults::default()).await;
    sign_all_up(&line, 40).await;
    assert_eq!(
        counted(&line, "message welcome").await,
        Counts::default(),
        "transactional"
    );
    advertise(&line, 0..30).await;
    let of = "message anniversary";
    let counts = |sent, opt_outs| Counts { sent, opt_outs };
    assert_eq!(counted(&line, of).await, counts(30, 0));
    let rows = line.bundle.units().rows.into_iter();
    // Of what it updates, the counts alone have days for keys.
    let written = rows
        .filter(|(key, _)| key.function == "publish-messages" && key.operation == "UpdateItem" && key.item == "(id)");
    let (calls, units) = written.fold((0, 0), |(calls, units), (_, count)| {
        (calls + count.calls, units + count.write)
    });
    println!("30 messages counted by {calls} writes of {units} units");
    assert!(
        (1..30).contains(&calls) && units == calls,
        "a write a batch: {calls}, {units}"
    );

    // The same member again, the same reply again: one.
    stop(&line, 0, "r-0").await;
    stop(&line, 0, "r-0").await;
    stop(&line, 0, "r-0b").await;
    for n in 1..3 {
        stop(&line, n, &format!("r-{n}")).await;
    }
    assert_eq!(counted(&line, of).await, counts(30, 3));
    // Of what they were not sent lately nobody opts out.
    stop(&line, 35, "r-35").await;
    assert_eq!((counted(&line, of).await, paused(&line).await), (counts(30, 3), vec![]));
    stop(&line, 3, "r-3").await;
    let reason = "opt-outs 4 of 30 sent, SPRT p0=0.5% p1=2% alpha=1%: log ratio 5.2 >= 4.6";
    assert_eq!(
        paused(&line).await,
        [(of.to_owned(), "guard".to_owned(), reason.to_owned())]
    );
    // More of the same change nothing.
    stop(&line, 4, "r-4").await;
    assert_eq!(line.store.switch_history().await.unwrap().len(), 1);
    let before = line.texts().len();
    advertise(&line, 30..40).await;
    for n in (30..40).filter(|n| *n != 35) {
        assert_eq!(states(&line, &id(n)).await, ["anniversary paused", "welcome sent"]);
    }
    assert_eq!(line.texts().len(), before, "sent in a pause");

    // An operator resumes it: the rest goes, and is counted anew.
    line.advance(1).await;
    switch(&line, of, false).await;
    word(&line).await;
    assert_eq!(line.texts().len(), before + 9);
    assert_eq!(counted(&line, of).await, counts(9, 0));
    line.advance(1).await;
    // One who was sent it before the pause is not counted to it any more, one who was sent it since is.
    stop(&line, 5, "r-5").await;
    stop(&line, 30, "r-30").await;
    assert_eq!((counted(&line, of).await, paused(&line).await), (counts(9, 1), vec![]));
    assert_eq!(line.bundle.given_up().len(), 0);
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn usual_opt_outs_pause_nothing_whatever_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 11,
        duplicate_percent: 30,
        half_failed_percent: 30,
        ..Faults::default()
    };
    let line = guarded(folder.path(), "2026-03-02T15:00:00Z", faults).await;
    sign_all_up(&line, 40).await;
    advertise(&line, 0..40).await;
    let texts = line.texts();
    assert_eq!(texts.iter().filter(|text| text.contains("year together")).count(), 40);
    for n in 0..2 {
        for again in 0..3 {
            stop(&line, n, &format!("r-{n}-{again}")).await;
        }
    }
    let counts = counted(&line, "message anniversary").await;
    println!("{counts:?}; faults {:?}", line.bundle.faults());
    assert_eq!(counts, Counts { sent: 40, opt_outs: 2 });
    assert_eq!(paused(&line).await, []);
    // Four days later nobody answers it any more.
    line.advance(24 * 3 + 1).await;
    for n in 2..8 {
        stop(&line, n, &format!("r-{n}")).await;
    }
    assert_eq!(counted(&line, "message anniversary").await.opt_outs, 2);
    assert_eq!(paused(&line).await, []);
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broadcast_that_the_east_opts_out_of_does_not_reach_the_west() {
    let folder = tempfile::tempdir().unwrap();
    let line = guarded(folder.path(), "2026-11-30T12:00:00Z", Faults::default()).await;
    for n in 0..40 {
        let mut detail = sign_up(&id(n), line.bundle.now());
        detail["zone"] = json!(if n < 30 { "Europe/London" } else { "America/New_York" });
        line.put("sign-up", detail).await;
    }
    line.settle().await;
    let name = "sale-skip".parse().unwrap();
    assert!(
        line.store
            .start_broadcast(&name, line.bundle.now(), "dana")
            .await
            .unwrap()
    );
    line.bundle.advance_to(at("2026-12-01T11:00:00Z")).await.unwrap();
    assert_eq!(counted(&line, "broadcast sale-skip").await.sent, 30);
    for n in 0..5 {
        stop(&line, n, &format!("r-{n}")).await;
    }
    let paused = paused(&line).await;
    assert_eq!(paused.len(), 1, "{paused:?}");
    assert_eq!(
        (paused[0].0.as_str(), paused[0].1.as_str()),
        ("broadcast sale-skip", "guard")
    );
    line.bundle.advance_to(at("2026-12-01T16:00:00Z")).await.unwrap();
    for n in 30..40 {
        assert!(states(&line, &id(n)).await.contains(&"broadcast paused".to_owned()));
    }
    line.bundle.shutdown().await;
}

/// In the app a member takes a consent back, which is delivered twice; and then by reply what they have taken back already.
#[tokio::test(flavor = "multi_thread")]
async fn who_opts_out_in_an_app_counts_for_what_they_were_sent_by_that_channel() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 5,
        duplicate_percent: 50,
        half_failed_percent: 50,
        ..Faults::default()
    };
    let line = guarded(folder.path(), "2026-03-02T15:00:00Z", faults).await;
    for n in 0..20 {
        let mut detail = sign_up(&id(n), line.bundle.now());
        let more = json!({"channel": "push", "purpose": "promotional", "wording": "Yes"});
        detail["consents"].as_array_mut().unwrap().push(more);
        // Of the last some nothing goes by push.
        if n < 15 {
            detail["device"] = json!({"platform": "GCM", "token": format!("token-{n}")});
        }
        line.put("sign-up", detail).await;
    }
    line.settle().await;
    advertise(&line, 0..20).await;
    let of = "message anniversary";
    let pushed = line.messages(&id(0)).await;
    let channel = |kind| pushed.iter().find(|one| one.intent.kind == kind).unwrap().channel;
    assert_eq!(channel(MessageKind::Anniversary), Some(programme::Channel::Push));
    assert_eq!(counted(&line, of).await, Counts { sent: 20, opt_outs: 0 });
    let withdraw = async |n: usize, channel: &str, purpose: &str| {
        let detail = json!({"member": id(n), "id": format!("{channel}-{purpose}"), "at": line.bundle.now(),
            "channel": channel, "purpose": purpose, "granted": false});
        line.put("consent", detail).await;
        line.settle().await;
    };
    // Of what did not come by SMS nobody opts out by SMS; nor of what a member never agreed to, or what does not advertise.
    withdraw(0, "sms", "promotional").await;
    withdraw(1, "push", "transactional").await;
    assert_eq!(counted(&line, of).await.opt_outs, 0);
    for n in 0..3 {
        withdraw(n, "push", "promotional").await;
    }
    withdraw(17, "sms", "promotional").await;
    withdraw(17, "sms", "promotional").await;
    stop(&line, 17, "r-17").await;
    assert_eq!(counted(&line, of).await.opt_outs, 4);
    let reason = "opt-outs 4 of 20 sent, SPRT p0=0.5% p1=2% alpha=1%: log ratio 5.3 >= 4.6";
    let by_guard = (of.to_owned(), "guard".to_owned(), reason.to_owned());
    assert_eq!(paused(&line).await, [by_guard]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_message_counts_for() {
    let folder = tempfile::tempdir().unwrap();
    let campaign = "[[campaigns]]\nname = \"double\"\nmultiply = \"2\"\n\n[transfers]\n";
    let program = bundle_tests::sample_with(folder.path(), "[transfers]\n", campaign);
    let programme = programme::Programme::load(&program).unwrap();
    let of = |kind, campaign: Option<&str>, by| {
        let intent = Intent {
            member: member("01"),
            kind,
            cause: "sale".into(),
            wallet: WalletId::MAIN,
            at: at("2026-03-02T15:00:00Z"),
            useful_until: at("2026-03-03T15:00:00Z"),
            facts: Facts {
                campaign: campaign.map(str::to_owned),
                ..Facts::default()
            },
        };
        messages::counts_for(&programme, &intent, by).map(|of| of.to_string())
    };
    let by = Purpose::Promotional;
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(of(MessageKind::Broadcast, None, by), some("broadcast sale"));
    assert_eq!(
        of(MessageKind::PointsEarned, Some("double"), by),
        some("campaign double")
    );
    assert_eq!(
        of(MessageKind::PointsEarned, Some("a-mission"), by),
        some("message points-earned")
    );
    assert_eq!(of(MessageKind::Birthday, None, by), some("message birthday"));
    assert_eq!(of(MessageKind::Birthday, None, Purpose::Transactional), None);
}
