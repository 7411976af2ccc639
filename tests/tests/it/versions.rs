//! A version that takes effect while everybody sleeps: whom it concerns hears of it in time, by a fan-out over the bus.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bundle_tests::{Line, Start, at, member, phone, sample_with, sign_up};
use jiff::civil::date;
use jiff::{SignedDuration, Timestamp};
use ledger::{Activity, Fact, MemberId, Past, Said};
use programme::Zone;
use regulars::engine::Faults;
use serde_json::json;
use store::{Commit, Errand, Walked};

const GIFT: &str = "[calendar]\nmember-day = { monthly = 18 }\n\n[[campaigns]]\nname = \"gift\"\n\
                    on = { day = \"member-day\" }\npoints = 30\nfrom = \"2026-01-01\"\n\n[transfers]\n";

/// The sample, and from a day on a version with a gift on every 18th.
fn gift_from(folder: &Path, day: &str) -> PathBuf {
    let program = sample_with(folder, "[transfers]\n", GIFT);
    let main = std::fs::read_to_string(program.join("programme.toml")).unwrap();
    let earlier = program.join("earlier/2025");
    std::fs::create_dir_all(&earlier).unwrap();
    std::fs::write(earlier.join("programme.toml"), main.replace(GIFT, "[transfers]\n")).unwrap();
    std::fs::write(
        program.join("programme.toml"),
        format!("effective-from = {day:?}\n{main}"),
    )
    .unwrap();
    program
}

/// What the alarm clock's calls came to, by operation and kind of item.
fn calls(line: &Line) -> BTreeMap<(String, String), u64> {
    let mut calls = BTreeMap::new();
    for (key, count) in line.bundle.units().rows {
        if key.function == "wake-members" {
            *calls.entry((key.operation, key.item)).or_default() += count.calls;
        }
    }
    calls
}

fn between(
    before: &BTreeMap<(String, String), u64>,
    after: &BTreeMap<(String, String), u64>,
    operation: &str,
    item: &str,
) -> u64 {
    let key = (operation.to_owned(), item.to_owned());
    let count = |calls: &BTreeMap<_, u64>| calls.get(&key).copied().unwrap_or_default();
    count(after) - count(before)
}

const MEMBERS: usize = 220;
/// Every eleventh has a birthday before the first 18th, and is set anew by that.
const WITH_BIRTHDAY: usize = 11;

fn id(n: usize) -> String {
    format!("m{n:03}")
}

async fn sign_all_up(line: &Line, members: usize) {
    for n in 0..members {
        let mut detail = sign_up(&id(n), line.bundle.now());
        detail["phone"] = json!(phone(&n.to_string()));
        detail["zone"] = json!(["America/New_York", "Asia/Shanghai", "Europe/London"][n % 3]);
        if n % WITH_BIRTHDAY == 0 {
            detail["birthday"] = json!("1980-03-14");
        }
        line.put("sign-up", detail).await;
    }
    line.settle().await;
}

/// When a member got the gift, in the member's own zone.
async fn gifts(line: &Line, n: usize) -> Vec<String> {
    let entries = line.entries(&id(n)).await;
    let gifts = entries.iter().filter(|entry| entry.cause.ends_with(" gift"));
    gifts.map(|entry| entry.happened().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn members_who_do_nothing_hear_of_a_new_day_and_nobody_is_scanned_for() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(gift_from(folder.path(), "2026-03-12")),
        ..Start::default()
    }
    .line()
    .await;
    sign_all_up(&line, MEMBERS).await;
    line.bundle.advance_to(at("2026-03-12T03:00:00Z")).await.unwrap();
    let alarm = |text: &str| at(text);
    let sleeps = line.account(&id(1)).await.alarm();
    assert!(sleeps > alarm("2026-06-01T00:00:00Z"), "{sleeps}");

    // It takes effect at New York's midnight; the tick there looks at everybody once, and once more at who was written.
    let before = calls(&line);
    line.bundle.advance_to(at("2026-03-12T05:00:00Z")).await.unwrap();
    let after = calls(&line);
    let concerned = MEMBERS - MEMBERS / WITH_BIRTHDAY;
    assert_eq!(between(&before, &after, "PutItem", "account"), concerned as u64);
    assert_eq!(between(&before, &after, "Scan", "account"), 0);
    let pages = between(&before, &after, "BatchGetItem", "account");
    assert!(pages <= 2 * (MEMBERS as u64).div_ceil(100) + 1, "{pages} pages");
    let armed = line.store.armed().await.unwrap().unwrap();
    let version = &line.programme.version.fingerprint;
    assert!(armed.is_for(version), "{armed:?}");
    assert_eq!(
        line.account(&id(1)).await.alarm(),
        alarm("2026-03-18T02:00:00Z"),
        "Shanghai's morning"
    );

    // Later ticks know.
    line.advance(3).await;
    let quiet = calls(&line);
    assert_eq!(between(&after, &quiet, "PutItem", "account"), 0);
    assert!(between(&after, &quiet, "GetItem", "armed") <= 1);

    line.bundle.advance_to(at("2026-03-19T15:00:00Z")).await.unwrap();
    for n in 0..MEMBERS {
        let ten = ["2026-03-18T14:00:00Z", "2026-03-18T02:00:00Z", "2026-03-18T10:00:00Z"][n % 3];
        assert_eq!(gifts(&line, n).await, [ten], "member {n}");
        let told = line.told(&id(n)).await;
        assert!(
            told.iter()
                .any(|(kind, state, _)| kind == "points-earned" && state == "sent"),
            "{told:?}"
        );
    }
    assert_eq!(line.bundle.given_up().len(), 0);
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_the_middle_of_the_fan_out_leave_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults {
        seed: 1997,
        duplicate_percent: 30,
        throttle_percent: 10,
        timeout_percent: 10,
        half_failed_percent: 20,
        ..Faults::default()
    };
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(gift_from(folder.path(), "2026-03-05")),
        faults,
        ..Start::default()
    }
    .line()
    .await;
    sign_all_up(&line, 60).await;
    line.bundle.advance_to(at("2026-03-19T15:00:00Z")).await.unwrap();
    for n in 0..60 {
        assert_eq!(gifts(&line, n).await.len(), 1, "member {n}");
    }
    let armed = line.store.armed().await.unwrap().unwrap();
    assert!(armed.is_for(&line.programme.version.fingerprint), "{armed:?}");
    println!("faults {:?}", line.bundle.faults());
    line.bundle.shutdown().await;
}

/// More than a run looks at.
const MANY: usize = 2_300;

/// Members who joined long ago, put into the table as they would be.
async fn put_many(line: &Line) {
    let at = at("2026-01-05T15:00:00Z");
    let joined = Activity {
        id: "sign-up".parse().unwrap(),
        at,
        received: at,
        fact: Fact::SignUp {
            zone: Zone::parse("America/New_York").unwrap(),
            birthday: None,
            referrer: None,
        },
        said: Said::default(),
    };
    let mut account = None;
    ledger::apply(&line.programme, &mut account, &joined, Past::default()).unwrap();
    let account = account.unwrap();
    for n in 0..MANY {
        let put = line.store.commit(&member(&id(n)), &account, None, &[]).await;
        assert_eq!(put.unwrap(), Commit::Done);
    }
}

/// A tier by hand until September, by the rules before the gift: its end is told of in August.
async fn set_tier(line: &Line, member: &MemberId) {
    let (now, label) = (line.bundle.now(), |text: &str| text.parse().unwrap());
    let given = Activity {
        id: "set-tier#1".parse().unwrap(),
        at: now,
        received: now,
        fact: Fact::SetTier {
            tier: label("Collector"),
            until: Some(date(2026, 9, 1)),
            reason: label("goodwill"),
            actor: label("clerk-7"),
        },
        said: Said::default(),
    };
    let stored = line.store.account(member).await.unwrap().unwrap();
    let mut account = Some(stored.account);
    ledger::apply(line.programme.at(now), &mut account, &given, Past::default()).unwrap();
    let account = account.unwrap();
    assert_eq!(account.alarm(), at("2026-08-02T14:00:00Z"));
    let put = line.store.commit(member, &account, Some(stored.version), &[]).await;
    assert_eq!(put.unwrap(), Commit::Done);
}

async fn alarms(line: &Line, wanted: Timestamp) -> usize {
    let mut found = 0;
    for n in 0..MANY {
        found += usize::from(line.account(&id(n)).await.alarm() == wanted);
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn very_many_are_looked_at_run_after_run_and_a_crash_goes_on_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        program: Some(gift_from(folder.path(), "2026-03-05T10:30")),
        without_streams: true,
        ..Start::default()
    }
    .line()
    .await;
    // The first tick finds nobody: nothing is to be set anew.
    line.advance(1).await;
    put_many(&line).await;
    let gift = at("2026-03-18T14:00:00Z");
    assert_eq!(alarms(&line, gift).await, 0);

    // As if a run had come so far and died before it could leave the rest to the next.
    let version = &line.programme.version.fingerprint;
    line.store.begin_arming(version).await.unwrap();
    let (found, last) = line.store.roster(0, 100, None).await.unwrap();
    assert_eq!(found.len(), 100);
    let errand = Errand::Rearm {
        version: version.clone(),
    };
    let walked = Walked::To(last.clone().unwrap());
    let note = |walked: Walked| {
        let (store, errand) = (&line.store, &errand);
        async move { store.note_walked(errand, (0, None), &walked, 100).await.unwrap() }
    };
    assert_eq!(note(walked).await.unwrap().open(), [(0, last)]);
    // Another run that began where this one did is overtaken.
    assert!(note(Walked::Done).await.is_none());

    // Meanwhile one that it has not come to is written by who knows the old rules alone, and moves to an earlier time.
    let other = (0..MANY).map(|n| member(&id(n))).find(|member| !found.contains(member));
    set_tier(&line, &other.unwrap()).await;

    line.bundle.advance_to(at("2026-03-05T17:00:00Z")).await.unwrap();
    assert_eq!(
        alarms(&line, gift).await,
        MANY - 100,
        "who was looked at before the crash is not looked at again"
    );
    assert!(line.store.armed().await.unwrap().unwrap().is_for(version));

    // Done again from the start, it comes to the same for those, and the others have what they have.
    line.store.begin_arming(version).await.unwrap();
    let before = calls(&line);
    let walk = json!({"index": "rearm", "shard": 0, "version": version, "after": null});
    let put = line
        .bundle
        .put_event("RegularsBus", "regulars.wake-members", "continue", walk);
    put.await.unwrap();
    line.settle().await;
    let after = calls(&line);
    assert_eq!(alarms(&line, gift).await, MANY);
    assert_eq!(between(&before, &after, "PutItem", "account"), 100);
    let runs = MANY.div_ceil(2_000) as u64;
    assert_eq!(
        between(&before, &after, "UpdateItem", "armed"),
        runs + 1,
        "a note a run, and the end"
    );
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_without_a_day_is_armed_for_when_it_is_deployed() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let start = |program: PathBuf| Start {
        at: Some(at("2026-03-02T15:00:00Z")),
        data: Some(data.path().join("run")),
        program: Some(program),
        ..Start::default()
    };
    let before = sample_with(&folder.path().join("before"), "", "");
    let line = start(before).line().await;
    sign_all_up(&line, 12).await;
    line.bundle.advance_to(at("2026-03-20T15:00:00Z")).await.unwrap();
    line.bundle.checkpoint(&json!(null)).await.unwrap();
    line.bundle.shutdown().await;

    let edited = sample_with(&folder.path().join("after"), "[transfers]\n", GIFT);
    let line = start(edited).line().await;
    line.bundle.advance_to(at("2026-04-19T15:00:00Z")).await.unwrap();
    for n in 0..12 {
        // The 18th of March was over.
        let gifts = gifts(&line, n).await;
        assert_eq!(gifts.len(), 1, "member {n}: {gifts:?}");
        assert!(gifts[0].starts_with("2026-04-18"), "{gifts:?}");
    }

    // Where only texts change, nobody is looked at.
    line.bundle.checkpoint(&json!(null)).await.unwrap();
    line.bundle.shutdown().await;
    let texts = sample_with(&folder.path().join("texts"), "[transfers]\n", GIFT);
    let english = texts.join("texts/en.toml");
    let text = std::fs::read_to_string(&english).unwrap();
    std::fs::write(&english, text.replace("Happy birthday", "Many happy returns")).unwrap();
    let line = start(texts).line().await;
    let before = calls(&line);
    line.bundle
        .advance_to(line.bundle.now() + SignedDuration::from_hours(3))
        .await
        .unwrap();
    let after = calls(&line);
    assert_eq!(between(&before, &after, "UpdateItem", "armed"), 0);
    assert_eq!(between(&before, &after, "BatchGetItem", "account"), 0);
    line.bundle.shutdown().await;
}
