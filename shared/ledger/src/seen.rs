//! What conditions and formulas see of a member and what they do.

use expression::{Slot, Texts, Value, Values};
use jiff::civil::{Date, DateTime, Weekday};
use programme::{Calendar, FieldType, Holds, Known, LineField, Names, Points, Programme, WalletId, yes_or_no};

use crate::account::Account;
use crate::activity::{Activity, Fact};
use crate::campaigns::Occasion;
use crate::day::Day;
use crate::ids::Label;
use crate::said::{OrderLine, field};
use crate::spend::Times;

/// A member at an instant, and what they did.
pub(crate) struct Seen<'a> {
    programme: &'a Programme,
    account: &'a Account,
    activity: Option<&'a Activity>,
    names: &'a Names,
    /// In the member's own zone.
    local: DateTime,
    today: Today<'a>,
    times: Times,
    /// What the rules earn on a purchase.
    earned: Option<Points>,
}

/// The names of a day, as conditions see them.
struct Today<'a> {
    calendar: &'a Calendar,
    date: Date,
}

impl Texts for Today<'_> {
    fn count(&self) -> usize {
        self.calendar.names_of(self.date).count()
    }

    fn text(&self, index: usize) -> Option<&str> {
        self.calendar.names_of(self.date).nth(index)
    }
}

impl<'a> Seen<'a> {
    pub(crate) fn new(
        programme: &'a Programme,
        account: &'a Account,
        occasion: &Occasion<'a>,
        (local, times): (DateTime, Times),
        earned: Option<Points>,
    ) -> Self {
        Self {
            programme,
            account,
            activity: occasion.activity,
            names: occasion.names,
            local,
            today: Today {
                calendar: &programme.calendar,
                date: local.date(),
            },
            times,
            earned,
        }
    }

    fn line(&self, line: usize) -> Option<&'a OrderLine> {
        self.activity?.said.lines.get(line)
    }

    fn amount(&self) -> Option<programme::Amount> {
        match self.activity?.fact {
            Fact::Purchase { amount } => Some(amount),
            _ => None,
        }
    }

    /// A sum in minor units of the purchase's currency, as conditions see it.
    fn money(&self, minor: i64) -> Value<'a> {
        let places = self.amount().map_or(0, |amount| amount.currency().exponent());
        expression::Decimal::scaled(minor, places).map_or(Value::Missing, Value::Decimal)
    }
}

/// A member of whom nobody says anything.
const NO_SEGMENTS: &Vec<Label> = &Vec::new();

fn number<T: TryInto<i64>>(number: T) -> Value<'static> {
    number.try_into().map_or(Value::Missing, Value::Int)
}

fn read<'a>(text: Option<&'a str>, wanted: &FieldType) -> Value<'a> {
    let Some(text) = text else {
        return Value::Missing;
    };
    let read = match wanted.holds {
        Holds::Text | Holds::OneOf(_) => Some(Value::Text(text)),
        Holds::WholeNumber => text.parse().ok().map(Value::Int),
        Holds::Number => text.parse().ok().map(Value::Decimal),
        Holds::YesOrNo => yes_or_no(text).map(Value::Bool),
    };
    read.unwrap_or(Value::Missing)
}

fn weekday(day: Weekday) -> &'static str {
    programme::WEEKDAYS
        .get(usize::try_from(day.to_monday_zero_offset()).unwrap_or_default())
        .copied()
        .unwrap_or_default()
}

impl Values for Seen<'_> {
    fn value(&self, slot: Slot) -> Value<'_> {
        let Some(known) = self.names.known(slot) else {
            return Value::Missing;
        };
        let account = self.account;
        match known {
            Known::Tier => self
                .programme
                .tier(account.tier())
                .map_or(Value::Missing, |tier| Value::Text(&tier.name)),
            Known::Balance => Value::Int(
                account
                    .balance(WalletId::MAIN, self.programme, self.times.decided)
                    .get(),
            ),
            Known::Purchases => number(account.state.purchases),
            Known::DaysMember => {
                let today = Day::of(self.local.date());
                Value::Int(i64::from(account.state.joined.until(today)))
            }
            // Of who is told apart by nothing, nothing is known.
            Known::Segments | Known::Attribute(..) if !account.is_personalised(self.programme) => match known {
                Known::Segments => Value::Texts(NO_SEGMENTS),
                _ => Value::Missing,
            },
            Known::Segments => Value::Texts(&account.state.segments),
            Known::Attribute(name, wanted) => read(field(&account.state.attributes, name.as_str()), wanted),
            Known::Year => number(self.local.year()),
            Known::Month => number(self.local.month()),
            Known::Day => number(self.local.day()),
            Known::Hour => number(self.local.hour()),
            Known::Weekday => Value::Text(weekday(self.local.weekday())),
            Known::Calendar => Value::Texts(&self.today),
            Known::Amount => self
                .amount()
                .map_or(Value::Missing, |amount| self.money(amount.minor())),
            Known::Currency => self
                .amount()
                .map_or(Value::Missing, |amount| Value::Text(amount.currency().code())),
            Known::Points => self.earned.map_or(Value::Int(0), |points| Value::Int(points.get())),
            Known::Lines => Value::Missing,
            Known::Field(name, wanted) => {
                let fields = self.activity.map(|activity| activity.said.fields.as_slice());
                read(field(fields.unwrap_or_default(), name.as_str()), wanted)
            }
        }
    }

    fn lines(&self, _: Slot) -> usize {
        self.activity.map_or(0, |activity| activity.said.lines.len())
    }

    fn field(&self, _: Slot, line: usize, place: u16) -> Value<'_> {
        let (Some(line), Some(wanted)) = (self.line(line), self.names.line_field(place)) else {
            return Value::Missing;
        };
        match wanted {
            LineField::Line => Value::Text(line.line.as_str()),
            LineField::Quantity => Value::Int(i64::from(line.quantity)),
            LineField::Amount => self.money(line.minor),
            LineField::Own(name, wanted) => read(field(&line.fields, name.as_str()), wanted),
        }
    }
}
