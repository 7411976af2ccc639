//! What made-up members are shown when they agree: the programme's own wordings, where it declares any.

use jiff::Timestamp;
use programme::{Channel, Programme, Purpose, Scope};
use serde_json::{Map, Value, json};

use super::timeline::Happening;

/// Puts the names of declared wordings in the place of the words that are made up.
pub(super) fn as_declared(programme: &Programme, happenings: &mut [Happening]) {
    for happening in happenings.iter_mut().filter(|happening| happening.kind == "sign-up") {
        if programme.at(happening.at).wordings.is_empty() {
            continue;
        }
        let consents = happening.detail.get_mut("consents").and_then(Value::as_array_mut);
        for consent in consents.into_iter().flatten().filter_map(Value::as_object_mut) {
            match shown(programme, consent, happening.at) {
                Some(name) => consent.insert("wording".to_owned(), json!(name)),
                None => consent.remove("wording"),
            };
        }
    }
}

/// The wording that the programme declares for a consent.
fn shown<'p>(programme: &'p Programme, consent: &Map<String, Value>, at: Timestamp) -> Option<&'p str> {
    let text = |name: &str| consent.get(name).and_then(Value::as_str);
    let (channel, purpose) = (text("channel")?, text("purpose")?);
    let scope = Scope::Messages(Channel::from_name(channel)?, Purpose::from_name(purpose)?);
    Some(programme.wording_for(scope, at)?.name.as_str())
}
