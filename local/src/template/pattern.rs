//! Event patterns, as `EventBridge` rules and Lambda's filter criteria have them.
//!
//! A pattern names fields; each has a list of values and matchers, of which one must match. All fields must match, and
//! of `$or`'s patterns at least one. A field that is a list matches where an element does, and fields below a list
//! must match within the same element. `exists` looks at leaves: a field that holds an object does not exist.
//! Numbers compare by value, so 300 is 300.0.

use serde_json::{Map, Value};

const MATCHERS: &str = "prefix, suffix, equals-ignore-case, wildcard, numeric, exists, anything-but";
const TEXT_MATCHERS: [&str; 4] = ["prefix", "suffix", "equals-ignore-case", "wildcard"];
/// `EventBridge` compares numbers up to this size.
const LARGEST: f64 = 5e9;

/// Whether the event matches. A pattern that [`check`] refuses matches nothing where it is wrong.
pub fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern.as_object() {
        Some(fields) => object(
            fields,
            Some(event),
            &mut Path {
                root: event,
                keys: Vec::new(),
            },
        ),
        None => false,
    }
}

/// Where the match is in the event: `exists: false` asks the whole event, past lists.
struct Path<'a> {
    root: &'a Value,
    keys: Vec<&'a str>,
}

fn object<'a>(fields: &'a Map<String, Value>, event: Option<&Value>, path: &mut Path<'a>) -> bool {
    if let Some(Value::Array(items)) = event {
        if items.is_empty() {
            return object(fields, None, path);
        }
        return items.iter().any(|item| object(fields, Some(item), path));
    }
    !fields.is_empty() && fields.iter().all(|(key, wanted)| one_field(key, wanted, event, path))
}

fn one_field<'a>(key: &'a str, wanted: &'a Value, event: Option<&Value>, path: &mut Path<'a>) -> bool {
    if key == "$or" {
        let patterns = wanted.as_array().into_iter().flatten();
        return patterns
            .filter_map(Value::as_object)
            .any(|fields| object(fields, event, path));
    }
    path.keys.push(key);
    let value = event.and_then(|event| event.get(key));
    let matched = match wanted {
        Value::Object(fields) => object(fields, value, path),
        Value::Array(wanted) => field(wanted, value, path),
        _ => false,
    };
    path.keys.pop();
    matched
}

fn field(wanted: &[Value], value: Option<&Value>, path: &Path<'_>) -> bool {
    let mut present = Vec::new();
    leaves(value, &mut present);
    wanted.iter().any(|wanted| {
        if wanted.get("exists") == Some(&Value::Bool(false)) {
            let mut anywhere = Vec::new();
            below(path.root, &path.keys, &mut anywhere);
            return anywhere.is_empty();
        }
        present.iter().any(|value| one(wanted, value))
    })
}

/// The scalars of a field: itself, or those of a list.
fn leaves<'a>(value: Option<&'a Value>, found: &mut Vec<&'a Value>) {
    match value {
        None | Some(Value::Object(_)) => {}
        Some(Value::Array(items)) => items.iter().for_each(|item| leaves(Some(item), found)),
        Some(scalar) => found.push(scalar),
    }
}

fn below<'a>(value: &'a Value, keys: &[&str], found: &mut Vec<&'a Value>) {
    match (keys.split_first(), value) {
        (None, _) => leaves(Some(value), found),
        (Some(_), Value::Array(items)) => items.iter().for_each(|item| below(item, keys, found)),
        (Some((key, rest)), _) => {
            if let Some(value) = value.get(key) {
                below(value, rest, found);
            }
        }
    }
}

fn one(wanted: &Value, value: &Value) -> bool {
    let Value::Object(matcher) = wanted else {
        return same(wanted, value);
    };
    let Some((name, operand)) = matcher.iter().next() else {
        return false;
    };
    match name.as_str() {
        "exists" => operand == &Value::Bool(true),
        "numeric" => numeric(operand, value),
        "anything-but" => anything_but(operand, value),
        name => value.as_str().is_some_and(|text| text_matcher(name, operand, text)),
    }
}

fn same(wanted: &Value, value: &Value) -> bool {
    match (wanted.as_f64(), value.as_f64()) {
        (Some(left), Some(right)) => wanted == value || left.total_cmp(&right).is_eq() && left.abs() <= LARGEST,
        _ => wanted == value,
    }
}

fn text_matcher(name: &str, operand: &Value, text: &str) -> bool {
    let ignoring_case = operand.get("equals-ignore-case").and_then(Value::as_str);
    match (name, operand.as_str(), ignoring_case) {
        ("prefix", Some(prefix), _) => text.starts_with(prefix),
        ("suffix", Some(suffix), _) => text.ends_with(suffix),
        ("equals-ignore-case", Some(other), _) => text.to_lowercase() == other.to_lowercase(),
        ("wildcard", Some(wildcard), _) => wildcard_parts(wildcard).is_ok_and(|parts| wildcard_matches(&parts, text)),
        ("prefix", _, Some(prefix)) => text.to_lowercase().starts_with(&prefix.to_lowercase()),
        ("suffix", _, Some(suffix)) => text.to_lowercase().ends_with(&suffix.to_lowercase()),
        _ => false,
    }
}

fn anything_but(operand: &Value, value: &Value) -> bool {
    let any = |operand: &Value, test: &dyn Fn(&Value) -> bool| match operand {
        Value::Array(items) => items.iter().any(test),
        single => test(single),
    };
    match operand.as_object().and_then(|map| map.iter().next()) {
        None => !any(operand, &|wanted| same(wanted, value)),
        Some((name, operand)) => !value
            .as_str()
            .is_some_and(|text| any(operand, &|wanted| text_matcher(name, wanted, text))),
    }
}

fn numeric(operand: &Value, value: &Value) -> bool {
    let (Some(tests), Some(number)) = (operand.as_array(), value.as_f64()) else {
        return false;
    };
    number.abs() <= LARGEST
        && !tests.is_empty()
        && tests.chunks(2).all(|test| match test {
            [Value::String(sign), Value::Number(bound)] => {
                let bound = bound.as_f64().unwrap_or(f64::NAN);
                match sign.as_str() {
                    "=" => number.total_cmp(&bound).is_eq(),
                    "<" => number < bound,
                    "<=" => number <= bound,
                    ">" => number > bound,
                    ">=" => number >= bound,
                    _ => false,
                }
            }
            _ => false,
        })
}

/// The literal texts between the stars. A backslash stands before a star or a backslash that is meant literally.
fn wildcard_parts(wildcard: &str) -> Result<Vec<String>, String> {
    let mut parts = vec![String::new()];
    let mut characters = wildcard.chars();
    let mut after_star = false;
    while let Some(character) = characters.next() {
        if character == '*' {
            if after_star {
                return Err("has two * in a row".to_owned());
            }
            after_star = true;
            parts.push(String::new());
            continue;
        }
        after_star = false;
        let literal = match character {
            '\\' => characters
                .next()
                .filter(|next| matches!(next, '*' | '\\'))
                .ok_or("has a \\ that is before neither * nor \\")?,
            other => other,
        };
        if let Some(part) = parts.last_mut() {
            part.push(literal);
        }
    }
    Ok(parts)
}

fn wildcard_matches(parts: &[String], text: &str) -> bool {
    match parts {
        [] => text.is_empty(),
        [whole] => text == whole,
        [first, middle @ .., last] => {
            let Some(mut rest) = text.strip_prefix(first.as_str()) else {
                return false;
            };
            for part in middle {
                let Some((_, after)) = rest.split_once(part.as_str()) else {
                    return false;
                };
                rest = after;
            }
            rest.ends_with(last.as_str())
        }
    }
}

/// Refuses a pattern that AWS refuses, or whose matchers are not known here, naming the field and the matcher.
pub fn check(pattern: &Value) -> Result<(), String> {
    match pattern.as_object() {
        Some(fields) => check_object(fields, ""),
        None => Err("is not an object".to_owned()),
    }
}

fn check_object(fields: &Map<String, Value>, path: &str) -> Result<(), String> {
    if fields.is_empty() {
        let place = if path.is_empty() { "the pattern" } else { path };
        return Err(format!("{place}: an empty object matches nothing"));
    }
    for (key, wanted) in fields {
        let path = match path {
            "" => key.clone(),
            _ => format!("{path}.{key}"),
        };
        match wanted {
            Value::Array(patterns) if key == "$or" => {
                if patterns.len() < 2 {
                    return Err(format!("{path}: needs two patterns or more"));
                }
                for pattern in patterns {
                    let fields = pattern
                        .as_object()
                        .ok_or_else(|| format!("{path}: takes patterns, not {pattern}"))?;
                    check_object(fields, &path)?;
                }
            }
            Value::Object(fields) => check_object(fields, &path)?,
            Value::Array(wanted) if wanted.is_empty() => {
                return Err(format!("{path}: an empty list matches nothing"));
            }
            Value::Array(wanted) => {
                for wanted in wanted {
                    check_wanted(wanted).map_err(|problem| format!("{path}: {problem}"))?;
                }
            }
            scalar => return Err(format!("{path}: takes a list, as in [{scalar}]")),
        }
    }
    Ok(())
}

fn check_wanted(wanted: &Value) -> Result<(), String> {
    let matcher = match wanted {
        Value::Array(_) => return Err("a list in a list".to_owned()),
        Value::Object(matcher) => matcher,
        _ => return Ok(()),
    };
    let mut entries = matcher.iter();
    let (Some((name, operand)), None) = (entries.next(), entries.next()) else {
        return Err(format!("{wanted} is not one matcher of {MATCHERS}"));
    };
    match (name.as_str(), operand) {
        ("exists", Value::Bool(_)) => Ok(()),
        ("exists", _) => Err("exists takes true or false".to_owned()),
        ("numeric", operand) => check_numeric(operand),
        ("anything-but", operand) => check_anything_but(operand),
        (name, operand) if TEXT_MATCHERS.contains(&name) => check_text(name, operand),
        (name, _) => Err(format!("the matcher {name} is not supported; supported: {MATCHERS}")),
    }
}

fn check_text(name: &str, operand: &Value) -> Result<(), String> {
    let ignoring_case = operand
        .as_object()
        .filter(|map| map.len() == 1)
        .and_then(|map| map.get("equals-ignore-case"));
    match (name, operand) {
        ("wildcard", Value::String(wildcard)) => match wildcard_parts(wildcard) {
            Ok(_) => Ok(()),
            Err(problem) => Err(format!("wildcard {wildcard:?} {problem}")),
        },
        (_, Value::String(_)) => Ok(()),
        ("prefix" | "suffix", _) if ignoring_case.is_some_and(Value::is_string) => Ok(()),
        _ => Err(format!("{name} takes text, not {operand}")),
    }
}

fn check_anything_but(operand: &Value) -> Result<(), String> {
    let each = |operand: &Value, test: &dyn Fn(&Value) -> Result<(), String>| match operand {
        Value::Array(items) if items.is_empty() => Err("anything-but: an empty list".to_owned()),
        Value::Array(items) => items.iter().try_for_each(test),
        single => test(single),
    };
    match operand {
        Value::Object(matcher) => match matcher.iter().next() {
            Some((name, operand)) if matcher.len() == 1 && TEXT_MATCHERS.contains(&name.as_str()) => {
                each(operand, &|operand| check_text(name, operand))
                    .map_err(|problem| format!("anything-but: {problem}"))
            }
            _ => Err(format!(
                "anything-but takes values, a list of them, or one matcher of {}, not {operand}",
                TEXT_MATCHERS.join(", ")
            )),
        },
        values => each(values, &|value| match value {
            Value::String(_) | Value::Number(_) => Ok(()),
            other => Err(format!("anything-but takes text and numbers, not {other}")),
        }),
    }
}

fn check_numeric(operand: &Value) -> Result<(), String> {
    let wrong = || format!("numeric takes [\"=\", 5], [\">\", 0] or a range as [\">=\", 0, \"<\", 5], not {operand}");
    let tests = operand.as_array().ok_or_else(wrong)?;
    let mut signs = Vec::new();
    let mut bounds = Vec::new();
    for test in tests.chunks(2) {
        let [Value::String(sign), Value::Number(bound)] = test else {
            return Err(wrong());
        };
        let bound = bound.as_f64().ok_or_else(wrong)?;
        if bound.abs() > LARGEST {
            return Err(format!("numeric compares up to 5e9, not {bound}"));
        }
        signs.push(sign.as_str());
        bounds.push(bound);
    }
    match (signs.as_slice(), bounds.as_slice()) {
        (["=" | "<" | "<=" | ">" | ">="], _) => Ok(()),
        ([">" | ">=", "<" | "<="], [low, high]) if low < high => Ok(()),
        _ => Err(wrong()),
    }
}
