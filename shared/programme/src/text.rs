//! The texts of messages: one template a kind, locale and part, checked when the programme is read so that rendering
//! cannot fail later.
//!
//! The template engine has its built-in functions switched off: with them, a short template can build a gigabyte.
//! What remains is variables, conditions and the two filters below, within a fuel limit.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::Date;
use minijinja::value::Object;
use minijinja::{Environment, ErrorKind, UndefinedBehavior, Value};
use serde::Deserialize;

use crate::MessageKind;
use crate::mistake::{Mistake, Source};
use crate::{suggest, thorough};

/// A language and, where it matters, a region: `en`, `zh-CN`.
pub type Locale = String;

/// What a text may speak of. Everything is given to every text; which kinds may use which is checked.
#[derive(Debug, Clone)]
pub struct Context {
    /// The member's name.
    pub name: String,
    /// The programme's name.
    pub programme: String,
    /// Points of the wallet that can be spent now.
    pub balance: i64,
    /// The name of the wallet that the message is about, in the text's locale.
    pub wallet: String,
    /// The tier's name in the text's locale.
    pub tier: String,
    /// The points the message is about.
    pub points: i64,
    /// The last day on which those points can be spent.
    pub date: Date,
    /// Days until that day is over; years for an anniversary.
    pub days: i64,
    pub years: i64,
    /// What the reward it is about is called in the text's locale, and its coupon's code; nothing where it has none.
    pub reward: String,
    pub code: String,
    /// Whether that reward lapses, on `date`.
    pub lapses: bool,
    /// The reward that lies nearest above the balance, and how many points are missing for it; nothing and 0 where there
    /// is none.
    pub next_reward: String,
    pub missing: i64,
}

const ALWAYS: [&str; 7] = [
    "name",
    "programme",
    "balance",
    "wallet",
    "tier",
    "next_reward",
    "missing",
];

fn variables(kind: MessageKind) -> &'static [&'static str] {
    match kind {
        MessageKind::PointsEarned
        | MessageKind::PointsUnlocked
        | MessageKind::PointsExpired
        | MessageKind::PointsReturned
        | MessageKind::PointsReceived => &["points"],
        MessageKind::PointsPending => &["points", "date"],
        MessageKind::PointsExpiring | MessageKind::TierAtRisk => &["points", "date", "days"],
        MessageKind::RewardReady => &["reward", "code", "lapses", "date", "days"],
        MessageKind::RewardExpiring => &["reward", "code", "date", "days"],
        MessageKind::Anniversary => &["years"],
        MessageKind::Welcome | MessageKind::TierUpgraded | MessageKind::Birthday => &[],
    }
}

/// A rendered message: the SMS's one text, or a push's title and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub title: String,
    pub body: String,
}

/// A text that could not be rendered. The check renders every text, so this means a damaged programme.
#[derive(Debug, thiserror::Error)]
#[error("the text {name} could not be rendered: {why}")]
pub struct TextError {
    pub name: String,
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Parts {
    sms: toml::Spanned<String>,
    push_title: toml::Spanned<String>,
    push_body: toml::Spanned<String>,
}

/// A file of texts.
type Kinds = BTreeMap<toml::Spanned<MessageKind>, Parts>;

/// All texts, ready to render.
#[derive(Clone)]
pub struct Texts {
    engine: Environment<'static>,
    locales: Vec<Locale>,
    default: Locale,
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Texts")
            .field("locales", &self.locales)
            .finish_non_exhaustive()
    }
}

impl Texts {
    /// Texts of which only the locales are known; none can be rendered.
    pub(crate) fn unread(locales: Vec<Locale>) -> Self {
        Self {
            engine: Environment::empty(),
            locales,
            default: Locale::new(),
        }
    }

    pub(crate) fn parse(files: &[(Locale, String)]) -> Result<Self, Vec<Mistake>> {
        let mut engine = Environment::new();
        engine.set_undefined_behavior(UndefinedBehavior::Strict);
        engine.set_fuel(Some(10_000));
        engine.add_filter("number", number);
        engine.add_filter("date", date);
        let mut mistakes = Vec::new();
        for (locale, text) in files {
            let name = format!("texts/{locale}.toml");
            let source = Source { name: &name, text };
            let samples = samples(locale);
            let read = match toml::from_str::<Kinds>(text) {
                Ok(kinds) => thorough::Read::sound(kinds),
                Err(_) => thorough::read(source, thorough::TEXTS),
            };
            mistakes.extend(read.mistakes.iter().cloned());
            for kind in MessageKind::ALL.into_iter().filter(|_| !read.is_broken()) {
                let Some(kinds) = &read.value else { continue };
                match kinds.iter().find(|(key, _)| *key.get_ref() == kind) {
                    None => mistakes.push(source.error(
                        0..0,
                        format!(
                            "there is no text for {0}; add [{0}] with sms, push-title and push-body",
                            kind.name()
                        ),
                    )),
                    Some((_, parts)) => {
                        let mut found = Vec::new();
                        add(&mut engine, source, locale, kind, parts, &samples, &mut found);
                        mistakes.extend(found.into_iter().filter(|mistake| read.is_own(mistake)));
                    }
                }
            }
        }
        let locales = files.iter().map(|(locale, _)| locale.clone()).collect();
        if mistakes.is_empty() {
            Ok(Self {
                engine,
                locales,
                default: Locale::new(),
            })
        } else {
            Err(mistakes)
        }
    }

    pub(crate) fn fall_back_to(&mut self, locale: Locale) {
        self.default = locale;
    }

    /// The locales that have texts.
    pub fn locales(&self) -> impl Iterator<Item = &str> {
        self.locales.iter().map(String::as_str)
    }

    /// The locale whose texts a member gets: their own, else one of their language, else the programme's default.
    pub fn locale_for(&self, wanted: &str) -> &str {
        let language = |locale: &str| locale.split('-').next().unwrap_or_default().to_owned();
        self.locales()
            .find(|locale| *locale == wanted)
            .or_else(|| self.locales().find(|locale| language(locale) == language(wanted)))
            .unwrap_or(&self.default)
    }

    /// The SMS of a kind, in a locale that [`Texts::locale_for`] gave.
    pub fn sms(&self, kind: MessageKind, locale: &str, context: &Context) -> Result<Rendered, TextError> {
        Ok(Rendered {
            title: String::new(),
            body: self.render(kind, locale, "sms", context)?,
        })
    }

    /// The push notification of a kind, in a locale that [`Texts::locale_for`] gave.
    pub fn push(&self, kind: MessageKind, locale: &str, context: &Context) -> Result<Rendered, TextError> {
        Ok(Rendered {
            title: self.render(kind, locale, "push-title", context)?,
            body: self.render(kind, locale, "push-body", context)?,
        })
    }

    fn render(&self, kind: MessageKind, locale: &str, part: &str, context: &Context) -> Result<String, TextError> {
        let name = template_name(locale, kind, part);
        let rendered = self
            .engine
            .get_template(&name)
            .and_then(|template| template.render(with_locale(context, locale)));
        rendered.map_err(|why| TextError {
            name,
            why: why.to_string(),
        })
    }
}

/// The longest text that is stored: far over what any carrier takes.
const LONGEST: usize = 2048;

fn add(
    engine: &mut Environment<'static>,
    source: Source<'_>,
    locale: &str,
    kind: MessageKind,
    parts: &Parts,
    samples: &[Value],
    mistakes: &mut Vec<Mistake>,
) {
    for (part, text) in [
        ("sms", &parts.sms),
        ("push-title", &parts.push_title),
        ("push-body", &parts.push_body),
    ] {
        let name = template_name(locale, kind, part);
        if let Err(what) = add_part(engine, &name, kind, text.get_ref(), samples) {
            mistakes.push(source.error(text.span(), format!("{} {part}: {what}", kind.name())));
        }
    }
}

fn add_part(
    engine: &mut Environment<'static>,
    name: &str,
    kind: MessageKind,
    text: &str,
    samples: &[Value],
) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err("the text is empty; write what the member should read".to_owned());
    }
    if text.len() > LONGEST {
        return Err(format!("the text has {} bytes; keep it under {LONGEST}", text.len()));
    }
    engine
        .add_template_owned(name.to_owned(), text.to_owned())
        .map_err(|why| unreadable(&why))?;
    let template = engine.get_template(name).map_err(|why| unreadable(&why))?;
    let known = || ALWAYS.iter().chain(variables(kind)).copied();
    let mut unknown: Vec<String> = template
        .undeclared_variables(false)
        .into_iter()
        .filter(|used| !known().any(|name| name == used))
        .collect();
    unknown.sort();
    if let Some(used) = unknown.first() {
        let known: Vec<&str> = known().collect();
        let meant = suggest::nearest(used, known.iter().copied());
        let meant = meant.map_or_else(
            || "this text may use: ".to_owned(),
            |name| format!("did you mean {{{{ {name} }}}}? It may use: "),
        );
        return Err(format!(
            "there is no {{{{ {used} }}}} here; {meant}{}",
            known.join(", ")
        ));
    }
    for sample in samples {
        let rendered = template.render(sample.clone()).map_err(|why| unreadable(&why))?;
        if rendered.len() > LONGEST {
            return Err(format!(
                "it renders to {} bytes; keep it under {LONGEST}",
                rendered.len()
            ));
        }
    }
    Ok(())
}

/// What is wrong with a text that cannot be read or rendered.
fn unreadable(why: &minijinja::Error) -> String {
    let what = why.detail().map_or_else(|| why.kind().to_string(), str::to_owned);
    match why.kind() {
        ErrorKind::UnknownFilter => format!("{what}; what may follow a | is number or date"),
        ErrorKind::SyntaxError => {
            format!("it cannot be read, {what}; close each {{{{ with }}}}, and each {{% if … %}} with {{% endif %}}")
        }
        _ => what,
    }
}

fn template_name(locale: &str, kind: MessageKind, part: &str) -> String {
    format!("{locale}/{}/{part}", kind.name())
}

/// The ends of what a text may meet: the plural cases, the largest numbers, a long name.
fn samples(locale: &str) -> [Value; 3] {
    let sample = |count: i64, name: &str| {
        let context = Context {
            name: name.to_owned(),
            programme: name.to_owned(),
            balance: count,
            wallet: name.to_owned(),
            tier: name.to_owned(),
            points: count,
            date: Date::constant(2028, 2, 29),
            days: count,
            years: count,
            reward: name.to_owned(),
            code: name.to_owned(),
            lapses: count > 0,
            next_reward: name.to_owned(),
            missing: count,
        };
        with_locale(&context, locale)
    };
    [sample(0, ""), sample(1, "O"), sample(i64::MAX, &"W".repeat(64))]
}

/// What a text may speak of, looked up by name: nearly every text names three or four of them.
#[derive(Debug)]
struct Spoken {
    context: Context,
    /// For the filters; no text may use it.
    locale: String,
}

impl Object for Spoken {
    fn get_value(self: &Arc<Self>, name: &Value) -> Option<Value> {
        let of = &self.context;
        Some(match name.as_str()? {
            "name" => Value::from(of.name.as_str()),
            "programme" => Value::from(of.programme.as_str()),
            "balance" => Value::from(of.balance),
            "wallet" => Value::from(of.wallet.as_str()),
            "tier" => Value::from(of.tier.as_str()),
            "points" => Value::from(of.points),
            "date" => Value::from(of.date.to_string()),
            "days" => Value::from(of.days),
            "years" => Value::from(of.years),
            "reward" => Value::from(of.reward.as_str()),
            "code" => Value::from(of.code.as_str()),
            "lapses" => Value::from(of.lapses),
            "next_reward" => Value::from(of.next_reward.as_str()),
            "missing" => Value::from(of.missing),
            "locale" => Value::from(self.locale.as_str()),
            _ => return None,
        })
    }
}

fn with_locale(context: &Context, locale: &str) -> Value {
    Value::from_object(Spoken {
        context: context.clone(),
        locale: locale.to_owned(),
    })
}

/// `1234567` as `1,234,567`; both languages group by three.
fn number(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        grouped.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A day as the locale writes it: `31 January 1998`, `1998年1月31日`.
fn date(state: &minijinja::State<'_, '_>, value: &str) -> Result<String, minijinja::Error> {
    let wrong = |_| minijinja::Error::new(ErrorKind::InvalidOperation, "the date filter takes a date");
    let day: Date = value.parse().map_err(wrong)?;
    let locale = state
        .lookup("locale")
        .map(|locale| locale.to_string())
        .unwrap_or_default();
    let format = if locale.starts_with("zh") {
        "%Y年%-m月%-d日"
    } else {
        "%-d %B %Y"
    };
    Ok(day.strftime(format).to_string())
}
