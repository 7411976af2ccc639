//! From a name to where its value is.

use std::ops::Range;

use super::check::{Checker, Typed, Variable};
use super::guards::Fact;
use super::lists::Listing;
use crate::form::Shown;
use crate::tree::{Number, Over, Place, Test, Text};
use crate::{Field, Problem, Type};

/// What a name stands for.
pub(crate) struct Found<'s> {
    pub(crate) place: Place,
    pub(crate) field: &'s Field,
}

impl<'s> Checker<'s> {
    /// A name's value, which must be there.
    pub(crate) fn name(&mut self, name: &str, at: &Range<usize>) -> Typed<'s> {
        if self.variables.iter().any(|variable| variable.name() == name) {
            return self.variable(name, at);
        }
        let Some(found) = self.find(name, at) else {
            return Typed::Broken;
        };
        let list = matches!(found.field.of, Type::Texts | Type::Choices(_) | Type::Lines(_));
        if found.field.optional && !list && !self.facts.contains(&Fact::Has(name.to_owned())) {
            self.problems.push(
                Problem::error(at.clone(), format!("{name} may be missing"))
                    .mend(format!("write has({name}) && before it, or has({name}) ? … : …")),
            );
        }
        self.typed(&found)
    }

    fn variable(&mut self, name: &str, at: &Range<usize>) -> Typed<'s> {
        let line = self.variables.iter().find_map(|variable| match variable {
            Variable::Line(own, _, fields) if own == name => Some(*fields),
            _ => None,
        });
        let Some(fields) = line else {
            return Typed::Text(Text::Place(Place::Item), None);
        };
        let fields: Vec<String> = fields.iter().map(|field| format!("{name}.{}", field.name)).collect();
        let problem = Problem::error(at.clone(), format!("{name} is a whole line"));
        self.problems
            .push(problem.mend(format!("write one of: {}", fields.join(", "))));
        Typed::Broken
    }

    fn typed(&mut self, found: &Found<'s>) -> Typed<'s> {
        let place = found.place;
        match &found.field.of {
            Type::Bool => Typed::Test(Test::Is(place)),
            Type::Int => Typed::Number(Number::Whole(place), false),
            Type::Decimal => Typed::Number(Number::Exact(place), true),
            Type::Text => Typed::Text(Text::Place(place), None),
            Type::Choice(all) => {
                self.domains.insert(place, all);
                Typed::Text(Text::Place(place), Some(all))
            }
            Type::Texts => Typed::List(Listing::new(Over::Texts(place), None)),
            Type::Choices(all) => Typed::List(Listing::of_choices(place, all)),
            Type::Lines(fields) => match place {
                Place::Lines(slot) => Typed::List(Listing::new(Over::Lines(slot), Some(fields))),
                // Records in records are not declared; nothing of them could be said.
                _ => Typed::Broken,
            },
        }
    }

    /// Where a name's value is, or what is wrong with the name.
    pub(crate) fn find(&mut self, name: &str, at: &Range<usize>) -> Option<Found<'s>> {
        let found = self.look_up(name);
        if found.is_none() {
            let problem = self.unknown(name, at);
            self.problems.push(problem);
        }
        let found = found?;
        let (slot, shows) = match found.place {
            Place::Name(slot) | Place::Lines(slot) => (Some(slot), true),
            Place::Field(slot, _) => (Some(slot), false),
            Place::Item => (None, false),
        };
        self.slots.extend(slot);
        if shows && !self.shown.iter().any(|shown| shown.place == found.place) {
            let (name, place) = (name.into(), found.place);
            self.shown.push(Shown { name, place });
        }
        Some(found)
    }

    fn look_up(&self, name: &str) -> Option<Found<'s>> {
        for variable in &self.variables {
            let Variable::Line(own, slot, fields) = variable else {
                continue;
            };
            let Some(field) = name.strip_prefix(own.as_str()).and_then(|rest| rest.strip_prefix('.')) else {
                continue;
            };
            let index = fields.iter().position(|known| known.name == field)?;
            return Some(Found {
                place: Place::Field(*slot, u16::try_from(index).ok()?),
                field: fields.get(index)?,
            });
        }
        let slot = self.scope.slot(name)?;
        let field = self.scope.field(slot)?;
        let place = match field.of {
            Type::Lines(_) => Place::Lines(slot),
            _ => Place::Name(slot),
        };
        Some(Found { place, field })
    }

    fn unknown(&self, name: &str, at: &Range<usize>) -> Problem {
        let mut front = name;
        while let Some((shorter, _)) = front.rsplit_once('.') {
            front = shorter;
            if let Some(found) = self.look_up(front) {
                return no_fields(front, found.field, at);
            }
        }
        let mut names: Vec<String> = self.scope.fields().iter().map(|field| field.name.clone()).collect();
        for variable in &self.variables {
            match variable {
                Variable::Line(own, _, fields) => {
                    names.extend(fields.iter().map(|field| format!("{own}.{}", field.name)));
                }
                Variable::Text(own) => names.push(own.clone()),
            }
        }
        let problem = Problem::error(at.clone(), format!("there is no {name}"));
        let group = name.split_once('.').map_or(name, |(group, _)| group);
        let of_group = |known: &&String| known.split_once('.').is_some_and(|(first, _)| first == group);
        let group: Vec<&str> = names.iter().filter(of_group).map(String::as_str).collect();
        // The first part is easily forgotten.
        let ending = format!(".{name}");
        let whole = names.iter().find(|known| known.ends_with(&ending)).map(String::as_str);
        match whole.or_else(|| nearest(name, names.iter().map(String::as_str))) {
            Some(near) => problem.mend(format!("did you mean {near}?")),
            None if group.is_empty() => {
                let mut groups: Vec<&str> = names.iter().filter_map(|name| name.split('.').next()).collect();
                groups.sort_unstable();
                groups.dedup();
                problem.mend(format!("names start with one of: {}", groups.join(", ")))
            }
            None => problem.mend(format!("write one of: {}", group.join(", "))),
        }
    }
}

fn no_fields(name: &str, field: &Field, at: &Range<usize>) -> Problem {
    let problem = |what: &str| Problem::error(at.clone(), format!("{name} is {what}, and has no parts"));
    match &field.of {
        Type::Lines(_) => problem("a list of lines").mend(format!("write {name}.exists(x, …) and x. in it")),
        Type::Texts | Type::Choices(_) => problem("a list of texts").mend(format!("write \"…\" in {name}")),
        Type::Bool => problem("yes or no").mend(format!("write {name}")),
        Type::Int | Type::Decimal => problem("a number").mend(format!("write {name}")),
        Type::Text | Type::Choice(_) => problem("a text").mend(format!("write {name}")),
    }
}

/// The one that was probably meant.
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let allowed = (word.chars().count() / 3).clamp(1, 3);
    known
        .map(|known| (strsim::osa_distance(&lower, &known.to_lowercase()), known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
