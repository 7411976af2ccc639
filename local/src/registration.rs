//! `regulars registration`: what carriers in the United States ask to be told of a sender before a number of theirs may text,
//! as far as the programme says it.
//!
//! A ten-digit number (10DLC) is registered for what is sent from it: with The Campaign Registry, through the form of whoever
//! rents the number (AWS End User Messaging SMS user guide, "10DLC campaign registration form" and "Opt-in requirements
//! checklist"). Most are refused for what the texts do not say, which can be told here.

use std::fmt::Write;
use std::path::PathBuf;

use anstream::{print, println};
use programme::{Amount, Answer, Channel, ConsentTo, Context, MessageKind, Programme, Purpose, WalletId};
use serde::Serialize;

use crate::check::CheckError;
use crate::project;

/// Which programme, and how it is told.
#[derive(Debug, Clone, clap::Args)]
pub struct RegistrationOptions {
    /// The programme's folder [default: program/]
    #[arg(value_name = "DIR")]
    pub folder: Option<PathBuf>,

    /// Print the same as JSON, for programs
    #[arg(long)]
    pub json: bool,
}

pub(crate) const REGISTRATION_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- registration
      what to fill in for the programme in program/, and what reviewers would miss
  cargo run -- registration my-program/ --json
      of another one, for a program";

/// The texts that are registered are English ones.
const LOCALE: &str = "en";
/// The form has room for so many samples.
const MOST_SAMPLES: usize = 5;
/// Words that opt out whatever is registered (47 CFR 64.1200(a)(10) names the first seven), ask for help, and opt in again.
const OPT_OUT: [&str; 8] = [
    "STOP",
    "QUIT",
    "END",
    "REVOKE",
    "OPT OUT",
    "CANCEL",
    "UNSUBSCRIBE",
    "STOPALL",
];
const HELP: [&str; 2] = ["HELP", "INFO"];
const OPT_IN: [&str; 2] = ["START", "UNSTOP"];

/// What is filled in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Registration {
    use_case: &'static str,
    description: String,
    opt_in: Vec<Agreed>,
    opt_in_keywords: [&'static str; 2],
    opt_in_message: String,
    opt_out_keywords: [&'static str; 8],
    opt_out_message: String,
    help_keywords: [&'static str; 2],
    help_message: String,
    samples: Vec<Sample>,
    embedded_link: bool,
    embedded_phone: bool,
    /// What reviewers would miss.
    missing: Vec<String>,
}

/// Words that members agree to.
#[derive(Debug, Serialize)]
struct Agreed {
    wording: String,
    words: String,
}

/// A message as members get it.
#[derive(Debug, Serialize)]
struct Sample {
    kind: &'static str,
    purpose: &'static str,
    text: String,
}

/// Prints it.
pub fn run(options: &RegistrationOptions) -> Result<(), CheckError> {
    let folder = options.folder.clone().unwrap_or_else(project::programme_dir);
    let programme = Programme::load(&folder)?;
    let registration = of(&programme);
    if options.json {
        println!("{}", serde_json::to_string_pretty(&registration)?);
    } else {
        print!("{}", text(&registration));
    }
    Ok(())
}

fn of(programme: &Programme) -> Registration {
    let locale = programme.texts.locale_for(LOCALE);
    // A programme that is sound has all of them.
    let answer = |answer| {
        programme
            .texts
            .answer(answer, locale, &programme.name)
            .unwrap_or_default()
    };
    let mut samples = samples(programme, locale);
    let promotional = samples
        .iter()
        .any(|sample| sample.purpose == Purpose::Promotional.name());
    let transactional = samples
        .iter()
        .any(|sample| sample.purpose == Purpose::Transactional.name());
    let all: Vec<&str> = samples.iter().map(|sample| sample.text.as_str()).collect();
    let (embedded_link, embedded_phone) = (
        all.iter().any(|text| has_link(text)),
        all.iter().any(|text| has_phone(text)),
    );
    let mut registration = Registration {
        use_case: match (promotional, transactional) {
            (true, true) => "MIXED",
            (true, false) => "MARKETING",
            (false, _) => "ACCOUNT_NOTIFICATION",
        },
        description: description(&programme.name, (promotional, transactional)),
        opt_in: agreed(programme),
        opt_in_keywords: OPT_IN,
        opt_in_message: answer(Answer::Resumed),
        opt_out_keywords: OPT_OUT,
        opt_out_message: answer(Answer::Stopped),
        help_keywords: HELP,
        help_message: answer(Answer::Help),
        samples: Vec::new(),
        embedded_link,
        embedded_phone,
        missing: Vec::new(),
    };
    registration.missing = missing(programme, &registration, &samples);
    samples.truncate(MOST_SAMPLES);
    registration.samples = samples;
    registration
}

fn description(name: &str, sends: (bool, bool)) -> String {
    let what = match sends {
        (true, true) => "offers, and news of their points, tier and rewards,",
        (true, false) => "offers",
        (false, _) => "news of their points, tier and rewards",
    };
    format!("{name} sends members of its loyalty programme {what} by SMS. They agreed when they signed up, or later.")
}

/// The wordings that consents to SMS are given in.
fn agreed(programme: &Programme) -> Vec<Agreed> {
    let by_sms = programme.wordings.iter().filter(|wording| {
        wording.channel.is_none_or(|channel| channel == Channel::Sms)
            && wording
                .purpose
                .is_none_or(|purpose| purpose != ConsentTo::Personalisation)
    });
    let words = by_sms.filter_map(|wording| {
        let mut texts = wording.texts.iter();
        let (_, words) = texts.find(|(locale, _)| locale.as_str().starts_with(LOCALE))?;
        Some(Agreed {
            wording: wording.name.as_str().to_owned(),
            words: words.clone(),
        })
    });
    words.collect()
}

/// One of each kind that goes by SMS, those that advertise first.
fn samples(programme: &Programme, locale: &str) -> Vec<Sample> {
    let sample = |kind: MessageKind| {
        let rule = programme.message(kind)?;
        if !rule.channels.get_ref().contains(&Channel::Sms) {
            return None;
        }
        let told = programme.texts.message((kind, ""), Channel::Sms, locale).ok()?;
        let text = told.render(&context(programme, kind, locale)).ok()?.body;
        Some(Sample {
            kind: kind.name(),
            purpose: rule.purpose.name(),
            text,
        })
    };
    let mut samples: Vec<Sample> = MessageKind::ALL.into_iter().filter_map(sample).collect();
    samples.sort_by_key(|sample| sample.purpose != Purpose::Promotional.name());
    samples
}

/// Somebody who may be a member.
fn context<'a>(programme: &'a Programme, kind: MessageKind, locale: &'a str) -> Context<'a> {
    let reward = programme.rewards.first();
    let title = reward.map_or("", |reward| programme.reward_title(reward.name.as_str(), locale));
    let is_of_reward = matches!(kind, MessageKind::RewardReady | MessageKind::RewardExpiring);
    Context {
        name: "Ana",
        programme: &programme.name,
        balance: 240,
        wallet: programme.wallet_name(WalletId::MAIN, locale),
        tier: programme.tier(1).map_or("", |tier| &tier.name),
        points: 40,
        date: jiff::civil::date(2026, 12, 31),
        days: 7,
        years: 2,
        campaign: "",
        reward: if is_of_reward { title } else { "" },
        code: "",
        lapses: true,
        amount: "USD"
            .parse()
            .ok()
            .and_then(|dollars| Amount::parse("29.00", dollars).ok()),
        next_reward: title,
        missing: 60,
        lines: "",
        count: 0,
    }
}

fn has_link(text: &str) -> bool {
    let text = text.to_lowercase();
    ["http://", "https://", "www."].iter().any(|link| text.contains(link))
}

/// Whether ten digits stand together, but for what people put between them.
fn has_phone(text: &str) -> bool {
    let mut digits = 0;
    for letter in text.chars() {
        match letter {
            '0'..='9' => digits += 1,
            ' ' | '-' | '(' | ')' | '.' => {}
            _ => digits = 0,
        }
        if digits >= 10 {
            return true;
        }
    }
    false
}

/// What reviewers look for and would not find, and what mends it.
fn missing(programme: &Programme, registration: &Registration, samples: &[Sample]) -> Vec<String> {
    let mut missing = Vec::new();
    let name = programme.name.to_lowercase();
    let says = |text: &str, what: &str| text.to_lowercase().contains(what);
    if samples.len() < 2 {
        missing.push("two sample messages are asked for, and fewer kinds go by SMS".to_owned());
    }
    for sample in samples {
        if !says(&sample.text, &name) {
            missing.push(format!(
                "the SMS of {} does not say who writes; begin it with {{{{ programme }}}}",
                sample.kind
            ));
        }
        if sample.purpose == Purpose::Promotional.name() && !says(&sample.text, "stop") {
            missing.push(format!(
                "the SMS of {} advertises and does not say how to opt out; add \"Reply STOP to opt out.\"",
                sample.kind
            ));
        }
    }
    for (what, text) in [
        ("stopped", &registration.opt_out_message),
        ("resumed", &registration.opt_in_message),
        ("help", &registration.help_message),
    ] {
        if !says(text, &name) {
            missing.push(format!(
                "the answer {what:?} does not say who writes; write it under [replies] with {{{{ programme }}}}"
            ));
        }
    }
    let help = &registration.help_message;
    if !(help.contains('@') || has_link(help) || has_phone(help)) {
        missing.push(
            "the answer \"help\" says no way to reach somebody; add a number, an address or a page under [replies]"
                .to_owned(),
        );
    }
    if registration.opt_in.is_empty() {
        missing.push("nothing says what members agree to; declare it under [[wordings]], in English".to_owned());
    }
    for agreed in &registration.opt_in {
        let wanted = [
            (name.as_str(), "who sends"),
            ("rates", "that message and data rates may apply"),
            ("stop", "how to opt out (STOP)"),
            ("help", "how to get help (HELP)"),
        ];
        let left_out = wanted.iter().filter(|(word, _)| !says(&agreed.words, word));
        let left_out: Vec<&str> = left_out.map(|(_, what)| *what).collect();
        if !left_out.is_empty() {
            missing.push(format!(
                "the wording {:?} does not say {}",
                agreed.wording,
                left_out.join(", nor ")
            ));
        }
    }
    missing
}

fn text(registration: &Registration) -> String {
    let Registration {
        use_case,
        description,
        opt_in,
        opt_in_keywords,
        opt_in_message,
        opt_out_keywords,
        opt_out_message,
        help_keywords,
        help_message,
        samples,
        embedded_link,
        embedded_phone,
        missing,
    } = registration;
    let yes = |yes: bool| if yes { "yes" } else { "no" };
    let mut out = String::new();
    let mut row = |name: &str, text: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(out, "  {name:18}  {text}");
    };
    row("use case", use_case);
    row("description", description);
    for agreed in opt_in {
        row("opt-in", &format!("{}: {}", agreed.wording, agreed.words));
    }
    row("opt-in keywords", &opt_in_keywords.join(", "));
    row("opt-in message", opt_in_message);
    row("opt-out keywords", &opt_out_keywords.join(", "));
    row("opt-out message", opt_out_message);
    row("help keywords", &help_keywords.join(", "));
    row("help message", help_message);
    for (number, sample) in (1..).zip(samples) {
        row(&format!("sample {number}"), &sample.text);
    }
    row("embedded link", yes(*embedded_link));
    row("embedded phone", yes(*embedded_phone));
    row(
        "age-gated, lending",
        "yours to say; as are the brand's id and the page with your privacy policy",
    );
    if !missing.is_empty() {
        out += "\nWhat reviewers would miss:\n";
        for what in missing {
            let _ = writeln!(out, "  {what}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use programme::Files;

    fn sample(main: &[(&str, &str)], english: &[(&str, &str)]) -> Registration {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../program");
        let mut files = Files::read(&folder).unwrap();
        let replace = |text: &mut String, by: &[(&str, &str)]| {
            for (from, to) in by {
                assert!(text.contains(from), "{from}");
                *text = text.replacen(from, to, 1);
            }
        };
        replace(&mut files.main, main);
        let (_, text) = files.texts.iter_mut().find(|(locale, _)| locale == LOCALE).unwrap();
        replace(text, english);
        of(&Programme::of(&files).unwrap())
    }

    #[test]
    fn words_do_what_the_form_says_of_them() {
        for (words, asks) in [
            (&OPT_OUT[..], replies::Reply::OptOut),
            (&HELP, replies::Reply::Help),
            (&OPT_IN, replies::Reply::OptIn),
        ] {
            for word in words {
                assert_eq!(replies::read(word), asks, "{word}");
            }
        }
    }

    #[test]
    fn what_the_programme_says_is_filled_in_and_what_it_does_not_is_named() {
        let registration = sample(&[], &[]);
        assert_eq!(registration.use_case, "MIXED");
        assert_eq!(registration.samples.len(), MOST_SAMPLES);
        assert!(
            registration
                .samples
                .iter()
                .all(|sample| sample.text.contains("Paper Moon Records"))
        );
        assert!(!registration.embedded_link && !registration.embedded_phone);
        // The sample programme declares no wordings and leaves the answers to us.
        let named = |registration: &Registration, what: &str| {
            assert!(
                registration.missing.iter().any(|missing| missing.contains(what)),
                "{what}: {:#?}",
                registration.missing
            );
        };
        named(&registration, "[[wordings]]");
        named(&registration, "\"help\" says no way");
        let wording = "[[wordings]]\nname = \"sms\"\npurpose = \"promotional\"\ntexts = { en = \"Text me. STOP to opt out.\" }\n\n[prices]\n";
        let english = [
            ("sms = \"{{ programme }}: Welcome", "sms = \"Welcome"),
            ("Reply STOP to opt out.", ""),
        ];
        let registration = sample(&[("[prices]\n", wording)], &english);
        named(
            &registration,
            "the wording \"sms\" does not say who sends, nor that message and data rates may apply, nor how to get help",
        );
        named(&registration, "the SMS of welcome does not say who writes");
        assert!(
            has_link("See WWW.example.org") && has_phone("Call (212) 555-0147") && !has_phone("2026-12-31, 9 to 5")
        );
    }
}
