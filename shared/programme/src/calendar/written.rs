//! Days as they are written.

use std::fmt;

use jiff::civil::{Date, Weekday};
use serde::de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};

use super::Days;
use super::rule::{Comes, LunarDay, MOST_DAYS, Rule};
use crate::names::WEEKDAYS;
use crate::{YearDay, suggest};

/// A rule with its keys.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Table {
    monthly: Option<Several<i64>>,
    weekly: Option<Several<String>>,
    yearly: Option<Several<String>>,
    month: Option<i64>,
    nth: Option<i64>,
    weekday: Option<String>,
    lunar: Option<Several<String>>,
    easter: Option<i64>,
    dates: Option<Several<String>>,
    #[serde(default)]
    days_before: i64,
    #[serde(default)]
    days_after: i64,
    #[serde(default = "one")]
    lasts_days: i64,
}

fn one() -> i64 {
    1
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "write one, or a list of them in [ ]")]
enum Several<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> Several<T> {
    /// Each of them as something else; there has to be one.
    fn each<U>(self, read: impl Fn(T) -> Result<U, String>) -> Result<Vec<U>, String> {
        let all = match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        };
        if all.is_empty() {
            return Err("an empty list names no day; write at least one, or leave it out".to_owned());
        }
        all.into_iter().map(read).collect()
    }
}

const FESTIVALS: [(&str, u8, u8); 6] = [
    ("spring-festival", 1, 1),
    ("lantern", 1, 15),
    ("dragon-boat", 5, 5),
    ("qixi", 7, 7),
    ("mid-autumn", 8, 15),
    ("double-ninth", 9, 9),
];

fn lunar(text: String) -> Result<LunarDay, String> {
    if let Some((_, month, day)) = FESTIVALS.iter().find(|(name, ..)| *name == text) {
        let (month, day) = (*month, *day);
        return Ok(LunarDay { month, day });
    }
    let number = |part: &str, most| part.parse::<u8>().ok().filter(|number| (1..=most).contains(number));
    let day = text
        .split_once('-')
        .and_then(|(month, day)| Some((number(month, 12)?, number(day, 30)?)));
    let (month, day) = day.ok_or_else(|| {
        let names = FESTIVALS.map(|(name, ..)| name);
        let mend = suggest::one_of(&text, &names);
        format!("{text:?} is no day of the Chinese calendar; {mend}, or month and day such as \"08-15\"")
    })?;
    Ok(LunarDay { month, day })
}

fn weekday(name: String) -> Result<Weekday, String> {
    let place = WEEKDAYS.iter().position(|known| *known == name);
    let weekday = place.and_then(|place| Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok());
    weekday.ok_or_else(|| format!("{name:?} is no weekday; {}", suggest::one_of(&name, &WEEKDAYS)))
}

fn date(text: String) -> Result<Date, String> {
    text.parse().map_err(|_| {
        format!("{text:?} is no date; write year, month and day such as \"2027-01-31\", or a rule such as {{ yearly = \"01-31\" }}")
    })
}

fn within(key: &str, number: i64, (least, most): (i16, i16)) -> Result<i16, String> {
    let fits = i16::try_from(number)
        .ok()
        .filter(|number| (least..=most).contains(number));
    fits.ok_or_else(|| format!("{key} cannot be {number}; write {least} to {most}"))
}

fn small(key: &str, number: i64, (least, most): (i16, i16)) -> Result<i8, String> {
    let number = within(key, number, (least, most))?;
    i8::try_from(number).map_err(|_| format!("{key} cannot be {number}"))
}

/// The so-manyeth of a weekday, where one of its keys is there.
fn nth(keys: (Option<i64>, Option<i64>, Option<String>)) -> Option<Result<Comes, String>> {
    let (month, nth, name) = match keys {
        (None, None, None) => return None,
        (month, Some(nth), Some(name)) => (month, nth, name),
        _ => {
            let what = "a weekday of a month is counted; write { month = 11, nth = 4, weekday = \"thursday\" }";
            return Some(Err(what.to_owned()));
        }
    };
    let read = || {
        if nth == 0 {
            return Err("nth counts from 1; write 1 for the first, or -1 for the last".to_owned());
        }
        Ok(Comes::Nth {
            month: month.map(|month| small("month", month, (1, 12))).transpose()?,
            nth: small("nth", nth, (-5, 5))?,
            weekday: weekday(name)?,
        })
    };
    Some(read())
}

const WAYS: &str =
    "write one of monthly, weekly, yearly, nth with weekday, lunar, easter and dates, such as { monthly = 18 }";

impl TryFrom<Table> for Rule {
    type Error = String;
    fn try_from(table: Table) -> Result<Self, String> {
        let most = MOST_DAYS;
        let before = within("days-before", table.days_before, (0, most))?;
        let after = within("days-after", table.days_after, (0, most))?;
        let lasts = within("lasts-days", table.lasts_days, (1, most))?;
        let monthly = |day| small("monthly", day, (1, 31));
        let easter = |days| within("easter", days, (-100, 100));
        let ways = [
            table.monthly.map(|days| days.each(monthly).map(Comes::Monthly)),
            table.weekly.map(|names| names.each(weekday).map(Comes::Weekly)),
            table.yearly.map(|days| days.each(YearDay::try_from).map(Comes::Yearly)),
            nth((table.month, table.nth, table.weekday)),
            table.lunar.map(|days| days.each(lunar).map(Comes::Lunar)),
            table.easter.map(|days| easter(days).map(Comes::Easter)),
            table.dates.map(|dates| dates.each(date).map(Comes::On)),
        ];
        let mut ways = ways.into_iter().flatten();
        let comes = match (ways.next(), ways.next()) {
            (Some(comes), None) => comes?,
            (None, _) => return Err(format!("nothing says when it comes; {WAYS}")),
            (Some(_), Some(_)) => return Err(format!("a day comes in one way, or in several of a list; {WAYS}")),
        };
        Ok(Self {
            comes,
            later: after - before,
            lasts,
        })
    }
}

/// Reads a rule, a date, or a list of both: by hand, so that what is wrong in one of them is said of it.
struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Vec<Rule>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a rule such as { monthly = 18 }, or a list of rules and dates")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let comes = date(text.to_owned()).map(|date| Comes::On(vec![date]));
        let (later, lasts) = (0, 1);
        let rule = comes.map(|comes| Rule { comes, later, lasts });
        Ok(vec![rule.map_err(E::custom)?])
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        let table = Table::deserialize(MapAccessDeserializer::new(map))?;
        Ok(vec![Rule::try_from(table).map_err(de::Error::custom)?])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rules = Vec::new();
        while let Some(Item(rule)) = list.next_element()? {
            rules.push(rule);
        }
        if rules.is_empty() {
            return Err(de::Error::custom(
                "an empty list names no day; write at least one date or rule",
            ));
        }
        Ok(rules)
    }
}

/// A rule or a date of a list.
struct Item(Rule);

impl<'de> Deserialize<'de> for Item {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rules = deserializer.deserialize_any(Reader)?.into_iter();
        match (rules.next(), rules.next()) {
            (Some(rule), None) => Ok(Self(rule)),
            _ => Err(de::Error::custom(
                "a list of days has no list in it; write its days beside the others",
            )),
        }
    }
}

impl<'de> Deserialize<'de> for Days {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Self::new)
    }
}
