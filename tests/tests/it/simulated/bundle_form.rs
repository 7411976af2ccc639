//! Plays a history through the bundle, and reads its tables back in normal form.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bundle_tests::Line;
use jiff::Timestamp;
use ledger::MemberId;
use messages::Phone;
use programme::Answer;
use regulars::engine::{Published, To};
use regulars::play::replies;
use regulars::play::timeline::Happening;
use serde_json::Value;
use simulation::Ticks;
use simulation::normal::{Form, Message, Reply};
use store::{Item, MessageKey, MessageRecord, State, Stored};

use super::HOUR;

/// Fills the pools of coupons as a run does.
pub(super) async fn fill_pools(line: &Line) {
    for reward in line.programme.rewards.iter().filter(|reward| reward.coupons) {
        for code in regulars::simulate::history::pool(reward) {
            assert!(line.store.add_coupon(&reward.name, &code).await.unwrap());
        }
    }
}

/// Plays what happened before `end`, each hour's events at its end and after what fell due by then.
pub(super) async fn play(line: &Line, happenings: &[Happening], (start, end): (Timestamp, Timestamp)) {
    let ticks = Ticks::new(start, HOUR);
    let has_budgets = line
        .programme
        .campaigns
        .iter()
        .any(|campaign| campaign.budget.is_some());
    // What these buy and give back does something for another, too.
    let referred = happenings
        .iter()
        .filter(|one| one.kind == "sign-up" && one.detail.get("referrer").is_some());
    let referred: BTreeSet<&str> = referred.filter_map(|one| one.detail["member"].as_str()).collect();
    let mut waiting = happenings.iter().filter(|happening| happening.at < end).peekable();
    while line.bundle.now() < end {
        let now = line.bundle.now();
        let due = line.store.next_alarm().await.unwrap();
        let next = waiting.peek().map(|next| next.at);
        let version = line.programme.next_version(now);
        let stop = due
            .into_iter()
            .chain(next)
            .chain(version)
            .map(|at| ticks.at_or_after(at))
            .min();
        let stop = stop.unwrap_or(end).max(ticks.after(now)).min(end);
        line.bundle.leap_to(stop).await.unwrap();
        let mut under_way = BTreeSet::new();
        while let Some(happening) = waiting.next_if(|next| next.at <= stop) {
            if happening.kind == replies::KIND {
                line.settle().await;
                let reply = happening.detail.to_string();
                line.bundle.publish_to_topic(replies::TOPIC, &reply).await.unwrap();
                line.settle().await;
                under_way.clear();
                continue;
            }
            let member = happening.detail["member"].as_str().unwrap_or_default();
            let beside = ["claim", "cancel-reward", "refund-reward", "transfer"].contains(&happening.kind)
                || (has_budgets && ["purchase", "event", "code"].contains(&happening.kind))
                || (referred.contains(member) && ["sign-up", "purchase", "refund"].contains(&happening.kind));
            if beside || !under_way.insert(member.to_owned()) {
                line.settle().await;
                under_way = BTreeSet::from([member.to_owned()]);
            }
            line.put(happening.kind, happening.detail.clone()).await;
            if beside {
                line.settle().await;
                under_way.clear();
            }
        }
        line.settle().await;
    }
}

/// Everybody in normal form.
pub(super) async fn read(line: &Line) -> BTreeMap<MemberId, Form> {
    let mut forms = BTreeMap::<MemberId, Form>::new();
    for item in items(line, "MembersTable")
        .await
        .iter()
        .filter(|item| Stored::is_account(item))
    {
        let member = Stored::member(item).unwrap();
        let form = forms.entry(member.clone()).or_default();
        form.entries = line.entries(member.as_str()).await;
        form.set_account(&Stored::read(item).unwrap().account);
    }
    let published = line.bundle.published();
    for (member, form) in &mut forms {
        if let Some(stored) = line.store.profile(member).await.unwrap() {
            form.set_consents(&stored.profile);
            if let Some(phone) = &stored.profile.phone {
                replied(line, phone, &published, form).await;
            }
        }
    }
    let published: HashMap<&str, &Published> = published.iter().map(|one| (one.id.as_str(), one)).collect();
    for item in items(line, "MessagesTable").await {
        let (key, record) = (MessageKey::read(&item).unwrap(), MessageRecord::read(&item).unwrap());
        let sent = record.message_id.as_deref().map(|id| published[id]);
        let message = Message {
            state: record.state.name().to_owned(),
            reason: record.reason,
            into: record.into,
            channel: record.channel.map(|channel| channel.name().to_owned()),
            parts: record.parts,
            text: sent.map(text_of),
            until: record.deferred_until,
            sent: record.sent_at,
        };
        assert!(
            ![State::Claimed, State::Failed, State::Unknown].contains(&record.state),
            "{message:?}"
        );
        let form = forms.entry(key.member).or_default();
        form.messages.insert(key.sort, (record.intent, message));
    }
    for item in items(line, "ActivitiesTable").await {
        let text = |name: &str| item.get(name).and_then(|value| value.as_s().ok()).cloned();
        let member = text("pk").and_then(|member| member.parse::<MemberId>().ok());
        if let (Some(member), Some(activity), Some(reason)) = (member, text("sk"), text("refused")) {
            forms.entry(member).or_default().refused.insert(activity, reason);
        }
    }
    forms
}

/// What was replied from a number, and how it was answered.
async fn replied(line: &Line, phone: &Phone, published: &[Published], form: &mut Form) {
    for reply in line.store.replies_of(phone).await.unwrap() {
        let id = format!("{}#{}", replies::KIND, reply.id);
        let (asked, came) = (reply.class.unwrap(), reply.came.unwrap());
        form.replies.insert(
            id,
            Reply {
                at: reply.at,
                asked,
                came,
            },
        );
    }
    let to_it = |one: &&Published| matches!(&one.target, To::Phone(number) if number == phone.reveal());
    let answers = published.iter().filter(to_it).filter(|one| replies::is_answer(one));
    form.answers
        .extend(answers.map(|one| (one.at, answer_of(line, one).name().to_owned())));
}

/// Which answer a text is, whatever its language.
fn answer_of(line: &Line, published: &Published) -> Answer {
    let texts = &line.programme.at(published.at).texts;
    let says = |answer: &Answer| {
        let mut locales = ["en", "zh-CN"].into_iter();
        locales.any(|locale| texts.answer(*answer, locale, &line.programme.name).unwrap() == published.body)
    };
    let all = [Answer::Stopped, Answer::Resumed, Answer::Help, Answer::Question];
    all.into_iter().find(says).unwrap()
}

/// Title and body, as the phone shows them.
fn text_of(published: &Published) -> (String, String) {
    if matches!(published.target, To::Phone(_)) {
        return (String::new(), published.body.clone());
    }
    let payload: Value = serde_json::from_str(&published.body).unwrap();
    let own = |platform: &str| -> Option<Value> { serde_json::from_str(payload.get(platform)?.as_str()?).ok() };
    let gcm = own("GCM").map(|own| own["fcmV1Message"]["message"]["notification"].clone());
    let alert = gcm.unwrap_or_else(|| own("APNS").unwrap()["aps"]["alert"].clone());
    let part = |name: &str| alert[name].as_str().unwrap().to_owned();
    (part("title"), part("body"))
}

async fn items(line: &Line, table: &str) -> Vec<Item> {
    let table = line.bundle.table_name(table).unwrap();
    let (mut items, mut from) = (Vec::new(), None);
    loop {
        let scan = line.client.scan().table_name(&table).set_exclusive_start_key(from);
        let found = scan.send().await.unwrap();
        items.extend(found.items.unwrap_or_default());
        from = found.last_evaluated_key;
        if from.is_none() {
            return items;
        }
    }
}
