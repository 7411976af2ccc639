//! An SMS that takes more parts than it would without a few characters that nobody meant to pay for.

use minijinja::Environment;

use super::engine::values;
use super::{Context, sample};
use crate::mistake::{Mistake, Severity, Source};
use crate::parts::{Outside, cheaper, outside, parts, plain};

/// What a text may ordinarily meet: both plural cases, and a name as people have.
const ORDINARY: [Context<'static>; 3] = [sample(0, ""), sample(1, "Ann"), sample(1_234, "Alexandra")];
/// So many characters are named.
const NAMED: usize = 3;

/// What is doubtful in an SMS that goes as UCS-2 only for characters that others could stand for, where that costs parts.
pub(super) fn doubt(
    engine: &Environment<'static>,
    template: &str,
    source: Source<'_>,
    (locale, called): (&str, &str),
    text: &toml::Spanned<String>,
) -> Option<Mistake> {
    let written = text.get_ref();
    let mut found: Vec<Outside> = Vec::new();
    for one in outside(written) {
        if found.iter().all(|other| other.character != one.character) {
            found.push(one);
        }
    }
    let first = found.first()?;
    // Where something has to stay, as in Chinese, nothing is gained.
    plain(written)?;
    let template = engine.get_template(template).ok()?;
    let cost = ORDINARY.iter().filter_map(|context| {
        let rendered = template.render(values(context, locale)).ok()?;
        let counted = parts(&rendered);
        let (_, plain) = cheaper(&rendered, counted)?;
        Some((counted.parts, plain.parts))
    });
    let (takes, would) = cost.max_by_key(|(takes, would)| takes - would)?;

    let span = text.span();
    let in_file = source.text.get(span.clone()).and_then(|own| own.find(first.character));
    let bytes = in_file.map_or(span.clone(), |at| {
        let start = span.start + at;
        start..start + first.character.len_utf8()
    });
    let (what, mend) = said(&found);
    let said = format!("{called} sms takes {takes} parts where {would} would do, for {what}; {mend}");
    Some(source.mistake(Severity::Warning, bytes, said))
}

/// Which characters they are, and what to write.
fn said(found: &[Outside]) -> (String, String) {
    let shown: Vec<String> = found.iter().take(NAMED).map(Outside::shown).collect();
    let mut what = shown.join(", ");
    let more = found.len().saturating_sub(NAMED);
    if more > 0 {
        what = format!("{what} and {more} more");
    }
    let is_one = if found.len() == 1 { "is" } else { "are" };
    let what = format!("{what}, which {is_one} not in the alphabet of plain SMS");
    let mends = found.iter().take(NAMED).map(|one| {
        let it = if one.is_seen() {
            one.character.to_string()
        } else {
            one.code_point()
        };
        match one.instead.as_deref() {
            None | Some("") => format!("leave out {it}"),
            Some(" ") => format!("write a space for {it}"),
            // As it stands in the file.
            Some("\n") => format!("write \\n for {it}"),
            Some("\"") => format!("write \\\" for {it}"),
            Some(instead) => format!("write {instead} for {it}"),
        }
    });
    let mends: Vec<String> = mends.collect();
    (what, mends.join(", "))
}
