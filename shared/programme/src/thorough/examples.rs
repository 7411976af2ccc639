//! An example of everything that has to be in a file, to show what is missing and to read on without it.

/// The section it is in (`*` is any name), its key, and a value as it would be written.
pub(crate) struct Example {
    pub(super) section: &'static str,
    pub(super) key: &'static str,
    pub(super) value: &'static str,
}

const fn of(section: &'static str, key: &'static str, value: &'static str) -> Example {
    Example { section, key, value }
}

/// Those of `programme.toml`.
pub(crate) const MAIN: &[Example] = &[
    of("", "effective-from", "\"2026-12-01\""),
    of("", "name", "\"Paper Moon Records\""),
    of("", "zone", "\"America/New_York\""),
    of("", "default-locale", "\"en\""),
    of("", "earn", "[{ currency = \"USD\", points-per-unit = \"1\" }]"),
    of(
        "",
        "expiry",
        "{ lasts = { months = 12 }, remind-days-before = [30, 7], remind-at = \"10:00\" }",
    ),
    of(
        "",
        "tiers",
        "{ window-months = 12, valid = { months = 12 }, levels = [{ name = \"Member\" }] }",
    ),
    of("", "birthday", "{ at = \"10:00\", leap-day = \"02-28\" }"),
    of("", "anniversary", "{ at = \"11:00\" }"),
    of("", "quiet-hours", "{ from = \"21:00\", to = \"09:00\" }"),
    of("", "messages", "{}"),
    of("wallets", "number", "1"),
    of("wallets", "name", "\"status\""),
    of("earn", "currency", "\"USD\""),
    of("earn", "points-per-unit", "\"1\""),
    of("expiry", "lasts", "{ months = 12 }"),
    of("expiry", "remind-days-before", "[30, 7]"),
    of("expiry", "remind-at", "\"10:00\""),
    of("limits", "on", "\"earn\""),
    of("limits", "per", "\"day\""),
    of("limits", "points", "1000"),
    of("tiers", "window-months", "12"),
    of("tiers", "valid", "{ months = 12 }"),
    of("tiers", "levels", "[{ name = \"Member\" }]"),
    of("tiers.grace", "days", "30"),
    of("tiers.levels", "name", "\"Gold\""),
    of("tier-sets", "window-months", "12"),
    of("tier-sets", "valid", "\"rolling\""),
    of("tier-sets", "levels", "[{ name = \"Guest\" }]"),
    of("tier-sets.grace", "days", "30"),
    of("tier-sets.levels", "name", "\"Guest\""),
    of("returns", "claw-back", "\"within-balance\""),
    of("balance", "lowest", "0"),
    of("reservations", "hold-minutes", "30"),
    of("pay", "currency", "\"USD\""),
    of("pay", "points", "100"),
    of("pay", "worth", "\"1.00\""),
    of("rewards", "name", "\"tote-bag\""),
    of("prices", "currency", "\"USD\""),
    of("prices", "sms-part", "\"0.00645\""),
    of("prices", "push-million", "\"0.50\""),
    of("message-budgets", "per", "\"month\""),
    of("message-budgets", "worth", "\"500\""),
    of("places.us", "states", "[\"NY\", \"CA\"]"),
    of("digests", "kinds", "[\"points-earned\", \"points-unlocked\"]"),
    of("digests", "collect", "{ until = \"18:00\" }"),
    of("topics", "name", "\"offers\""),
    of("caps", "most", "4"),
    of("caps", "per", "{ days = 7 }"),
    of("personalisation", "names", "{ en = \"member\" }"),
    of("wordings", "name", "\"sms-2026\""),
    of("wordings", "texts", "{ en = \"Text me offers.\" }"),
    of("campaigns", "name", "\"double-points\""),
    of("campaigns.hours", "from", "\"18:00\""),
    of("campaigns.hours", "to", "\"20:00\""),
    of("missions", "name", "\"three-in-a-month\""),
    of("missions", "milestones", "[{ reach = 3, points = 50 }]"),
    of("missions.milestones", "reach", "3"),
    of("referral", "return-days", "30"),
    of("referral.review-over", "times", "5"),
    of("guard", "usual-opt-outs", "\"0.5%\""),
    of("guard", "alarming-opt-outs", "\"2%\""),
    of("broadcasts", "name", "\"winter-sale\""),
    of("broadcasts", "at", "\"2026-12-01 10:00\""),
    of(
        "broadcasts",
        "message",
        "{ purpose = \"promotional\", channels = [\"push\", \"sms\"], useful-hours = 24 }",
    ),
    of("broadcasts.message", "purpose", "\"promotional\""),
    of("broadcasts.message", "channels", "[\"push\", \"sms\"]"),
    of("broadcasts.message", "useful-hours", "24"),
    of("carts", "left-after-hours", "4"),
    of("birthday", "at", "\"10:00\""),
    of("birthday", "leap-day", "\"02-28\""),
    of("anniversary", "at", "\"11:00\""),
    of("quiet-hours", "from", "\"21:00\""),
    of("quiet-hours", "to", "\"09:00\""),
    of("messages.*", "purpose", "\"transactional\""),
    of("messages.*", "channels", "[\"push\", \"sms\"]"),
    of("messages.*", "useful-hours", "72"),
];

/// The sections that a programme has once.
pub(super) const ONCE: [&str; 18] = [
    "personalisation",
    "guard",
    "prices",
    "places",
    "purchases",
    "stacking",
    "expiry",
    "tiers",
    "returns",
    "balance",
    "reservations",
    "transfers",
    "carts",
    "referral",
    "birthday",
    "anniversary",
    "quiet-hours",
    "sending",
];

/// Those of `texts/LOCALE.toml`.
pub(crate) const TEXTS: &[Example] = &[
    of("*", "sms", "\"{{ programme }}: hello, {{ name }}!\""),
    of("*", "push-title", "\"Hello from {{ programme }}\""),
    of("*", "push-body", "\"Good to have you here, {{ name }}.\""),
    of("broadcasts.*", "sms", "\"{{ programme }}: hello, {{ name }}!\""),
    of("broadcasts.*", "push-title", "\"Hello from {{ programme }}\""),
    of("broadcasts.*", "push-body", "\"Good to have you here, {{ name }}.\""),
];

/// The example of a key in a section.
pub(super) fn find(examples: &'static [Example], section: &[&str], key: &str) -> Option<&'static Example> {
    examples.iter().find(|example| {
        let names = || example.section.split('.').filter(|name| !name.is_empty());
        let fits = |(wanted, name): (&str, &&str)| wanted == "*" || wanted == *name;
        example.key == key && names().count() == section.len() && names().zip(section).all(fits)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::File;
    use crate::mistake::Source;

    /// Else what is missing would hide what is wrong after it.
    #[test]
    fn a_file_can_be_filled_in_by_examples_alone() {
        let all = MAIN
            .iter()
            .map(|example| example.section.split('.').next().unwrap_or_default());
        let mut once: Vec<&str> = all.filter(|name| ONCE.contains(name)).collect();
        once.dedup();
        let sections: String = once.iter().map(|name| format!("[{name}]\n")).collect();
        let several = [
            "wallets",
            "earn",
            "limits",
            "caps",
            "digests",
            "topics",
            "message-budgets",
            "broadcasts",
            "wordings",
            "tiers.levels",
            "tier-sets",
            "pay",
            "rewards",
        ];
        let several: String = several.iter().map(|name| format!("[[{name}]]\n")).collect();
        for text in ["", &format!("{sections}{several}[messages.welcome]\n")] {
            let name = "programme.toml";
            let read = super::super::read::<File>(Source { name, text }, MAIN);
            let told: Vec<String> = read.mistakes.iter().map(ToString::to_string).collect();
            assert!(read.value.is_some(), "{text}: {told:#?}");
            assert!(!told.iter().any(|told| told.ends_with("add it")), "{told:#?}");
        }
    }
}
