//! Referrals through the whole line: a friend's purchase brings both something, and coming back takes it from both, however
//! the records are delivered.

use bundle_tests::{Line, Start, at, phone, purchase, sample_with, sign_up};
use programme::WalletId;
use regulars::engine::Faults;
use serde_json::{Value, json};

use crate::audit::regulars;

const PROGRAMME: &str = "[referral]
when = \"activity.amount >= 20\"
return-days = 30
review-over = { times = 2, per = \"day\" }

[[campaigns]]
name = \"brings\"
on = \"referral\"
points = 100

[[campaigns]]
name = \"welcome\"
on = \"referred\"
points = 50

[[missions]]
name = \"friends\"
on = \"referral\"
[[missions.milestones]]
reach = 2
points = 500

[transfers]
";

async fn line(folder: &std::path::Path, faults: Faults) -> Line {
    let start = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(sample_with(folder, "[transfers]\n", PROGRAMME)),
        faults,
        ..Start::default()
    };
    start.line().await
}

/// Signs somebody up whom another referred.
async fn referred(line: &Line, member: &str, by: &str) {
    let mut detail = sign_up(member, line.bundle.now());
    detail["referrer"] = json!(by);
    line.put("sign-up", detail).await;
    line.settle().await;
}

fn back(line: &Line, member: &str, order: &str) -> Value {
    json!({"member": member, "refund": format!("b-{order}"), "at": line.bundle.now(), "order": order})
}

async fn pending(line: &Line, member: &str) -> i64 {
    let account = line.account(member).await;
    let pending = account.pending(WalletId::MAIN).iter();
    pending.map(|pending| pending.points.get()).sum()
}

async fn causes(line: &Line, member: &str) -> Vec<String> {
    let entries = line.entries(member).await.into_iter();
    entries.map(|entry| entry.cause.into_string()).collect()
}

async fn are_sound(line: &Line, members: &[&str]) {
    for member in members {
        let pages = line.store.pages(&member.parse().unwrap()).await.unwrap();
        let account = line.account(member).await;
        assert_eq!(ledger::audit(&line.programme, &pages, &account), [], "{member}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_friend_s_purchase_brings_both_something_and_takes_it_along_when_it_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path(), Faults::default()).await;
    line.sign_up("01").await;
    referred(&line, "02", "01").await;
    line.purchase("02", "o-1", "10.00").await;
    assert_eq!((pending(&line, "01").await, pending(&line, "02").await), (0, 0));
    line.purchase("02", "o-2", "20.00").await;
    assert_eq!((pending(&line, "01").await, pending(&line, "02").await), (100, 50));
    let brought = ["sign-up", "referral#02#o-2", "referral#02#o-2 brings"];
    assert_eq!(causes(&line, "01").await, brought);

    line.put("refund", back(&line, "02", "o-2")).await;
    line.settle().await;
    assert_eq!((pending(&line, "01").await, pending(&line, "02").await), (0, 0));
    line.purchase("02", "o-3", "30.00").await;
    assert_eq!((pending(&line, "01").await, pending(&line, "02").await), (100, 50));
    line.advance(24 * 31).await;
    let balance = |account: ledger::Account| {
        account
            .balance(WalletId::MAIN, &line.programme, line.bundle.now())
            .get()
    };
    assert_eq!(balance(line.account("01").await), 100);
    assert_eq!(balance(line.account("02").await), 90);
    are_sound(&line, &["01", "02"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_refers_themselves_by_another_name_nor_who_is_there_only_later() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path(), Faults::default()).await;
    line.sign_up("01").await;
    referred(&line, "02", "02").await;
    // Not there yet; and once it is, the other way round is a ring.
    referred(&line, "03", "04").await;
    referred(&line, "04", "03").await;
    let mut same_phone = sign_up("05", line.bundle.now());
    (same_phone["referrer"], same_phone["phone"]) = (json!("01"), json!(phone("01")));
    line.put("sign-up", same_phone).await;
    line.settle().await;
    for member in ["02", "03", "04", "05"] {
        line.purchase(member, "o-1", "20.00").await;
    }
    assert_eq!(causes(&line, "03").await.last().unwrap(), "referral#04#o-1 brings");
    for member in ["02", "05"] {
        assert_eq!(
            causes(&line, member).await,
            ["sign-up", "sign-up", "purchase#o-1"],
            "{member}"
        );
    }
    assert_eq!(causes(&line, "01").await, ["sign-up"]);
    assert_eq!(causes(&line, "04").await.last().unwrap(), "purchase#o-1 welcome");
    assert_eq!((pending(&line, "03").await, pending(&line, "04").await), (100, 50));
}

/// A handful of members who refer each other, buy and give back.
async fn play(line: &Line) {
    line.sign_up("01").await;
    for (member, by) in [("02", "01"), ("03", "01"), ("04", "02"), ("05", "04")] {
        referred(line, member, by).await;
    }
    for (order, member) in ["02", "04", "05", "03", "02", "04"].into_iter().enumerate() {
        let detail = purchase(member, &format!("o-{order}"), "25.00", line.bundle.now());
        line.put("purchase", detail).await;
        line.settle().await;
    }
    for (member, order) in [("02", "o-0"), ("05", "o-2"), ("03", "o-3")] {
        line.put("refund", back(line, member, order)).await;
        line.settle().await;
    }
    // Two that are lost are two of the day all the same.
    line.purchase("02", "o-8", "21.00").await;
    line.advance(24).await;
    line.purchase("03", "o-9", "21.00").await;
}

const MEMBERS: [&str; 5] = ["01", "02", "03", "04", "05"];

#[tokio::test(flavor = "multi_thread")]
async fn faults_and_repeats_bring_nobody_more_or_less() {
    let folder = tempfile::tempdir().unwrap();
    let calm = line(folder.path(), Faults::default()).await;
    play(&calm).await;
    let faults = Faults {
        seed: 7,
        duplicate_percent: 30,
        throttle_percent: 5,
        // Done, and answered with an error: as after a crash between the commit and its answer.
        timeout_percent: 15,
        half_failed_percent: 30,
        ..Faults::default()
    };
    let other = tempfile::tempdir().unwrap();
    let wild = line(other.path(), faults).await;
    play(&wild).await;
    for member in MEMBERS {
        let said = |entries: Vec<ledger::Entry>| -> Vec<String> {
            let said = entries
                .into_iter()
                .map(|entry| format!("{} {:?}", entry.cause, entry.what));
            said.collect()
        };
        let (expected, found) = (calm.entries(member).await, wild.entries(member).await);
        assert_eq!(said(expected), said(found), "{member}");
    }
    are_sound(&wild, &MEMBERS).await;
    let totals = wild.account("01").await.totals(WalletId::MAIN);
    // Both friends and the milestone, lost; one waits for review, and one came the next day.
    assert_eq!((totals.earned.get(), totals.returned.get()), (800, 700));
    let waiting = wild.store.referrals_in_review().await.unwrap();
    let waiting: Vec<_> = waiting.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(waiting, ["referral#02#o-8"]);
}

/// Write units of `compute-points` on both tables so far.
fn written(line: &Line) -> u64 {
    let rows = line.bundle.units().rows.into_iter();
    let own = rows.filter(|(key, _)| key.function == "compute-points");
    own.map(|(_, count)| count.write).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referral_costs_a_handful_of_write_units_once() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path(), Faults::default()).await;
    line.sign_up("01").await;
    referred(&line, "02", "01").await;
    let mut costs = Vec::new();
    for amount in ["10.00", "20.00", "20.00"] {
        let before = written(&line);
        line.purchase("02", &format!("o-{}", costs.len()), amount).await;
        costs.push(written(&line) - before);
    }
    println!("write units of three purchases, the second of which makes a referral count: {costs:?}");
    assert_eq!(costs[0], costs[2]);
    // The friend's account and the activity at double units, the referrer's account, and both alarms, which are moved.
    assert!(costs[1] <= costs[0] + 8, "{costs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_wait_and_one_that_is_accepted_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path(), Faults::default()).await;
    line.sign_up("01").await;
    for friend in ["02", "03", "04", "05"] {
        referred(&line, friend, "01").await;
        line.purchase(friend, "o-1", "20.00").await;
    }
    // Two a day, and what two friends are worth beside them.
    assert_eq!(pending(&line, "01").await, 700);
    assert_eq!(pending(&line, "04").await, 50, "the friend is not in question");
    let refused = line.refused().await;
    let codes: Vec<_> = refused
        .iter()
        .map(|(id, why)| (id.as_str(), why.split(':').next().unwrap()))
        .collect();
    let review = "referral-review";
    assert_eq!(codes, [("referral#04#o-1", review), ("referral#05#o-1", review)]);
    let waiting = line.store.referrals_in_review().await.unwrap();
    let waiting: Vec<_> = waiting
        .iter()
        .map(|one| (one.referrer.as_str(), one.id.as_str()))
        .collect();
    assert_eq!(waiting, [("01", "referral#04#o-1"), ("01", "referral#05#o-1")]);

    let (referrer, accepted) = (
        "01".parse().unwrap(),
        ledger::Accepted {
            reason: "known customers".parse().unwrap(),
            actor: "dana".parse().unwrap(),
        },
    );
    let accept = async |id: &str| {
        let id = id.parse().unwrap();
        let done = line.store.accept_referral(&referrer, &id, &accepted).await.unwrap();
        line.settle().await;
        done
    };
    assert!(accept("referral#04#o-1").await);
    assert_eq!(pending(&line, "01").await, 800);
    assert!(!accept("referral#04#o-1").await, "it does not wait any more");
    assert!(!accept("referral#09#o-1").await);
    assert_eq!(pending(&line, "01").await, 800);
    let entries = line.entries("01").await;
    let said = entries.iter().find(|entry| entry.cause == "referral#04#o-1").unwrap();
    assert!(matches!(&said.what, ledger::What::Referral { accepted: Some(by), .. } if *by == accepted));

    // What comes back while it waits is not accepted any more.
    line.put("refund", back(&line, "05", "o-1")).await;
    line.settle().await;
    assert!(accept("referral#05#o-1").await);
    assert_eq!(pending(&line, "01").await, 800);
    let refused = line.refused().await;
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].1.starts_with("referral-over"), "{refused:?}");
    are_sound(&line, &["01", "04", "05"]).await;
}

/// Nobody but us says that a referral counts.
#[tokio::test(flavor = "multi_thread")]
async fn a_referral_is_no_event_that_a_shop_can_send() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path(), Faults::default()).await;
    line.sign_up("01").await;
    let detail = json!({"member": "01", "id": "x", "at": line.bundle.now(), "referee": "02"});
    line.put("referral", detail).await;
    line.settle().await;
    assert_eq!(pending(&line, "01").await, 0);
    let refused = line.refused().await;
    assert!(refused[0].1.contains("no kind of activity"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_finds_what_waits_and_accepts_it() {
    let folder = tempfile::tempdir().unwrap();
    let line = line(folder.path(), Faults::default()).await;
    line.sign_up("01").await;
    for friend in ["02", "03", "04"] {
        referred(&line, friend, "01").await;
        line.purchase(friend, "o-1", "20.00").await;
    }
    let (activities, endpoint) = (
        line.bundle.table_name("ActivitiesTable").unwrap(),
        line.bundle.endpoint(),
    );
    let run = |arguments: &'static [&'static str]| {
        let (table, endpoint) = (activities.clone(), endpoint.clone());
        // The bundle answers on this runtime's other threads.
        tokio::task::spawn_blocking(move || {
            let arguments = [arguments, &["--activities", &table]].concat();
            regulars(&arguments, None, Some(&endpoint))
        })
    };
    let (code, said, errors) = run(&["referrals"]).await.unwrap();
    assert_eq!((code, errors.as_str()), (0, ""));
    let row = said.lines().find(|line| line.contains("referral#04#o-1"));
    assert!(
        row.is_some_and(|row| row.contains("01") && row.contains("2026-03-02 10:00")),
        "{said}"
    );
    let why = ["--reason", "a known customer", "--by", "dana"];
    let (code, _, errors) = run(&[
        "accept-referral",
        "01",
        "referral#03#o-1",
        "--reason",
        "x",
        "--by",
        "dana",
    ])
    .await
    .unwrap();
    assert!(
        code == 1 && errors.contains("has no referral referral#03#o-1 that waits"),
        "{errors}"
    );
    let (code, _, errors) = run(&[
        "accept-referral",
        "01",
        "referral#04#o-1",
        "--reason",
        " ",
        "--by",
        "dana",
    ])
    .await
    .unwrap();
    assert!(code == 1 && errors.contains("--reason takes"), "{errors}");
    let (code, said, errors) = run(&[
        "accept-referral",
        "01",
        "referral#04#o-1",
        "--reason",
        "a known customer",
        "--by",
        "dana",
    ])
    .await
    .unwrap();
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(said.starts_with("referral#04#o-1 of 01 is accepted"), "{said}");
    line.settle().await;
    assert_eq!(pending(&line, "01").await, 800);
    let (_, said, _) = run(&["referrals"]).await.unwrap();
    assert_eq!(said, "No referral waits.\n");

    let (members, endpoint) = (line.bundle.table_name("MembersTable").unwrap(), line.bundle.endpoint());
    let statement = move |member: &'static str| {
        let (members, endpoint) = (members.clone(), endpoint.clone());
        tokio::task::spawn_blocking(move || {
            regulars(&["statement", member, "--table", &members], None, Some(&endpoint)).1
        })
    };
    let said = statement("01").await.unwrap();
    assert!(
        said.contains(&format!("of 04, accepted by {}: {}", why[3], why[1])),
        "{said}"
    );
    let said = statement("02").await.unwrap();
    assert!(said.contains("referral met"), "{said}");
}

/// Friends at several tills, and the one who brought them at another.
#[tokio::test(flavor = "multi_thread")]
async fn however_many_friends_buy_at_once_each_is_brought_once() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 3,
        duplicate_percent: 40,
        half_failed_percent: 40,
        ..Faults::default()
    };
    let line = line(folder.path(), faults).await;
    line.sign_up("01").await;
    let friends = ["02", "03", "04", "05", "06", "07"];
    for friend in friends {
        referred(&line, friend, "01").await;
    }
    for round in 0..3 {
        for member in friends.into_iter().chain(["01"]) {
            let detail = purchase(member, &format!("o-{round}"), "20.00", line.bundle.now());
            line.put("purchase", detail).await;
        }
    }
    line.settle().await;
    // Which of a friend's purchases came first, nobody says; one of them did.
    let brought = causes(&line, "01").await;
    let brought = brought.iter().filter(|cause| cause.ends_with(" brings")).count();
    let waiting = line.store.referrals_in_review().await.unwrap().len();
    assert_eq!((brought, waiting), (2, 4));
    for friend in friends {
        assert_eq!(pending(&line, friend).await, 50, "{friend}");
    }
    are_sound(&line, &["01", "02", "07"]).await;
}
