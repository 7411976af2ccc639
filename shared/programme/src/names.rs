//! The names that conditions and formulas may use, and what each stands for.

use std::collections::BTreeMap;

use expression::{Field, Scope, Slot, Type};

use crate::campaigns::Trigger;
use crate::fields::{FieldName, FieldType, Fields, Holds};
use crate::file::File;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// The member's tier of the main set.
    Tier,
    /// What can be spent of the main wallet.
    Balance,
    /// How many purchases there were before this one that did not come back whole.
    Purchases,
    /// How many days ago the member joined.
    DaysMember,
    Segments,
    Attribute(FieldName, FieldType),
    Year,
    Month,
    Day,
    Hour,
    Weekday,
    /// The names of the day under `[calendar]`.
    Calendar,
    Amount,
    Currency,
    /// What the rules earn, before any campaign.
    Points,
    Lines,
    Field(FieldName, FieldType),
}

/// What a field of a line stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineField {
    Line,
    Quantity,
    Amount,
    Own(FieldName, FieldType),
}

pub const WEEKDAYS: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];

/// The names of one kind of activity.
#[derive(Debug, Clone, Default)]
pub struct Names {
    pub(crate) scope: Scope,
    known: Vec<Known>,
    lines: Vec<LineField>,
}

impl Names {
    pub fn known(&self, slot: Slot) -> Option<&Known> {
        self.known.get(usize::from(slot.0))
    }

    pub fn line_field(&self, place: u16) -> Option<&LineField> {
        self.lines.get(usize::from(place))
    }

    fn add(&mut self, name: &str, of: Type, known: Known) {
        self.scope.with(name, of);
        self.known.push(known);
    }

    fn add_field(&mut self, group: &str, (name, wanted): (&FieldName, &FieldType), optional: bool, known: Known) {
        let (full, of) = (format!("{group}.{}", name.as_str()), type_of(wanted));
        if optional {
            self.scope.with_optional(full, of);
        } else {
            self.scope.with(full, of);
        }
        self.known.push(known);
    }

    /// What is known of every member at any time.
    pub(crate) fn of_members(tiers: Vec<String>, attributes: &Fields, days: Vec<String>) -> Self {
        let mut names = Self::default();
        names.add("member.tier", Type::Choice(tiers), Known::Tier);
        names.add("member.balance", Type::Int, Known::Balance);
        names.add("member.purchases", Type::Int, Known::Purchases);
        names.add("member.days", Type::Int, Known::DaysMember);
        names.add("member.segments", Type::Texts, Known::Segments);
        for (name, wanted) in attributes {
            // Nobody has to tell all of them.
            let known = Known::Attribute(name.clone(), wanted.clone());
            names.add_field("member", (name, wanted), true, known);
        }
        names.add("local.year", Type::Int, Known::Year);
        names.add("local.month", Type::Int, Known::Month);
        names.add("local.day", Type::Int, Known::Day);
        names.add("local.hour", Type::Int, Known::Hour);
        let weekdays = WEEKDAYS.map(str::to_owned).to_vec();
        names.add("local.weekday", Type::Choice(weekdays), Known::Weekday);
        names.add("local.calendar", Type::Choices(days), Known::Calendar);
        names
    }

    /// The same, and what an activity says.
    pub(crate) fn and_fields(mut self, fields: &Fields) -> Self {
        for (name, wanted) in fields {
            let known = Known::Field(name.clone(), wanted.clone());
            self.add_field("activity", (name, wanted), wanted.optional, known);
        }
        self
    }

    /// The same, and what every purchase says.
    pub(crate) fn and_purchase(mut self, currencies: Vec<String>, own: &Fields) -> Self {
        self.add("activity.amount", Type::Decimal, Known::Amount);
        self.add("activity.currency", Type::Choice(currencies), Known::Currency);
        let mut fields = vec![
            Field::new("line", Type::Text),
            Field::new("quantity", Type::Int),
            Field::new("amount", Type::Decimal),
        ];
        self.lines = vec![LineField::Line, LineField::Quantity, LineField::Amount];
        for (name, wanted) in own {
            let (text, of) = (name.as_str(), type_of(wanted));
            fields.push(if wanted.optional {
                Field::optional(text, of)
            } else {
                Field::new(text, of)
            });
            self.lines.push(LineField::Own(name.clone(), wanted.clone()));
        }
        self.add("activity.lines", Type::Lines(fields), Known::Lines);
        self
    }

    /// The same, and what the rules earn on it.
    fn and_points(mut self) -> Self {
        self.add("activity.points", Type::Int, Known::Points);
        self
    }
}

/// The names of all kinds of activities.
#[derive(Debug, Clone, Default)]
pub struct AllNames {
    pub purchase: Names,
    /// Of the purchase that makes a referral count: what its rules earn is booked by then.
    pub referred: Names,
    /// By event.
    pub events: BTreeMap<String, Names>,
    /// Of anything else: what is known of the member.
    pub members: Names,
}

impl AllNames {
    pub(crate) fn of(file: &File) -> Self {
        let tiers = file.tiers.levels.get_ref().iter().map(|level| level.name.clone());
        let attributes = file.attributes.as_ref().map(|attributes| attributes.get_ref().clone());
        let days = file.calendar.names().map(str::to_owned).collect();
        let members = Names::of_members(tiers.collect(), &attributes.unwrap_or_default(), days);
        let mut currencies: Vec<String> = Vec::new();
        for earn in &file.earn {
            let code = earn.get_ref().currency.code();
            if !currencies.iter().any(|known| known == code) {
                currencies.push(code.to_owned());
            }
        }
        let purchases = file.purchases.as_ref().map(|purchases| purchases.get_ref().clone());
        let purchases = purchases.unwrap_or_default();
        let referred = members.clone().and_purchase(currencies, &purchases.lines);
        let referred = referred.and_fields(&purchases.fields);
        let events = file.events.iter().map(|(name, fields)| {
            let names = members.clone().and_fields(fields);
            (name.get_ref().clone(), names)
        });
        Self {
            purchase: referred.clone().and_points(),
            referred,
            events: events.collect(),
            members,
        }
    }

    /// Those that a campaign's expressions may use; none where its event is not declared.
    pub(crate) fn for_trigger(&self, trigger: &Trigger) -> Option<&Names> {
        match trigger {
            Trigger::Purchase => Some(&self.purchase),
            Trigger::Referred => Some(&self.referred),
            Trigger::Event(name) => self.events.get(name),
            Trigger::SignUp
            | Trigger::Birthday
            | Trigger::Anniversary
            | Trigger::Segment(_)
            | Trigger::Code(_)
            | Trigger::Day(_)
            | Trigger::Referral => Some(&self.members),
        }
    }
}

/// Names that every activity of its kind has, which the shop's own fields cannot take.
pub(crate) const TAKEN: [&str; 4] = ["amount", "currency", "points", "lines"];
/// The same of members, and of lines.
pub(crate) const TAKEN_OF_MEMBERS: [&str; 5] = ["tier", "balance", "purchases", "days", "segments"];
pub(crate) const TAKEN_OF_LINES: [&str; 3] = ["line", "quantity", "amount"];

fn type_of(wanted: &FieldType) -> Type {
    match &wanted.holds {
        Holds::Text => Type::Text,
        Holds::WholeNumber => Type::Int,
        Holds::Number => Type::Decimal,
        Holds::YesOrNo => Type::Bool,
        Holds::OneOf(choices) => Type::Choice(choices.clone()),
    }
}
