//! What `regulars why` tells of a run: everything is decided again as it was, and messages say what they said.

use std::collections::BTreeMap;

use bundle_tests::Line;
use ledger::MemberId;
use regulars::why::{self, Outcome, WhyError};
use simulation::normal::Form;

/// Tells the stories of everybody; nothing may be decided otherwise.
pub(super) async fn all(line: &Line, forms: &BTreeMap<MemberId, Form>) {
    let (mut steps, mut granted, mut sent, mut said, mut forgotten) = (0, 0, 0, 0, 0);
    for (member, form) in forms.iter().filter(|(_, form)| !form.entries.is_empty()) {
        let told = why::story(&line.store, &line.programme, member, line.bundle.now()).await;
        let (story, _) = match told {
            Err(WhyError::Erased(_)) => {
                forgotten += 1;
                continue;
            }
            told => told.unwrap(),
        };
        let entries: usize = story.steps.iter().map(|step| step.entries.len()).sum();
        assert_eq!(entries, form.entries.len());
        for step in &story.steps {
            let (cause, at) = (&step.cause, step.decided);
            assert_eq!(step.otherwise, None, "{cause} of {member} at {at}: {:?}", step.entries);
            steps += 1;
            let counted = step.rules.iter().filter(|rule| rule.outcome == Outcome::Counted);
            granted += counted.count();
            for message in &step.messages {
                let (_, known) = &form.messages[&message.key];
                assert_eq!(known.state, message.state, "{} of {cause} of {member}", message.key);
                let Some((title, body)) = &known.text else { continue };
                sent += 1;
                if let Some(text) = &message.text {
                    said += 1;
                    assert!(text.contains(title) && text.ends_with(body), "{text:?} {body:?}");
                }
            }
        }
    }
    println!(
        "{steps} steps are explained, {granted} rules counted; of {sent} messages {said} are told word by word; {forgotten} members are \
         forgotten"
    );
    assert!(said * 10 >= sent * 8, "{said} of {sent}");
}
