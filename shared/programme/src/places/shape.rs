//! What a text may come to, with a mark where a variable stands.

/// Stands for a variable: a character that no text has.
pub(super) const SLOT: char = '\u{fffc}';
/// A text of more branches is not followed farther: these show what is wrong with it.
const MOST: usize = 64;

/// Every way in which a text may turn out, as far as its conditions go.
pub(crate) fn shapes(text: &str, programme: &str) -> Vec<String> {
    let mut rest = text;
    let mut shapes = vec![String::new()];
    // An end without a beginning is no text that could be read.
    while !rest.is_empty() {
        let (run, _) = run(&mut rest, programme);
        shapes = joined(&shapes, &run);
    }
    shapes
}

/// Whether a run of a text was ended by another branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Text,
    /// With whether the branch is for all that is left.
    Branch(bool),
    If,
}

fn joined(before: &[String], after: &[String]) -> Vec<String> {
    let all = before
        .iter()
        .flat_map(|one| after.iter().map(move |other| format!("{one}{other}")));
    all.take(MOST).collect()
}

fn run(rest: &mut &str, programme: &str) -> (Vec<String>, End) {
    let mut shapes = vec![String::new()];
    loop {
        let start = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min();
        let (words, marked) = rest.split_at(start.unwrap_or(rest.len()));
        shapes = joined(&shapes, &[words.to_owned()]);
        *rest = marked;
        if marked.is_empty() {
            return (shapes, End::Text);
        }
        let end = match marked.get(..2) {
            Some("{{") => "}}",
            Some("{%") => "%}",
            _ => "#}",
        };
        let (inside, after) = marked.split_once(end).unwrap_or((marked, ""));
        *rest = after;
        let inside = inside.get(2..).unwrap_or_default().trim_matches(['-', ' ']);
        if end == "}}" {
            // The programme's own name is the same for everybody.
            let said = if inside == "programme" {
                programme.to_owned()
            } else {
                SLOT.to_string()
            };
            shapes = joined(&shapes, &[said]);
        } else if end == "%}" {
            match inside.split_whitespace().next() {
                Some("if") => shapes = joined(&shapes, &branches(rest, programme)),
                Some("elif") => return (shapes, End::Branch(false)),
                Some("else") => return (shapes, End::Branch(true)),
                Some("endif") => return (shapes, End::If),
                _ => {}
            }
        }
    }
}

/// What stands from an `if` to its end, which may be nothing.
fn branches(rest: &mut &str, programme: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut is_for_all = false;
    loop {
        let (shapes, end) = run(rest, programme);
        all.extend(shapes);
        match end {
            End::Branch(last) => is_for_all |= last,
            End::If | End::Text => break,
        }
    }
    if !is_for_all {
        all.push(String::new());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_turns_out_in_every_way_of_its_conditions() {
        let text = "【{{ programme }}】{% if code %}，{{ code }}{% endif %}{% if a %}x{% elif b %}y{% else %}z{% endif %}{# n #}.";
        let slot = SLOT;
        let mut all = shapes(text, "P");
        all.sort();
        let expected = ["x", "y", "z"].map(|way| format!("【P】{way}."));
        let with_code = ["x", "y", "z"].map(|way| format!("【P】，{slot}{way}."));
        let mut expected: Vec<String> = expected.into_iter().chain(with_code).collect();
        expected.sort();
        assert_eq!(all, expected);
        // What is no text to be read ends all the same.
        shapes("{% endif %}{{ {% if", "P");
        assert!(shapes(&"{% if a %}x{% else %}y{% endif %}".repeat(40), "P").len() <= MOST);
    }
}
