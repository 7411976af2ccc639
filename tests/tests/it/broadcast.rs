//! Broadcasts through the whole line: everybody of the audience once, at their own hour, whatever goes wrong meanwhile.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bundle_tests::{Line, Start, at, member, phone, sample_with, sign_up};
use jiff::{SignedDuration, Timestamp};
use ledger::{Activity, Fact, Past, Said};
use programme::Zone;
use regulars::engine::{Faults, To};
use serde_json::json;
use store::{Commit, Errand, Walked};

use crate::pause::{states, switch, word};

/// More than the sample has: these go on one day.
const ROOM: &str = "[[caps]]\nmost = 50\nper = \"month\"\n\n";

/// The sample with broadcasts at ten on the first of December, one for each rule of what is past.
pub(crate) fn with_broadcasts(folder: &Path, audience: &str) -> PathBuf {
    let all = ["skip", "send", "next-day"].map(|past| {
        format!(
            "[[broadcasts]]\nname = \"sale-{past}\"\n{audience}\nat = \"2026-12-01 10:00\"\npast = {past:?}\n\
             message = {{ purpose = \"promotional\", channels = [\"push\", \"sms\"], useful-hours = 30 }}\n\n"
        )
    });
    let program = sample_with(folder, "[transfers]\n", &format!("{ROOM}{}[transfers]\n", all.concat()));
    for (locale, sms) in [
        (
            "en",
            "{{ programme }}: The winter sale is on, {{ name }}. Reply STOP to opt out.",
        ),
        (
            "zh-CN",
            "【{{ programme }}】会员{{ name }}，冬季特卖开始了。拒收请回复R",
        ),
    ] {
        let file = program.join(format!("texts/{locale}.toml"));
        let mut text = std::fs::read_to_string(&file).unwrap();
        for past in ["skip", "send", "next-day"] {
            text += &format!(
                "\n[broadcasts.sale-{past}]\nsms = {sms:?}\npush-title = \"Sale {past}\"\npush-body = \"It is on.\"\n"
            );
        }
        std::fs::write(file, text).unwrap();
    }
    program
}

pub(crate) async fn start(line: &Line, name: &str) {
    let name = name.parse().unwrap();
    let now = line.bundle.now();
    assert!(line.store.start_broadcast(&name, now, "dana").await.unwrap());
    told_to_begin(line).await;
}

/// An operator's word to the alarm clock.
async fn told_to_begin(line: &Line) {
    let put = line.bundle.put_event(
        "RegularsBus",
        "regulars.operator",
        "started",
        json!({"index": "broadcasts"}),
    );
    put.await.unwrap();
}

async fn sign_up_in(line: &Line, id: &str, zone: &str) {
    let mut detail = sign_up(id, line.bundle.now());
    detail["zone"] = json!(zone);
    line.put("sign-up", detail).await;
}

/// When each phone got what advertises, by its last digits.
pub(crate) fn sales(line: &Line) -> BTreeMap<String, Vec<Timestamp>> {
    let mut sales: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for sent in line.bundle.published() {
        if let To::Phone(number) = sent.target
            && sent.body.contains("winter sale")
        {
            sales.entry(number).or_default().push(sent.at);
        }
    }
    sales
}

/// Which hour a member was sent each of their broadcasts at.
async fn hours(line: &Line, id: &str) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for message in line.messages(id).await {
        if message.intent.key().starts_with("broadcast#") {
            let at = message
                .sent_at
                .map_or(message.state.name().to_owned(), |at| at.to_string());
            told.push(format!("{} {at}", message.intent.cause));
        }
    }
    told.sort();
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn each_member_hears_at_their_own_ten_o_clock_and_where_that_is_over_by_the_rule() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-12-01T00:00:00Z")),
        program: Some(with_broadcasts(folder.path(), "audience = \"member.purchases >= 1\"")),
        ..Start::default()
    }
    .line()
    .await;
    // Five in the afternoon in Shanghai, nine in London, four in the morning in New York.
    let zones = ["Asia/Shanghai", "Europe/London", "America/New_York"];
    for (n, zone) in zones.iter().enumerate() {
        sign_up_in(&line, &format!("1{n}"), zone).await;
        // The same, and never bought anything.
        sign_up_in(&line, &format!("2{n}"), zone).await;
    }
    line.settle().await;
    for n in 0..zones.len() {
        line.purchase(&format!("1{n}"), "o-1", "5.00").await;
    }
    line.bundle.advance_to(at("2026-12-01T09:00:00Z")).await.unwrap();
    for past in ["skip", "send", "next-day"] {
        start(&line, &format!("sale-{past}")).await;
    }
    line.settle().await;
    // At once where the hour is over and they get it, and nobody else yet.
    assert_eq!(
        sales(&line),
        BTreeMap::from([(phone("10"), vec![at("2026-12-01T09:00:00Z")])])
    );
    assert!(
        states(&line, "12").await.contains(&"broadcast deferred".to_owned()),
        "it waits where they live"
    );
    line.bundle.advance_to(at("2026-12-03T12:00:00Z")).await.unwrap();
    let send = "sale-send 2026-12-01T09:00:00Z";
    assert_eq!(
        hours(&line, "10").await,
        ["sale-next-day 2026-12-02T02:00:00Z", send],
        "skipped where it was over"
    );
    for (id, hour) in [("11", "10"), ("12", "15")] {
        let wanted = ["next-day", "send", "skip"].map(|past| format!("sale-{past} 2026-12-01T{hour}:00:00Z"));
        assert_eq!(hours(&line, id).await, wanted);
    }
    for n in 0..zones.len() {
        assert!(hours(&line, &format!("2{n}")).await.is_empty(), "never bought anything");
    }
    let started = line
        .store
        .broadcast(&"sale-skip".parse().unwrap())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(started.stated, 2);
    assert!(started.done.is_some() && line.store.open_broadcasts().await.unwrap().is_empty());
    assert_eq!(line.bundle.given_up().len(), 0);
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_left_the_audience_or_took_consent_back_before_its_hour_gets_none() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-12-01T00:00:00Z")),
        program: Some(with_broadcasts(folder.path(), "audience = \"member.balance >= 20\"")),
        ..Start::default()
    }
    .line()
    .await;
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
        line.purchase(id, "o-1", "29.33").await;
    }
    start(&line, "sale-skip").await;
    line.settle().await;
    let now = line.bundle.now();
    let withdrawn = json!({"member": "02", "id": "c-1", "at": now, "channel": "sms", "purpose": "promotional",
        "granted": false, "wording": "STOP"});
    line.put("consent", withdrawn).await;
    line.put(
        "refund",
        json!({"member": "03", "refund": "b-1", "order": "o-1", "at": now, "amount": "29.33", "currency": "USD"}),
    )
    .await;
    line.bundle.advance_to(at("2026-12-01T18:00:00Z")).await.unwrap();
    let of = async |id: &str| {
        let states = states(&line, id).await;
        states.into_iter().find(|state| state.starts_with("broadcast")).unwrap()
    };
    assert_eq!(of("01").await, "broadcast sent");
    assert_eq!(of("02").await, "broadcast suppressed no-consent");
    assert_eq!(of("03").await, "broadcast suppressed no-longer-true");
    let now = line.bundle.now();
    for (id, says) in [
        (
            "01",
            [
                "put off until 2026-12-01 10:00 for its time, where the member lives",
                "sent by SMS at 2026-12-01 10:00",
            ]
            .as_slice(),
        ),
        (
            "03",
            &[
                "put off until 2026-12-01 10:00 for its time, where the member lives",
                "never went: the member was not in its audience any longer, or the programme had it no longer",
            ],
        ),
    ] {
        let story = regulars::why::story(&line.store, &line.programme, &member(id), now).await;
        let steps = story.unwrap().0.steps;
        let told = steps.iter().find(|told| told.cause == "broadcast#sale-skip").unwrap();
        let said: Vec<&str> = told.messages[0].says.iter().map(String::as_str).collect();
        for (said, wanted) in said.iter().zip(says) {
            assert!(said.starts_with(wanted), "{said}");
        }
        assert_eq!(said.len(), says.len(), "{said:?}");
        let rule = &told.rules[0];
        let wanted = if id == "01" {
            ("in the audience", "member.balance >= 20 held (member.balance was 29)")
        } else {
            ("member.balance >= 20 did not hold (member.balance was 0)", "")
        };
        assert_eq!((rule.says.as_str(), rule.because.as_str()), wanted);
        if id == "01" {
            let text = told.messages[0].text.as_deref().unwrap();
            assert!(text.contains("winter sale is on, Name-01"), "{text}");
        }
    }
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn paused_it_goes_no_further_and_resumed_it_goes_once() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-11-30T15:00:00Z")),
        program: Some(with_broadcasts(folder.path(), "")),
        ..Start::default()
    }
    .line()
    .await;
    for id in ["01", "02", "03"] {
        line.sign_up(id).await;
    }
    // Paused before anybody was walked to: nothing is stated, by the word or by the clock.
    switch(&line, "broadcast sale-skip", true).await;
    start(&line, "sale-skip").await;
    line.advance(1).await;
    assert_eq!(states(&line, "01").await, ["welcome sent"]);
    switch(&line, "broadcast sale-skip", false).await;
    word(&line).await;
    assert_eq!(states(&line, "01").await, ["broadcast deferred", "welcome sent"]);
    // Paused once they wait: they are held at their hour, and go when it is resumed.
    switch(&line, "broadcast sale-skip", true).await;
    line.bundle.advance_to(at("2026-12-01T16:00:00Z")).await.unwrap();
    assert_eq!(states(&line, "01").await, ["broadcast paused", "welcome sent"]);
    assert!(sales(&line).is_empty());
    switch(&line, "broadcast sale-skip", false).await;
    word(&line).await;
    assert_eq!(sales(&line).len(), 3);
    // Told again, started again, resumed again: each has it once.
    let name = "sale-skip".parse().unwrap();
    assert!(
        !line
            .store
            .start_broadcast(&name, line.bundle.now(), "eli")
            .await
            .unwrap()
    );
    told_to_begin(&line).await;
    word(&line).await;
    line.advance(30).await;
    assert!(
        sales(&line).values().all(|times| times.len() == 1),
        "{:?}",
        sales(&line)
    );
    line.bundle.shutdown().await;
}

const MEMBERS: usize = 60;

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_the_middle_of_the_fan_out_leave_nobody_out_and_send_nobody_two() {
    let folder = tempfile::tempdir().unwrap();
    let seed = std::env::var("FAULT_SEED").ok().and_then(|seed| seed.parse().ok());
    let faults = Faults {
        seed: seed.unwrap_or(1997),
        duplicate_percent: 30,
        throttle_percent: 10,
        timeout_percent: 5,
        half_failed_percent: 20,
        ..Faults::default()
    };
    let line = Start {
        at: Some(at("2026-12-01T00:00:00Z")),
        program: Some(with_broadcasts(folder.path(), "audience = \"member.purchases >= 1\"")),
        faults,
        ..Start::default()
    }
    .line()
    .await;
    let zones = ["Asia/Shanghai", "Europe/London", "America/New_York"];
    for n in 0..MEMBERS {
        sign_up_in(&line, &format!("m{n:02}"), zones[n % 3]).await;
    }
    line.settle().await;
    let audience: Vec<String> = (0..MEMBERS).filter(|n| n % 4 > 0).map(|n| format!("m{n:02}")).collect();
    for id in &audience {
        let bought = bundle_tests::purchase(id, "o-1", "5.00", line.bundle.now());
        line.put("purchase", bought).await;
    }
    line.settle().await;
    // Nine in London: it is over in Shanghai, whose members get it on the next day.
    line.bundle.advance_to(at("2026-12-01T09:00:00Z")).await.unwrap();
    start(&line, "sale-next-day").await;
    line.bundle.advance_to(at("2026-12-04T00:00:00Z")).await.unwrap();
    let (mut sent, mut unknown) = (0, 0);
    for n in 0..MEMBERS {
        let id = format!("m{n:02}");
        let states = states(&line, &id).await;
        let of: Vec<&String> = states.iter().filter(|state| state.starts_with("broadcast")).collect();
        assert_eq!(of.len(), usize::from(audience.contains(&id)), "{id}: {states:?}");
        for state in of {
            match state.as_str() {
                "broadcast sent" => sent += 1,
                // SNS took it and its answer was lost: it is not sent a second time.
                "broadcast unknown crashed-while-sending" => unknown += 1,
                other => panic!("{id}: {other}"),
            }
        }
    }
    let texts = sales(&line);
    assert_eq!(sent + unknown, audience.len());
    assert!(texts.values().all(|times| times.len() == 1), "{texts:?}");
    assert!(sent <= texts.len() && texts.len() <= audience.len());
    println!(
        "{} in the audience, {sent} sent and {unknown} unknown, {} texts; faults {:?}",
        audience.len(),
        texts.len(),
        line.bundle.faults()
    );
    line.bundle.shutdown().await;
}

/// More than a run walks to.
const MANY: usize = 2_300;

/// Members who joined long ago, put into the table as they would be; every tenth has no purchase.
async fn put_many(line: &Line) {
    let at = at("2026-01-05T15:00:00Z");
    let of = |id: &str, fact: Fact| Activity {
        id: id.parse().unwrap(),
        at,
        received: at,
        fact,
        said: Said::default(),
    };
    let joined = of(
        "sign-up",
        Fact::SignUp {
            zone: Zone::parse("America/New_York").unwrap(),
            birthday: None,
            referrer: None,
        },
    );
    let mut account = None;
    ledger::apply(&line.programme, &mut account, &joined, Past::default()).unwrap();
    let new = account.clone().unwrap();
    let amount = programme::Amount::parse("5.00", "USD".parse().unwrap()).unwrap();
    let bought = of("purchase#o-1", Fact::Purchase { amount });
    ledger::apply(&line.programme, &mut account, &bought, Past::default()).unwrap();
    let account = account.unwrap();
    for n in 0..MANY {
        let account = if n % 10 == 0 { &new } else { &account };
        let put = line
            .store
            .commit(&member(&format!("m{n:04}")), account, None, &[])
            .await;
        assert_eq!(put.unwrap(), Commit::Done);
    }
}

/// How many have a message of it, and whether anybody has more than one or has one who should have none.
async fn stated(line: &Line) -> usize {
    let mut stated = 0;
    for n in 0..MANY {
        let of = line.messages(&format!("m{n:04}")).await.len();
        assert!(of <= usize::from(n % 10 > 0), "member {n} has {of}");
        stated += of;
    }
    stated
}

async fn stated_by_now(line: &Line) -> u64 {
    let name = line.bundle.table_name("MessagesTable").unwrap();
    let described = line
        .client
        .scan()
        .table_name(name)
        .select(aws_sdk_dynamodb::types::Select::Count);
    let found = described.send().await.unwrap();
    u64::try_from(found.count).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_middle_of_the_fan_out_it_goes_on_and_everybody_has_one() {
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = with_broadcasts(folder.path(), "audience = \"member.purchases >= 1\"");
    let open = async || {
        let start = Start {
            at: Some(at("2026-11-30T15:00:00Z")),
            data: Some(data.path().join("run")),
            program: Some(program.clone()),
            without_streams: true,
            ..Start::default()
        };
        start.line().await
    };
    let line = open().await;
    put_many(&line).await;
    line.bundle.checkpoint(&json!(null)).await.unwrap();
    let name = "sale-skip".parse().unwrap();
    start(&line, "sale-skip").await;
    // All processes are killed when some are stated, and again when the first run is noted.
    let mut kills = Vec::new();
    let mut line = line;
    for wanted in [300, 1_900] {
        let killed = async {
            loop {
                let by_now = stated_by_now(&line).await;
                if by_now >= wanted {
                    break by_now;
                }
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
        };
        let by_now = tokio::select! {
            by_now = killed => by_now,
            () = async { line.settle().await; line.advance(1).await; std::future::pending::<()>().await } => 0,
        };
        kills.push(by_now);
        line.bundle.shutdown().await;
        line = open().await;
    }
    line.advance(2).await;
    let started = line.store.broadcast(&name).await.unwrap().unwrap();
    let audience = MANY - MANY / 10;
    println!(
        "killed with {kills:?} stated; {audience} in the audience, {} counted",
        started.stated
    );
    assert_eq!(stated(&line).await, audience);
    assert_eq!(
        started.stated, audience as u64,
        "each is counted once, whoever walked twice"
    );
    assert!(started.done.is_some());
    line.bundle.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_overtaken_notes_nothing_and_a_pause_stops_the_walk() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        at: Some(at("2026-11-30T15:00:00Z")),
        program: Some(with_broadcasts(folder.path(), "audience = \"member.purchases >= 1\"")),
        without_streams: true,
        ..Start::default()
    }
    .line()
    .await;
    put_many(&line).await;
    let name: programme::BroadcastName = "sale-skip".parse().unwrap();
    let now = line.bundle.now();
    assert!(line.store.start_broadcast(&name, now, "dana").await.unwrap());
    // As if a run had walked to a hundred and died before it could leave the rest to the next.
    let begun = line.store.begin_broadcast(&name).await.unwrap().unwrap();
    assert_eq!(begun.walk.open(), [(0, None)]);
    let (_, last) = line.store.roster(0, 100, None).await.unwrap();
    let errand = Errand::Broadcast { name: name.clone() };
    let walked = Walked::To(last.clone().unwrap());
    let noted = line.store.note_walked(&errand, (0, None), &walked, 90).await.unwrap();
    assert_eq!(noted.unwrap().open(), [(0, last.clone())]);
    let overtaken = line
        .store
        .note_walked(&errand, (0, None), &Walked::Done, 9)
        .await
        .unwrap();
    assert!(overtaken.is_none());
    // While it is paused nobody is walked to, not by what is on the bus already either.
    switch(&line, "programme", true).await;
    let rest = json!({"index": "broadcast", "shard": 0, "name": "sale-skip", "after": last});
    let put = line
        .bundle
        .put_event("RegularsBus", "regulars.wake-members", "continue", rest);
    put.await.unwrap();
    line.advance(1).await;
    assert_eq!(stated_by_now(&line).await, 0);
    switch(&line, "programme", false).await;
    word(&line).await;
    assert_eq!(
        stated(&line).await,
        MANY - MANY / 10 - 90,
        "the hundred are not walked to again"
    );
    let units = line.bundle.units().rows.into_iter();
    let scans: u64 = units
        .filter(|(key, _)| key.function == "wake-members" && key.operation == "Scan")
        .map(|(_, count)| count.calls)
        .sum();
    assert_eq!(scans, 0);
    assert!(now + SignedDuration::from_hours(2) >= line.bundle.now());
    line.bundle.shutdown().await;
}
