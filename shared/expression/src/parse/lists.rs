//! Loops over lists, and the calls.

use std::ops::Range;

use super::check::{Checker, Typed, Variable};
use super::guards::{Fact, facts};
use super::names::nearest;
use super::reckon::alike;
use super::term::{Call, Loop, Term};
use crate::Field;
use crate::tree::{Each, Number, Over, Part, Place, Quantity, Test, Text};

/// A list, or what `filter` and `map` make of one.
pub(crate) struct Listing<'s> {
    pub(crate) over: Over,
    /// Of its records.
    fields: Option<&'s [Field]>,
    /// What its texts can be, where that is known.
    choices: Option<&'s [String]>,
    pub(crate) filter: Option<Test>,
    /// What is known of each by the filter, and under which name.
    known: (String, Vec<Fact>),
    /// A number of each; the flag: it may be other than whole.
    pub(crate) mapped: Option<(Number, bool)>,
}

impl<'s> Listing<'s> {
    pub(crate) fn new(over: Over, fields: Option<&'s [Field]>) -> Self {
        Self {
            over,
            fields,
            choices: None,
            filter: None,
            known: (String::new(), Vec::new()),
            mapped: None,
        }
    }

    /// Texts, each one of these.
    pub(crate) fn of_choices(place: Place, choices: &'s [String]) -> Self {
        Self {
            choices: Some(choices),
            ..Self::new(Over::Texts(place), None)
        }
    }

    /// What its texts can be, where that is known.
    pub(crate) fn choices(&self) -> Option<&'s [String]> {
        self.choices
    }

    pub(crate) fn words(&self) -> &'static str {
        match (&self.mapped, self.over) {
            (Some(_), _) => "a list of numbers",
            (None, Over::Lines(_)) => "a list of lines",
            (None, Over::Texts(_)) => "a list of texts",
        }
    }

    fn each(self) -> Each {
        Each {
            over: self.over,
            filter: self.filter,
        }
    }

    fn narrow(&mut self, test: Test) {
        self.filter = Some(match self.filter.take() {
            Some(filter) => Test::All(vec![filter, test]),
            None => test,
        });
    }
}

const CALLS: [&str; 12] = [
    "size",
    "min",
    "max",
    "has",
    "startsWith",
    "endsWith",
    "contains",
    "exists",
    "all",
    "exists_one",
    "filter",
    "map",
];

/// Calls of CEL that there are not here, and what to write.
const FOREIGN: [(&str, &str); 15] = [
    ("matches", "write startsWith(), endsWith() or contains()"),
    ("int", "leave it out; whole numbers and others mix"),
    ("uint", "leave it out; whole numbers and others mix"),
    ("double", "leave it out; whole numbers and others mix"),
    ("string", "compare the number itself"),
    ("bool", "compare with true or false"),
    ("bytes", "write a text"),
    ("type", "what a name holds is known"),
    ("dyn", "leave it out"),
    ("timestamp", "use a name for a time, such as a day or an hour"),
    ("duration", "use a name for a time, such as a day or an hour"),
    ("lowerAscii", "write the text as it is kept"),
    ("upperAscii", "write the text as it is kept"),
    ("not", "write ! before the condition"),
    ("sort", "ask with exists() or all()"),
];

impl<'s> Checker<'s> {
    /// Checks with a variable for each of a list.
    fn inside<T>(
        &mut self,
        list: &Listing<'s>,
        variable: &str,
        at: &Range<usize>,
        check: impl FnOnce(&mut Self) -> Option<T>,
    ) -> Option<T> {
        let taken = self
            .scope
            .fields()
            .iter()
            .any(|known| known.name.split('.').next() == Some(variable))
            || self.variables.iter().any(|known| known.name() == variable);
        if taken {
            self.error(
                at,
                format!("{variable} is a name already"),
                "write another for each of the list, such as x",
            );
            return None;
        }
        let nested = self.variables.iter().any(|known| {
            matches!(
                (known, list.over),
                (Variable::Line(..), Over::Lines(_)) | (Variable::Text(_), Over::Texts(_))
            )
        });
        if nested {
            let what = format!("{} is gone through inside another", list.words());
            self.error(at, what, "write one after the other, joined by && or ||");
            return None;
        }
        self.variables.push(match (list.over, list.fields) {
            (Over::Lines(slot), Some(fields)) => Variable::Line(variable.to_owned(), slot, fields),
            _ => Variable::Text(variable.to_owned()),
        });
        let known = if list.known.0 == variable {
            list.known.1.clone()
        } else {
            Vec::new()
        };
        let result = self.knowing(known, check);
        self.variables.pop();
        result
    }

    fn list(&mut self, term: &Term, what: &str) -> Option<Listing<'s>> {
        match self.term(term) {
            Typed::List(list) => Some(list),
            Typed::Broken => None,
            other => {
                let what = format!("{what} is for a list; this is {}", other.words());
                self.error(&term.at, what, "write the name of a list before it");
                None
            }
        }
    }

    /// A loop of any kind.
    pub(crate) fn each(&mut self, each: &Loop, at: &Range<usize>) -> Typed<'s> {
        self.each_of(each, at).unwrap_or(Typed::Broken)
    }

    fn each_of(&mut self, each: &Loop, at: &Range<usize>) -> Option<Typed<'s>> {
        let mut list = self.list(&each.over, &format!("{}()", each.name))?;
        if list.mapped.is_some() {
            self.error(at, "after map() comes only sum()", "write filter() before map()");
            return None;
        }
        if each.name == "map" {
            return self.map(list, each, at);
        }
        let place = format!("in {}()", each.name);
        let test = self.inside(&list, &each.variable, at, |checker| checker.test(&each.body, &place))?;
        if let Test::Known(yes) = test {
            self.constant(&each.body.at, yes);
        }
        let quantity = match each.name.as_str() {
            "exists" => Quantity::Some,
            "all" => Quantity::Every,
            "filter" => {
                let mut known = facts(self.source, &each.body, true);
                if list.known.0 == each.variable {
                    known.append(&mut list.known.1);
                }
                list.known = (each.variable.clone(), known);
                list.narrow(test);
                return Some(Typed::List(list));
            }
            _ => Quantity::One,
        };
        Some(Typed::Test(Test::Loop(quantity, Box::new(list.each()), Box::new(test))))
    }

    fn map(&mut self, mut list: Listing<'s>, each: &Loop, at: &Range<usize>) -> Option<Typed<'s>> {
        if let Some(filter) = &each.filter {
            let test = self.inside(&list, &each.variable, at, |checker| checker.test(filter, "in map()"))?;
            list.known = (each.variable.clone(), facts(self.source, filter, true));
            list.narrow(test);
        }
        let body = self.inside(&list, &each.variable, at, |checker| Some(checker.term(&each.body)))?;
        match body {
            Typed::Number(number, exact) => {
                list.mapped = Some((number, exact));
                Some(Typed::List(list))
            }
            Typed::Broken => None,
            other => {
                let what = format!("map() is for numbers to be summed; this is {}", other.words());
                self.error(&each.body.at, what, "write exists() to ask about each");
                None
            }
        }
    }

    pub(crate) fn call(&mut self, call: &Call, at: &Range<usize>) -> Typed<'s> {
        match (&call.target, call.name.as_str()) {
            (Some(target), "startsWith") => self.part(Part::Start, target, call, at),
            (Some(target), "endsWith") => self.part(Part::End, target, call, at),
            (Some(target), "contains") => self.part(Part::Any, target, call, at),
            (Some(target), "size") if self.arguments(call, at, 0) => self.size(target),
            (None, "size") if self.arguments(call, at, 1) => {
                call.args.first().map_or(Typed::Broken, |of| self.size(of))
            }
            (Some(target), "sum") if self.arguments(call, at, 0) => self.sum(target, at),
            (None, "min" | "max") => self.extreme(call, at),
            (_, "size" | "sum") if call.target.is_some() || call.name == "size" => Typed::Broken,
            _ => self.unknown_call(call),
        }
    }

    /// Whether a call has so many arguments.
    fn arguments(&mut self, call: &Call, at: &Range<usize>, wanted: usize) -> bool {
        if call.args.len() == wanted {
            return true;
        }
        let name = &call.name;
        let takes = if wanted == 0 { "nothing" } else { "one value" };
        let what = format!("{name}() takes {takes} in its brackets, not {}", call.args.len());
        let mend = match name.as_str() {
            "size" if call.target.is_none() => "write size(name)".to_owned(),
            "size" | "sum" => format!("write .{name}()"),
            _ => format!("write .{name}(\"…\")"),
        };
        self.error(at, what, mend);
        false
    }

    fn part(&mut self, part: Part, target: &Term, call: &Call, at: &Range<usize>) -> Typed<'s> {
        let fits = self.arguments(call, at, 1);
        let whole = self.text(target, &format!("before .{}()", call.name));
        let sought = call
            .args
            .first()
            .and_then(|sought| self.text(sought, &format!("in {}()", call.name)));
        match (whole, sought) {
            (Some(whole), Some(sought)) if fits => Typed::Test(Test::Part(part, whole, sought)),
            _ => Typed::Broken,
        }
    }

    fn text(&mut self, term: &Term, place: &str) -> Option<Text> {
        match self.term(term) {
            Typed::Text(text, _) => Some(text),
            Typed::Broken => None,
            Typed::List(list) => {
                let what = format!("{place} must stand a text; this is {}", list.words());
                let name = self.text_at(&term.at);
                self.error(&term.at, what, format!("write \"…\" in {name}, or {name}.exists(x, …)"));
                None
            }
            other => {
                let what = format!("{place} must stand a text; this is {}", other.words());
                self.error(&term.at, what, "write a text in quotes, or a name that holds one");
                None
            }
        }
    }

    fn size(&mut self, of: &Term) -> Typed<'s> {
        match self.term(of) {
            Typed::Text(text, _) => Typed::Number(Number::Size(text), false),
            Typed::List(list) => Typed::Number(Number::Count(Box::new(list.each())), false),
            Typed::Broken => Typed::Broken,
            other => {
                let what = format!("size() is for a text or a list; this is {}", other.words());
                self.error(&of.at, what, "leave size() out");
                Typed::Broken
            }
        }
    }

    fn sum(&mut self, of: &Term, at: &Range<usize>) -> Typed<'s> {
        let Some(mut list) = self.list(of, "sum()") else {
            return Typed::Broken;
        };
        let Some((number, exact)) = list.mapped.take() else {
            let what = format!("sum() is for numbers; this is {}", list.words());
            self.error(at, what, "write .map(x, x.amount).sum()");
            return Typed::Broken;
        };
        Typed::Number(Number::Total(Box::new((list.each(), number)), exact), exact)
    }

    fn extreme(&mut self, call: &Call, at: &Range<usize>) -> Typed<'s> {
        let name = &call.name;
        if call.args.len() < 2 {
            let what = format!("{name}() takes two numbers or more, not {}", call.args.len());
            self.error(at, what, format!("write {name}(a, b)"));
        }
        let mut all = Some(Vec::new());
        for arg in &call.args {
            match self.term(arg) {
                Typed::Number(number, exact) => {
                    if let Some(all) = &mut all {
                        all.push((number, exact));
                    }
                }
                Typed::Broken => all = None,
                other => {
                    let what = format!("in {name}() must stand numbers; this is {}", other.words());
                    self.error(&arg.at, what, "write a number, or a name that holds one");
                    all = None;
                }
            }
        }
        let least = name == "min";
        let joined = all.filter(|all| all.len() > 1).and_then(|all| {
            all.into_iter().reduce(|(left, a), (right, b)| {
                let both = Box::new(alike(left, a, right, b));
                let number = if least { Number::Least(both) } else { Number::Most(both) };
                (number, a || b)
            })
        });
        joined.map_or(Typed::Broken, |(number, exact)| Typed::Number(number, exact))
    }

    fn unknown_call(&mut self, call: &Call) -> Typed<'s> {
        let name = &call.name;
        let what = format!("there is no {name}()");
        let foreign = FOREIGN
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, mend)| (*mend).to_owned());
        let misplaced = match (name.as_str(), &call.target) {
            ("startsWith" | "endsWith" | "contains", None) => {
                Some(format!("write it after a text, as name.{name}(\"…\")"))
            }
            ("min" | "max", Some(_)) => Some(format!("write {name}(a, b)")),
            ("sum", None) => Some("write list.map(x, x.amount).sum()".to_owned()),
            ("exists" | "all" | "exists_one" | "filter" | "map", _) => {
                Some(format!("write list.{name}(x, …) with a name of your own for x"))
            }
            ("has", _) => Some("write has(name)".to_owned()),
            _ => None,
        };
        let near = || nearest(name, CALLS.into_iter()).map(|near| format!("did you mean {near}()?"));
        let mend = foreign.or(misplaced).or_else(near);
        let mend = mend.unwrap_or_else(|| format!("write one of: {}", CALLS.join(", ")));
        self.error(&call.name_at, what, mend);
        Typed::Broken
    }
}
