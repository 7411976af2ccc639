//! SNS's own list of numbers that opted out, through the whole line: whoever is on it gets nothing more, and START takes a number
//! off it as often as SNS does.

use bundle_tests::{Line, Start, phone};
use regulars::engine::{Faults, To};
use serde_json::json;

use crate::replies::{ADVERT, DUE, in_force, reply};

/// What was sent to a number.
fn sent_to(line: &Line, number: &str) -> usize {
    let published = line.bundle.published().into_iter();
    published
        .filter(|one| matches!(&one.target, To::Phone(phone) if phone == number))
        .count()
}

async fn sources(line: &Line, number: &str) -> Vec<(String, String)> {
    let all = line.store.all_evidence(None).await.unwrap().0.into_iter();
    let of_number = all.filter(|one| matches!(&one.whose, store::Whose::Number(of) if of == number));
    let mut told: Vec<_> = of_number
        .map(|one| (one.at, one.source, one.came.unwrap_or_default()))
        .collect();
    told.sort();
    told.into_iter().map(|(_, source, came)| (source, came)).collect()
}

/// A number that nobody signed up with.
fn stranger(n: u32) -> String {
    format!("+1646555{n:04}")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_opted_out_at_sns_alone_gets_nothing_more() {
    let faults = Faults {
        seed: 17,
        duplicate_percent: 30,
        throttle_percent: 5,
        timeout_percent: 5,
        half_failed_percent: 30,
        ..Faults::default()
    };
    let line = Start {
        faults,
        ..Start::default()
    }
    .line()
    .await;
    let ids: Vec<String> = (0..16).map(|n| format!("{n:02}")).collect();
    for id in &ids {
        line.sign_up(id).await;
    }
    // More than a page, in which members stand between strangers.
    let opts_out = |id: &str| id.parse::<u32>().unwrap() % 2 == 0;
    for id in ids.iter().filter(|id| opts_out(id)) {
        line.bundle.opt_out_at_sns(&phone(id));
    }
    for n in 0..230 {
        line.bundle.opt_out_at_sns(&stranger(n));
    }
    line.advance(26).await;
    let before: Vec<usize> = ids.iter().map(|id| sent_to(&line, &phone(id))).collect();
    for round in 0..3 {
        for id in &ids {
            line.purchase(id, &format!("o-{id}-{round}"), "20.00").await;
        }
        line.advance(30).await;
    }
    let (mut after, mut to_others) = (0, 0);
    for (id, before) in ids.iter().zip(before) {
        let sent = sent_to(&line, &phone(id)) - before;
        if opts_out(id) {
            after += sent;
            assert!(in_force(&line, id).await.is_empty(), "member {id}");
            let evidence = line.store.evidence_of(&bundle_tests::member(id)).await.unwrap();
            let by_sns = evidence
                .iter()
                .filter(|one| one.source == "sns" && one.granted == Some(false));
            assert_eq!(by_sns.count(), 2, "member {id}: {evidence:?}");
        } else {
            to_others += sent;
        }
    }
    println!(
        "238 numbers on SNS's list, 8 of members: {after} sent to them afterwards, {to_others} to the others; faults {:?}",
        line.bundle.faults()
    );
    assert_eq!(after, 0);
    assert!(to_others >= 24);
    let listing = line.store.listing().await.unwrap().unwrap();
    assert!(listing.ended, "{listing:?}");
    // What is known is not written again, however often the list is read.
    assert_eq!(
        sources(&line, &stranger(229)).await,
        [("sns".to_owned(), "stopped".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_goes_on_where_it_ended_and_what_was_left_half_done_is_done() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    line.sign_up("02").await;
    let now = line.bundle.now();
    for id in ["01", "02"] {
        line.bundle.opt_out_at_sns(&phone(id));
    }
    // Whoever stopped the first number died before its member followed, and had read no further.
    let round = store::Listing::begins(now);
    line.store.note_listing(&round).await.unwrap();
    let number = phone("01").parse().unwrap();
    let heard = messages::Number::default().listed(now, now);
    let half_done = store::Reply {
        source: "sns",
        id: format!("sns-{now}"),
        at: Some(now),
        received: now,
        class: "opt-out",
    };
    let put = line
        .store
        .put_number(&number, &heard.number, None, Some((&half_done, "stopped")));
    assert_eq!(put.await.unwrap(), store::Commit::Done);
    assert!(!in_force(&line, "01").await.is_empty());
    line.advance(1).await;
    for id in ["01", "02"] {
        assert!(in_force(&line, id).await.is_empty(), "member {id}");
    }
    assert_eq!(
        line.store.listing().await.unwrap().unwrap().began,
        now,
        "the same round"
    );
    // A place that SNS does not know any more: the round begins anew.
    let lost = store::Listing {
        after: Some("lost".to_owned()),
        ..store::Listing::begins(now)
    };
    line.store.note_listing(&lost).await.unwrap();
    line.sign_up("03").await;
    line.bundle.opt_out_at_sns(&phone("03"));
    line.advance(25).await;
    assert!(in_force(&line, "03").await.is_empty());
    assert!(line.bundle.given_up().is_empty(), "{:?}", line.bundle.given_up());
}

#[tokio::test(flavor = "multi_thread")]
async fn start_takes_a_number_off_the_list_once_in_thirty_days() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    let number = phone("01");
    line.bundle.opt_out_at_sns(&number);
    line.advance(26).await;
    assert!(in_force(&line, "01").await.is_empty());
    reply(&line, &number, "START", "i-1").await;
    assert_eq!(in_force(&line, "01").await, [DUE, ADVERT].into());
    assert!(!line.bundle.is_opted_out_at_sns(&number));
    // What is read of the list since does not stop it again.
    line.advance(26).await;
    assert_eq!(in_force(&line, "01").await, [DUE, ADVERT].into());

    line.bundle.opt_out_at_sns(&number);
    line.advance(26).await;
    assert!(in_force(&line, "01").await.is_empty());
    let sent = sent_to(&line, &number);
    reply(&line, &number, "START", "i-2").await;
    assert!(in_force(&line, "01").await.is_empty());
    assert!(line.bundle.is_opted_out_at_sns(&number));
    assert_eq!(sent_to(&line, &number), sent, "nothing is answered");
    line.advance(24 * 30).await;
    reply(&line, &number, "START", "i-3").await;
    assert_eq!(in_force(&line, "01").await, [DUE, ADVERT].into());
    assert!(!line.bundle.is_opted_out_at_sns(&number));
    let told = sources(&line, &number).await;
    let came: Vec<(&str, &str)> = told
        .iter()
        .map(|(source, came)| (source.as_str(), came.as_str()))
        .collect();
    let wanted = [
        ("sns", "stopped"),
        ("reply", "resumed"),
        ("sns", "stopped"),
        ("reply", "too-soon"),
        ("reply", "resumed"),
    ];
    assert_eq!(came, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_sns_does_not_give_back_stays_stopped_and_says_why() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    let number = phone("01");
    // Somebody else of the account took it off the list, and SNS put it there again.
    line.bundle.opt_out_at_sns(&number);
    line.bundle.opt_in_at_sns(&number);
    line.bundle.opt_out_at_sns(&number);
    line.advance(26).await;
    reply(&line, &number, "START", "i-1").await;
    assert!(in_force(&line, "01").await.is_empty());
    let told = sources(&line, &number).await;
    assert_eq!(told.last().unwrap().1, "not-taken-back", "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publish_that_sns_refuses_stops_the_number_at_once() {
    let faults = Faults {
        refuse_opted_out: true,
        ..Faults::default()
    };
    let line = Start {
        faults,
        ..Start::default()
    }
    .line()
    .await;
    line.sign_up("01").await;
    line.sign_up("02").await;
    line.bundle.opt_out_at_sns(&phone("01"));
    let (before, sent) = (sent_to(&line, &phone("01")), sent_to(&line, &phone("02")));
    for id in ["01", "02"] {
        line.purchase(id, &format!("o-{id}-1"), "20.00").await;
    }
    assert!(in_force(&line, "01").await.is_empty());
    line.purchase("01", "o-2", "20.00").await;
    let told = line.told("01").await;
    let earned: Vec<_> = told.iter().filter(|(kind, ..)| kind == "points-earned").collect();
    let states: Vec<_> = earned
        .iter()
        .map(|(_, state, reason)| (state.as_str(), reason.as_str()))
        .collect();
    assert_eq!(states, [("failed", "opted-out"), ("suppressed", "stopped-by-member")]);
    assert_eq!(
        (sent_to(&line, &phone("01")), sent_to(&line, &phone("02"))),
        (before, sent + 1)
    );
    assert_eq!(
        sources(&line, &phone("01")).await,
        [("sns".to_owned(), "stopped".to_owned())]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_run_knows_the_list_again() {
    let folder = tempfile::tempdir().unwrap();
    let start = || Start {
        data: Some(folder.path().to_owned()),
        ..Start::default()
    };
    let line = start().line().await;
    line.bundle.opt_out_at_sns(&phone("01"));
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;
    let line = start().line().await;
    assert!(line.bundle.is_opted_out_at_sns(&phone("01")));
}
