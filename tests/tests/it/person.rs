//! A member as a person: who they are is told anew, and they are forgotten.

use std::collections::BTreeSet;

use bundle_tests::{Line, Start, member, purchase, seed, sign_up};
use jiff::SignedDuration;
use ledger::{What, audit};
use programme::{Channel, Purpose, WalletId};
use regulars::engine::{Faults, To};
use serde_json::{Value, json};
use store::Item;

use crate::audit::regulars;
use crate::replies::reply;

/// Whatever is known of one of these members has this in it, or is in [`CANARIES`].
fn canary(id: &str) -> String {
    format!("canary-{id}")
}

const BIRTHDAY: &str = "1971-09-28";

fn number(id: &str) -> String {
    format!("+1646555{id}77")
}

/// Somebody of whom everything is known that may be.
fn known_well(line: &Line, id: &str) -> Value {
    let mut detail = sign_up(id, line.bundle.now());
    let wording = |channel: &str, purpose: &str| json!({"channel": channel, "purpose": purpose, "wording": "Yes."});
    for (name, value) in [
        ("name", json!(canary(id))),
        ("phone", json!(number(id))),
        ("birthday", json!(BIRTHDAY)),
        ("device", json!({"platform": "GCM", "token": canary(id)})),
        ("note", json!(canary(id))),
        (
            "consents",
            json!([
                wording("sms", "transactional"),
                wording("sms", "promotional"),
                wording("push", "transactional"),
            ]),
        ),
    ] {
        detail[name] = value;
    }
    detail
}

async fn items(line: &Line, table: &str) -> Vec<Item> {
    let name = line.bundle.table_name(table).unwrap();
    let scan = line.client.scan().table_name(name).send().await.unwrap();
    assert!(scan.last_evaluated_key().is_none());
    scan.items.unwrap_or_default()
}

/// Where something personal of a member stands.
async fn found(line: &Line, id: &str) -> Vec<String> {
    let mut found = Vec::new();
    for table in ["ActivitiesTable", "MembersTable", "MessagesTable"] {
        for item in items(line, table).await {
            let (text, key) = (format!("{item:?}"), |name: &str| item[name].as_s().unwrap().clone());
            let personal = [canary(id), number(id)];
            let is_own = key("pk") == id;
            if personal.iter().any(|personal| text.contains(personal)) || (is_own && text.contains(BIRTHDAY)) {
                found.push(format!("{table} {} {}", key("pk"), key("sk")));
            }
        }
    }
    found
}

async fn erase(line: &Line, id: &str) {
    line.put("erasure", json!({"member": id, "at": line.bundle.now()}))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_is_found_nowhere_and_their_ledger_stays_sound() {
    let line = Start::default().line().await;
    for id in ["01", "02"] {
        line.put("sign-up", known_well(&line, id)).await;
    }
    line.settle().await;
    line.purchase("01", "a", "200.00").await;
    let told = json!({"member": "01", "id": "p", "at": line.bundle.now(), "name": canary("01"), "phone": number("01")});
    line.put("profile", told).await;
    let wants = json!({"member": "01", "id": "w", "at": line.bundle.now(), "hours": {"from": "10:00", "to": "18:00"}});
    line.put("preferences", wants).await;
    line.settle().await;
    // A push makes the endpoint; in the night a message waits.
    line.advance(10).await;
    line.purchase("01", "b", "30.00").await;
    assert!(line.told("01").await.iter().any(|(_, state, _)| state == "deferred"));
    let pushed = |one: &regulars::engine::Published| matches!(one.target, To::Endpoint { .. });
    assert!(line.bundle.published().iter().any(pushed));
    assert!(found(&line, "01").await.len() >= 4);
    let (beside, sent) = (found(&line, "02").await, line.texts().len());

    erase(&line, "01").await;
    line.settle().await;
    let left = |items: Vec<Item>| {
        items
            .iter()
            .filter(|item| item["pk"].as_s().unwrap() == "#erased")
            .count()
    };
    assert_eq!(left(items(&line, "MembersTable").await), 1, "an endpoint to be deleted");
    line.advance(25).await;
    assert_eq!(left(items(&line, "MembersTable").await), 0);
    assert_eq!(found(&line, "01").await, Vec::<String>::new());
    assert_eq!(found(&line, "02").await, beside);
    // The ledger says what was owed, and that it lapsed.
    let account = line.account("01").await;
    let pages = line.store.pages(&member("01")).await.unwrap();
    assert_eq!(audit(&line.programme, &pages, &account), []);
    assert_eq!(
        account
            .balance(WalletId::MAIN, &line.programme, line.bundle.now())
            .get(),
        0
    );
    let entries = line.entries("01").await;
    assert!(entries.iter().any(|entry| matches!(entry.what, What::Erased { .. })));
    // Who agreed to what can still be shown.
    assert_eq!(line.store.evidence_of(&member("01")).await.unwrap().len(), 3);
    // What waited goes nowhere.
    line.advance(72).await;
    assert_eq!(line.texts().len(), sent);
    for (kind, state, reason) in line.told("01").await {
        let is_over = ["sent", "merged"].contains(&state.as_str())
            || (state.as_str(), reason.as_str()) == ("suppressed", "unknown-member");
        assert!(is_over, "{kind} {state} {reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_comes_later_of_who_is_forgotten_is_refused_and_not_kept() {
    let line = Start::default().line().await;
    let detail = known_well(&line, "01");
    line.put("sign-up", detail.clone()).await;
    line.settle().await;
    erase(&line, "01").await;
    line.settle().await;
    // All events once more, as from the archive, and new ones.
    line.put("sign-up", detail.clone()).await;
    erase(&line, "01").await;
    line.purchase("01", "later", "10.00").await;
    let told = json!({"member": "01", "id": "p", "at": line.bundle.now(), "name": canary("01"), "zone": "UTC"});
    line.put("profile", told).await;
    let told = json!({"member": "01", "id": "q", "at": line.bundle.now(), "phone": number("01")});
    line.put("profile", told).await;
    line.settle().await;
    assert_eq!(found(&line, "01").await, Vec::<String>::new());
    assert!(line.store.profile(&member("01")).await.unwrap().is_none());
    let refused = line.refused().await;
    let of = |(key, why): &(String, String)| (key.clone(), why.split(':').next().unwrap().to_owned());
    let refused: Vec<_> = refused.iter().map(of).collect();
    let erased = ["profile#p", "profile#q", "purchase#later"].map(|key| (key.to_owned(), "erased".to_owned()));
    assert_eq!(refused, erased);
    // Under another id they are somebody new.
    line.put("sign-up", known_well(&line, "02")).await;
    line.settle().await;
    assert!(line.store.profile(&member("02")).await.unwrap().is_some());
}

/// Two members of one household have one device: SNS has one endpoint for it.
#[tokio::test(flavor = "multi_thread")]
async fn who_shares_a_device_with_somebody_who_is_forgotten_is_reached_by_it_still() {
    let line = Start::default().line().await;
    for id in ["01", "02"] {
        let mut detail = known_well(&line, id);
        detail["device"]["token"] = json!("shared");
        line.put("sign-up", detail).await;
    }
    line.settle().await;
    line.purchase("01", "a", "20.00").await;
    line.purchase("02", "a", "20.00").await;
    let pushes = || {
        let published = line.bundle.published().into_iter();
        published
            .filter(|one| matches!(one.target, To::Endpoint { .. }))
            .count()
    };
    let before = pushes();
    assert!(before >= 2);
    erase(&line, "01").await;
    line.settle().await;
    line.advance(25).await;
    for order in ["b", "c"] {
        line.purchase("02", order, "20.00").await;
    }
    assert_eq!(pushes(), before + 2);
    let told = line.told("02").await;
    assert!(told.iter().all(|(_, state, _)| state == "sent"), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_who_asks_is_given_all_that_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let line = Start {
        data: Some(folder.path().to_owned()),
        ..Start::default()
    }
    .line()
    .await;
    for id in ["01", "02"] {
        line.put("sign-up", known_well(&line, id)).await;
    }
    line.settle().await;
    line.purchase("01", "a", "200.00").await;
    line.purchase("02", "a", "20.00").await;
    erase(&line, "02").await;
    line.settle().await;
    line.bundle.checkpoint(&json!({})).await.unwrap();
    line.bundle.shutdown().await;
    let export = |id: &str| regulars(&["export", id], Some(folder.path()), None);
    let read = |id: &str| {
        let (code, said, errors) = export(id);
        assert_eq!((code, errors.as_str()), (0, ""));
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let told = read("01");
    assert_eq!(told["profile"]["phone"], number("01").as_str());
    assert_eq!(told["profile"]["name"], canary("01").as_str());
    assert_eq!(told["profile"]["token"], canary("01").as_str());
    let account = &told["account"];
    assert_eq!(
        (&account["birthday"], &account["tiers"][0]),
        (&json!("09-28"), &json!("Collector"))
    );
    let balance = account["balances"].as_object().unwrap().values().next().unwrap();
    assert_eq!(told["ledger"].as_array().unwrap().last().unwrap()["balance"], *balance);
    for (list, least) in [("consents", 3), ("activities", 2), ("messages", 2), ("ledger", 3)] {
        assert!(told[list].as_array().unwrap().len() >= least, "{list}: {told:#}");
    }
    assert!(told["activities"].to_string().contains(BIRTHDAY));
    // Who is forgotten is told what is kept all the same: nothing that says who they are.
    let told = read("02");
    assert_eq!((&told["erased"], &told["profile"]), (&json!(true), &Value::Null));
    let text = told.to_string();
    assert!(
        !text.contains("canary") && !text.contains(BIRTHDAY) && !text.contains(&number("02")),
        "{told:#}"
    );
    assert_eq!(told["consents"].as_array().unwrap().len(), 3);
    let (code, _, errors) = regulars(&["why", "02"], Some(folder.path()), None);
    assert_eq!(code, 1);
    assert!(
        errors.contains("member 02 was erased") && errors.contains("regulars statement"),
        "{errors}"
    );
    let (code, said, errors) = export("03");
    assert_eq!((code, said.as_str()), (1, ""));
    assert!(errors.contains("nothing is kept of 03"), "{errors}");
}

const MEMBERS: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_forgotten_stays_so_whatever_goes_wrong() {
    let faults = Faults {
        seed: seed(),
        duplicate_percent: 25,
        throttle_percent: 5,
        timeout_percent: 5,
        kill_percent: 1,
        half_failed_percent: 25,
        ..Faults::default()
    };
    let line = Start {
        faults,
        ..Start::default()
    }
    .line()
    .await;
    let ids: Vec<String> = (0..MEMBERS).map(|n| format!("{n:02}")).collect();
    for id in &ids {
        line.put("sign-up", known_well(&line, id)).await;
    }
    line.settle().await;
    for (nth, id) in ids.iter().enumerate() {
        let (order, now) = (format!("o-{id}"), line.bundle.now());
        line.put("purchase", purchase(id, &order, "40.00", now)).await;
        if nth % 2 == 0 {
            erase(&line, id).await;
        }
        line.put("purchase", purchase(id, &format!("{order}-b"), "5.00", now))
            .await;
    }
    line.settle().await;
    line.advance(30).await;
    // An event whose function is killed five times in a row is a dead letter.
    let given_up = line.bundle.given_up().into_iter();
    let given_up: Vec<String> = given_up.map(|one| one.content.to_string()).collect();
    let is_lost = |id: &str| {
        let of = |text: &&String| text.contains("erasure") && text.replace('\\', "").contains(&format!("\"{id}\""));
        given_up.iter().any(|text| of(&text))
    };
    let (mut kept, mut erased) = (0, 0);
    for (nth, id) in ids.iter().enumerate() {
        let (found, account) = (found(&line, id).await, line.account(id).await);
        let pages = line.store.pages(&member(id)).await.unwrap();
        assert_eq!(audit(&line.programme, &pages, &account), []);
        let is_wanted = nth % 2 == 0;
        // One that was killed after it had stored the event leaves a dead letter, too.
        let is_so = account.is_erased() == is_wanted || (is_wanted && is_lost(id));
        assert!(is_so, "{id}: {:?} {given_up:?}", line.refused().await);
        if account.is_erased() {
            assert_eq!(found, Vec::<String>::new());
            erased += 1;
        } else {
            kept += found.len();
        }
    }
    assert!(erased + 1 >= MEMBERS / 2, "{erased}");
    assert!(kept >= MEMBERS);
    println!(
        "{MEMBERS} members, {erased} of them forgotten; faults {:?}",
        line.bundle.faults()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_anew_holds_for_whatever_goes_next() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    line.advance(1).await;
    // A number that was told to stop.
    let (old, new) = (bundle_tests::phone("01"), "+12125550199");
    reply(&line, &old, "STOP", "i-1").await;
    line.advance(1).await;
    let sent = line.texts().len();
    let told = json!({"member": "01", "id": "p", "at": line.bundle.now(), "phone": new, "zone": "Asia/Shanghai",
        "birthday": "1980-03-09", "name": "Ana"});
    line.put("profile", told).await;
    line.settle().await;
    let profile = line.store.profile(&member("01")).await.unwrap().unwrap().profile;
    assert_eq!(profile.consents, BTreeSet::new(), "what was stopped stays so");
    let agree = json!({"member": "01", "id": "c", "at": line.bundle.now(), "channel": "sms",
        "purpose": "promotional", "granted": true, "wording": "Yes."});
    line.put("consent", agree).await;
    line.settle().await;
    // The old number is nobody's by now: what is asked from it changes nothing here.
    reply(&line, &old, "START", "i-2").await;
    let profile = line.store.profile(&member("01")).await.unwrap().unwrap().profile;
    assert_eq!(profile.consents, BTreeSet::from([(Channel::Sms, Purpose::Promotional)]));
    assert_eq!(profile.phone.unwrap().reveal(), new);
    assert_eq!(line.store.members_of(&old.parse().unwrap()).await.unwrap(), []);
    // The birthday comes at ten in Shanghai, to the new number.
    line.advance(24 * 9).await;
    let birthday = line.bundle.published().into_iter().skip(sent).collect::<Vec<_>>();
    let to: Vec<_> = birthday
        .iter()
        .map(|one| (one.at.to_string(), one.target.clone()))
        .collect();
    let ten = ("2026-03-09T02:00:00Z".to_owned(), To::Phone(new.to_owned()));
    assert!(to.contains(&ten), "{to:?}");
    assert!(
        to.iter()
            .all(|(_, target)| *target == To::Phone(new.to_owned()) || *target == To::Phone(old.clone()))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_number_takes_no_consent_along_and_the_evidence_says_so() {
    let line = Start::default().line().await;
    line.sign_up("01").await;
    line.advance(1).await;
    let told = json!({"member": "01", "id": "p", "at": line.bundle.now() - SignedDuration::from_mins(5),
        "phone": "+12125550199"});
    line.put("profile", told.clone()).await;
    line.settle().await;
    let profile = line.store.profile(&member("01")).await.unwrap().unwrap().profile;
    assert_eq!(
        profile.consents,
        BTreeSet::from([(Channel::Sms, Purpose::Transactional)])
    );
    let evidence = line.store.evidence_of(&member("01")).await.unwrap();
    let last = evidence.last().unwrap();
    assert_eq!((last.id.as_str(), last.granted), ("profile#p", Some(false)));
    assert_eq!(last.purpose.as_deref(), Some("promotional"));
    // Nothing at all, a number that is none, and one that comes too late.
    for (id, wrong) in [("a", json!({})), ("b", json!({"phone": "12"}))] {
        let mut detail = json!({"member": "01", "id": id, "at": line.bundle.now()});
        detail
            .as_object_mut()
            .unwrap()
            .extend(wrong.as_object().unwrap().clone());
        line.put("profile", detail).await;
    }
    let late = json!({"member": "01", "id": "c", "at": "2026-03-02T15:01:00Z", "phone": "+12125550111"});
    line.put("profile", late).await;
    line.settle().await;
    let profile = line.store.profile(&member("01")).await.unwrap().unwrap().profile;
    assert_eq!(profile.phone.unwrap().reveal(), "+12125550199");
    assert_eq!(line.refused().await.len(), 2);
}
