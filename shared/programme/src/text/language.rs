//! How a locale writes numbers and days, and which of its plurals a number takes, by Unicode's data (CLDR).
//!
//! English and Chinese are written by hand as well, since a simulation writes some millions of them: a test compares the two.
//! Plain spaces stand for those that do not break: they mean the same, and one of the others would make a whole SMS UCS-2.

use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMD;
use icu_decimal::DecimalFormatter;
use icu_decimal::input::Decimal;
use icu_locale_core::Locale;
use icu_plurals::{PluralCategory, PluralRules};
use jiff::civil::Date;

use super::written;
use crate::{Amount, Currency};

type Days = FixedCalendarDateTimeFormatter<Gregorian, YMD>;

/// How a locale writes.
pub(super) struct Language {
    plurals: PluralRules,
    signs: Option<Signs>,
    hand: Hand,
}

/// Whose signs of currencies are written.
#[derive(Clone, Copy)]
enum Signs {
    English,
    Chinese,
}

enum Hand {
    English,
    Chinese,
    Own(Box<(DecimalFormatter, Days)>),
}

/// The numbers that show which plurals whole numbers take in a language; some have one for millions alone.
const TELLING: [i64; 4] = [1_000, 1_000_000, 1_000_001, 100_000_000];

impl Language {
    /// The language of a file of texts, by its name.
    pub(super) fn of(name: &str) -> Result<Self, String> {
        const MEND: &str = "name the file by a language and, where it matters, a region, such as en.toml or zh-CN.toml";
        let no = |why: &dyn std::fmt::Display| format!("{name:?} is no locale, {why}; {MEND}");
        let locale: Locale = name.replace('_', "-").parse().map_err(|why| no(&why))?;
        let written = locale.to_string();
        if written != name {
            return Err(format!("{name:?} is no locale; name the file {written}.toml"));
        }
        if !locale.extensions.is_empty() || !locale.id.variants.is_empty() {
            return Err(no(&"for it says more than language, script and region"));
        }
        let plurals = PluralRules::try_new_cardinal((&locale).into()).map_err(|why| no(&why))?;
        let hand = match (locale.id.language.as_str(), locale.id.region) {
            ("en", None) => Hand::English,
            ("zh", _) => Hand::Chinese,
            _ => Hand::own(&locale).map_err(|why| no(&why))?,
        };
        let signs = match locale.id.language.as_str() {
            "en" => Some(Signs::English),
            "zh" => Some(Signs::Chinese),
            _ => None,
        };
        let language = Self { plurals, signs, hand };
        // What Unicode calls the first month of a language that it does not know.
        if language.written_day(Date::constant(2026, 1, 31)).contains("M01") {
            return Err(no(&"for Unicode knows no such language"));
        }
        Ok(language)
    }

    /// English, for who goes on where a locale is none.
    pub(super) fn english() -> Result<Self, String> {
        Self::of("en")
    }

    pub(super) fn number(&self, value: i64, out: &mut String) {
        match &self.hand {
            Hand::English | Hand::Chinese => written::grouped(value, out),
            Hand::Own(own) => plainly(&own.0.format(&value.into()).to_string(), out),
        }
    }

    /// An amount of money. English and Chinese write a sign before it, as Unicode has it for the language and plain SMS can
    /// carry it, or else the currency's code; other languages write the code after it.
    pub(super) fn money(&self, amount: Amount, out: &mut String) {
        let (currency, places) = (amount.currency(), amount.currency().exponent());
        if let Some(signs) = self.signs {
            match sign(currency, signs) {
                Some(sign) => out.push_str(sign),
                None => out.extend([currency.code(), " "]),
            }
        }
        match &self.hand {
            Hand::English | Hand::Chinese => written::decimal(amount.minor(), places, out),
            Hand::Own(own) => {
                let mut value = Decimal::from(amount.minor());
                value.multiply_pow10(-i16::try_from(places).unwrap_or_default());
                plainly(&own.0.format(&value).to_string(), out);
            }
        }
        if self.signs.is_none() {
            out.extend([" ", currency.code()]);
        }
    }

    pub(super) fn day(&self, day: Date, out: &mut String) {
        match &self.hand {
            Hand::English => written::english(day, out),
            Hand::Chinese => written::chinese(day, out),
            Hand::Own(own) => {
                let (year, month, of_month) = (i32::from(day.year()), day.month(), day.day());
                let month = u8::try_from(month).unwrap_or(1);
                let of_month = u8::try_from(of_month).unwrap_or(1);
                // jiff's days are days of this calendar.
                if let Ok(day) = icu_calendar::Date::try_new_gregorian(year, month, of_month) {
                    plainly(&own.1.format(&day).to_string(), out);
                }
            }
        }
    }

    fn written_day(&self, day: Date) -> String {
        let mut out = String::new();
        self.day(day, &mut out);
        out
    }

    /// Which plural a number takes.
    pub(super) fn plural(&self, value: i64) -> PluralCategory {
        self.plurals.category_for(value)
    }

    /// The plurals that whole numbers take, each with a number that does.
    pub(super) fn plurals(&self) -> Vec<(PluralCategory, i64)> {
        let mut found: Vec<(PluralCategory, i64)> = Vec::new();
        for number in (0..=200).chain(TELLING) {
            let plural = self.plural(number);
            if found.iter().all(|(known, _)| *known != plural) {
                found.push((plural, number));
            }
        }
        found
    }
}

impl Hand {
    fn own(locale: &Locale) -> Result<Self, icu_datetime::DateTimeFormatterLoadError> {
        let numbers =
            DecimalFormatter::try_new(locale.into(), icu_decimal::options::DecimalFormatterOptions::default());
        let numbers = numbers.map_err(icu_datetime::DateTimeFormatterLoadError::Data)?;
        let days = Days::try_new(locale.into(), YMD::long())?;
        Ok(Self::Own(Box::new((numbers, days))))
    }
}

impl std::fmt::Debug for Language {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Language").finish_non_exhaustive()
    }
}

/// The sign of a currency in English, or in Chinese (CLDR 48, the standard forms of `en` and `zh`).
fn sign(currency: Currency, signs: Signs) -> Option<&'static str> {
    let (english, chinese) = match currency.code() {
        "USD" => ("$", "US$"),
        "CNY" => ("CN¥", "¥"),
        "JPY" => ("¥", "JP¥"),
        "AUD" => ("A$", "AU$"),
        "EUR" => ("€", "€"),
        "GBP" => ("£", "£"),
        "CAD" => ("CA$", "CA$"),
        "HKD" => ("HK$", "HK$"),
        "NZD" => ("NZ$", "NZ$"),
        "TWD" => ("NT$", "NT$"),
        _ => return None,
    };
    Some(match signs {
        Signs::English => english,
        Signs::Chinese => chinese,
    })
}

/// Spaces and signs as a keyboard has them.
fn plainly(text: &str, out: &mut String) {
    out.extend(text.chars().map(|letter| match letter {
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{2212}' => '-',
        _ => letter,
    }));
}

/// The name of a plural, as texts write it.
pub(super) fn name(plural: PluralCategory) -> &'static str {
    match plural {
        PluralCategory::Zero => "zero",
        PluralCategory::One => "one",
        PluralCategory::Two => "two",
        PluralCategory::Few => "few",
        PluralCategory::Many => "many",
        PluralCategory::Other => "other",
    }
}

/// All plurals that some language has.
pub(super) const PLURALS: [PluralCategory; 6] = [
    PluralCategory::Zero,
    PluralCategory::One,
    PluralCategory::Two,
    PluralCategory::Few,
    PluralCategory::Many,
    PluralCategory::Other,
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn of(name: &str) -> Language {
        Language::of(name).unwrap()
    }

    fn number(language: &Language, value: i64) -> String {
        let mut out = String::new();
        language.number(value, &mut out);
        out
    }

    #[test]
    fn what_is_written_by_hand_is_what_unicode_says() {
        // English of no region is the world's, and not one country's.
        for (by_hand, unicodes) in [
            ("en", "en-001"),
            ("zh", "zh"),
            ("zh-CN", "zh-CN"),
            ("zh-TW", "zh-TW"),
            ("zh-HK", "zh-HK"),
        ] {
            let own = Language {
                plurals: of(by_hand).plurals,
                signs: None,
                hand: Hand::own(&unicodes.parse().unwrap()).unwrap(),
            };
            let by_hand = of(by_hand);
            assert!(!matches!(by_hand.hand, Hand::Own(_)));
            for value in [
                0,
                7,
                -7,
                999,
                1_000,
                -1_000,
                12_345,
                999_999,
                1_000_000,
                -1_234_567_890,
                i64::MAX,
            ] {
                assert_eq!(number(&by_hand, value), number(&own, value), "{unicodes}");
            }
            let mut day = Date::constant(1997, 1, 1);
            while day < Date::constant(2000, 4, 1) {
                assert_eq!(by_hand.written_day(day), own.written_day(day), "{unicodes}");
                day = day.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn a_language_writes_as_it_does() {
        for (name, grouped, day) in [
            ("en", "1,234,567", "31 January 1998"),
            ("en-US", "1,234,567", "January 31, 1998"),
            ("de", "1.234.567", "31. Januar 1998"),
            ("fr-CA", "1 234 567", "31 janvier 1998"),
            ("hi", "12,34,567", "31 जनवरी, 1998"),
            ("zh-TW", "1,234,567", "1998年1月31日"),
        ] {
            assert_eq!(number(&of(name), 1_234_567), grouped, "{name}");
            assert_eq!(of(name).written_day(Date::constant(1998, 1, 31)), day, "{name}");
        }
        assert_eq!(number(&of("sv"), -5), "-5", "a sign that plain SMS have");
    }

    #[test]
    fn money_is_written_as_the_language_does() {
        let money = |name: &str, text: &str, currency: &str| {
            let mut out = String::new();
            let amount = Amount::parse(text, currency.parse().unwrap()).unwrap();
            of(name).money(amount, &mut out);
            out
        };
        for (name, text, currency, written) in [
            ("en", "1234.5", "USD", "$1,234.50"),
            ("en-US", "1234.5", "USD", "$1,234.50"),
            ("en", "0.07", "CAD", "CA$0.07"),
            ("en", "1234567", "JPY", "¥1,234,567"),
            ("en", "0", "KWD", "KWD 0.000"),
            ("en-IN", "1234567.5", "INR", "INR 12,34,567.50"),
            ("zh-CN", "1234.5", "CNY", "¥1,234.50"),
            ("zh-CN", "49.9", "USD", "US$49.90"),
            ("de", "1234.5", "EUR", "1.234,50 EUR"),
            ("fr", "1234567", "JPY", "1 234 567 JPY"),
            ("de", "9.005", "KWD", "9,005 KWD"),
        ] {
            assert_eq!(money(name, text, currency), written, "{name}");
        }
    }

    #[test]
    fn whole_numbers_take_the_plurals_of_the_language() {
        let names = |name: &str| -> Vec<&str> {
            let plurals = of(name).plurals();
            plurals.into_iter().map(|(plural, _)| super::name(plural)).collect()
        };
        assert_eq!(names("zh-CN"), ["other"]);
        assert_eq!(names("en"), ["other", "one"]);
        assert_eq!(names("pl"), ["many", "one", "few"]);
        assert_eq!(names("ar"), ["zero", "one", "two", "few", "many", "other"]);
        assert_eq!(names("fr"), ["one", "other", "many"]);
        assert_eq!(of("en").plural(-1), PluralCategory::One);
    }

    #[test]
    fn what_is_no_locale_is_refused() {
        for (name, says) in [
            ("english-british-texts", "no locale"),
            ("xx", "knows no such language"),
            ("en_US", "name the file en-US.toml"),
            ("zh-cn", "name the file zh-CN.toml"),
            ("en-US-u-ca-buddhist", "says more than"),
            ("", "no locale"),
            ("e", "no locale"),
        ] {
            let why = Language::of(name).err().unwrap_or_default();
            assert!(why.contains(says), "{name}: {why}");
        }
    }
}
