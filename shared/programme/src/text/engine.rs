//! The template engine: it reads all texts, and renders those that are not made of pieces alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::Locale;
use super::context::{Context, Name, Said};
use super::language::{self, Language};
use crate::Amount;

/// The languages of all texts.
pub(super) type Languages = BTreeMap<Locale, Arc<Language>>;

/// The engine with our filters and no others; its built-in functions are off.
pub(super) fn engine(languages: &Arc<Languages>) -> Environment<'static> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(10_000));
    let own = Arc::clone(languages);
    engine.add_filter("number", move |state: &State<'_, '_>, value: i64| {
        let mut out = String::new();
        language(&own, state)?.number(value, &mut out);
        Ok::<_, Error>(out)
    });
    let own = Arc::clone(languages);
    engine.add_filter("date", move |state: &State<'_, '_>, value: &str| {
        let day: Date = value.parse().map_err(|_| wrong("the date filter takes a date"))?;
        let mut out = String::new();
        language(&own, state)?.day(day, &mut out);
        Ok::<_, Error>(out)
    });
    let own = Arc::clone(languages);
    engine.add_filter("money", move |state: &State<'_, '_>, value: &str| {
        let read = value.split_once(' ').and_then(|(amount, currency)| {
            let currency = currency.parse().ok()?;
            Amount::parse(amount, currency).ok()
        });
        let amount = read.ok_or_else(|| wrong("the money filter takes an amount of money"))?;
        let mut out = String::new();
        language(&own, state)?.money(amount, &mut out);
        Ok::<_, Error>(out)
    });
    let own = Arc::clone(languages);
    engine.add_filter("plural", move |state: &State<'_, '_>, value: i64, forms: Kwargs| {
        let plural = language(&own, state)?.plural(value);
        forms.peek::<String>(language::name(plural))
    });
    engine
}

/// The language of what is being rendered.
fn language<'l>(languages: &'l Languages, state: &State<'_, '_>) -> Result<&'l Language, Error> {
    let locale = state.lookup("locale");
    let locale = locale.as_ref().and_then(Value::as_str).unwrap_or_default();
    let language = languages.get(locale).map(AsRef::as_ref);
    language.ok_or_else(|| wrong("the text has no language"))
}

fn wrong(what: &'static str) -> Error {
    Error::new(ErrorKind::InvalidOperation, what)
}

/// What a text may speak of. The locale is for the filters; no text may use it.
pub(super) fn values(context: &Context<'_>, locale: &str) -> Value {
    let said = Name::ALL.map(|name| {
        let value = match context.say(name) {
            Said::Text(text) => Value::from(text),
            Said::Number(number) => Value::from(number),
            Said::Day(day) => Value::from(day.to_string()),
            Said::Whether(whether) => Value::from(whether),
            Said::Money(amount) => Value::from(amount.map(plain).unwrap_or_default()),
        };
        (name.as_str(), value)
    });
    let all = said.into_iter().chain([("locale", Value::from(locale))]);
    Value::from_object(all.collect::<BTreeMap<_, _>>())
}

/// Money without a filter, as its digits and the currency's code.
pub(super) fn plain(amount: Amount) -> String {
    format!("{amount} {}", amount.currency().code())
}

/// What is wrong with a text that cannot be read or rendered.
pub(super) fn unreadable(why: &Error) -> String {
    let what = why.detail().map_or_else(|| why.kind().to_string(), str::to_owned);
    match why.kind() {
        ErrorKind::SyntaxError => {
            format!("it cannot be read, {what}; close each {{{{ with }}}}, and each {{% if … %}} with {{% endif %}}")
        }
        _ => what,
    }
}
