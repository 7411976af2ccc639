//! What members reply to the SMS that they get, made up like the people: some have had enough and say so in their own words,
//! some of those come back, some ask for help, and some just talk. A reply has a minute of its own, at a decent hour.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::dice::Dice;
use super::people::{Person, SEED};
use super::timeline::Happening;
use crate::engine::Published;

/// Of a hundred members whom messages reach by SMS alone, so many reply to one.
pub const REPLY: u32 = 2;

/// What the happenings call a reply, whose detail is what the provider publishes of it.
pub const KIND: &str = "reply";

/// Where the provider publishes replies, by its name in the template.
pub const TOPIC: &str = "RepliesTopic";

/// What the SMS come from. It is reserved for fiction, and nobody's.
pub const OURS: &str = "+18005550199";

/// A reply from a number as the provider publishes it.
pub fn inbound(number: &str, text: &str, id: &str) -> Value {
    json!({"originationNumber": number, "destinationNumber": OURS, "messageKeyword": "KEYWORD_1", "messageBody": text,
        "inboundMessageId": id})
}

/// Where a reply came from.
pub fn number(reply: &Happening) -> Option<&str> {
    reply.detail.get("originationNumber").and_then(Value::as_str)
}

/// Whether it is an answer to a reply: it goes from the number that was written to, which no message does.
pub fn is_answer(published: &Published) -> bool {
    let from = published.attributes.get("AWS.MM.SMS.OriginationNumber");
    from.is_some_and(|from| from == OURS)
}

/// What somebody has in mind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wish {
    NoMore,
    /// It may be that they want no more.
    Doubt,
    Again,
    Help,
    Talk,
}

impl Wish {
    /// In English, and in Chinese.
    fn words(self, chinese: bool) -> &'static [&'static str] {
        match (self, chinese) {
            (Self::NoMore, false) => &["STOP", "Stop.", "T", "stop please", "leave me alone", "No more texts!!"],
            (Self::NoMore, true) => &["退订", "TD", "R", "别再发了"],
            (Self::Doubt, false) => &["too many messages", "how do I unsubscribe?"],
            (Self::Doubt, true) => &["短信太多了", "怎么退订"],
            (Self::Again, false) => &["START", "unstop"],
            (Self::Again, true) => &["订阅", "恢复"],
            (Self::Help, false) => &["HELP", "Info"],
            (Self::Help, true) => &["帮助"],
            (Self::Talk, false) => &["Thanks!", "Do you have the new one on vinyl?", "can't stop loving this"],
            (Self::Talk, true) => &["谢谢", "有新唱片吗？"],
        }
    }
}

/// What a member says, each some days after what was before it.
fn wishes(dice: &mut Dice) -> Vec<(u32, Wish)> {
    let first = 5 + dice.below(300);
    let (wish, then) = match dice.below(20) {
        0..=10 => (
            Wish::NoMore,
            dice.percent(30).then(|| (3 + dice.below(60), Wish::Again)),
        ),
        11..=13 => {
            let answers = [None, Some(Wish::NoMore), Some(Wish::Again)];
            let answer = dice.pick(&answers).copied().flatten();
            (Wish::Doubt, answer.map(|wish| (1, wish)))
        }
        14 | 15 => (Wish::Help, dice.percent(50).then_some((1, Wish::NoMore))),
        _ => (Wish::Talk, None),
    };
    std::iter::once((first, wish)).chain(then).collect()
}

/// All that a member replies who signed up at this time.
pub fn of(person: &Person, signed_up: Timestamp) -> Vec<Happening> {
    let by_sms_alone = person.device.is_none() && person.consents.iter().any(|given| given.channel == "sms");
    if !by_sms_alone || !Dice::new(SEED, &person.member, "replies").percent(REPLY) {
        return Vec::new();
    }
    let mut dice = Dice::new(SEED, &person.member, "what is replied");
    let mut day = signed_up;
    let mut replies = Vec::new();
    for (nth, (later, wish)) in wishes(&mut dice).into_iter().enumerate() {
        day = day
            .checked_add(SignedDuration::from_hours(24 * i64::from(later)))
            .unwrap_or(day);
        let words = dice.pick(wish.words(person.locale == "zh-CN"));
        if let (Some(at), Some(text)) = (at_a_decent_hour(person, day, &mut dice), words) {
            let id = format!("{}-{nth}", person.member);
            replies.push(Happening {
                at,
                detail: inbound(&person.phone, text, &id),
                id: format!("{KIND} {id}"),
                kind: KIND,
            });
        }
    }
    replies
}

/// Never at the full hour, when much happens by itself.
fn at_a_decent_hour(person: &Person, day: Timestamp, dice: &mut Dice) -> Option<Timestamp> {
    let zone = TimeZone::get(person.zone).ok()?;
    let (hour, minute) = (10 + dice.below(10), 1 + dice.below(59));
    let (hour, minute) = (i8::try_from(hour).ok()?, i8::try_from(minute).ok()?);
    let local = day.to_zoned(zone.clone()).date().at(hour, minute, 0, 0);
    Some(local.to_zoned(zone).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use replies::Reply;

    use super::*;
    use crate::play::people::People;

    #[test]
    fn words_are_read_as_they_are_meant() {
        for chinese in [false, true] {
            for (wish, asked) in [
                (Wish::NoMore, Reply::OptOut),
                (Wish::Doubt, Reply::Unsure),
                (Wish::Again, Reply::OptIn),
                (Wish::Help, Reply::Help),
                (Wish::Talk, Reply::Other),
            ] {
                for text in wish.words(chinese) {
                    assert_eq!(replies::read(text), asked, "{text}");
                }
            }
        }
    }

    #[test]
    fn a_few_of_those_whom_sms_reach_reply_each_thing_and_later_what_answers_it() {
        let members: Vec<_> = (1..=20_000).map(|n| n.to_string()).collect();
        let signed_up = "1997-02-01T15:30:00Z".parse().unwrap();
        let (mut reached, mut replied, mut again, mut asked) = (0, 0, 0, std::collections::BTreeMap::new());
        for member in &members {
            let one = People::make_up(std::iter::once(member.as_str()));
            let person = one.get(member).unwrap();
            let said = of(person, signed_up);
            reached += u32::from(person.device.is_none() && !person.consents.is_empty());
            replied += u32::from(!said.is_empty());
            again += u32::from(said.len() > 1);
            assert!(said.is_sorted_by_key(|one| one.at) && said.iter().all(|one| one.at > signed_up));
            for one in &said {
                assert_eq!(one.detail.get("originationNumber"), Some(&json!(person.phone)));
                let text = one.detail.get("messageBody").unwrap().as_str().unwrap();
                *asked.entry(replies::read(text).name()).or_insert(0) += 1;
            }
        }
        let share = f64::from(replied) * 100.0 / f64::from(reached);
        assert!((1.6..2.4).contains(&share), "{replied} of {reached}");
        assert!(again * 5 > replied && asked.len() == 5, "{again}, {asked:?}");
    }
}
