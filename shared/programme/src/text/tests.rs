#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;

/// Renders a text by the engine and, where it is made of pieces alone, in pieces.
fn both(text: &str, context: &Context<'_>, locale: &str) -> (String, Option<String>) {
    let mut engine = Environment::new();
    engine.add_filter("number", number);
    engine.add_filter("date", date);
    let rendered = engine.render_str(text, values(context, locale)).unwrap();
    (
        rendered,
        Pieces::read(text).map(|pieces| pieces.render(context, locale)),
    )
}

fn contexts() -> Vec<Context<'static>> {
    let counts = [-1_000_000, -2, 0, 1, 2, 10, 999, 1_000, 1_001, -i64::MAX, i64::MAX];
    let names = ["", "Ana", "{{ name }}", "a & <b>", "罗\n"];
    let dates = [(1970, 1, 1), (1998, 12, 31), (2028, 2, 29), (985, 7, 4)];
    let several = counts.iter().enumerate().flat_map(|(place, count)| {
        names.map(|name| {
            let (year, month, day) = dates[place % dates.len()];
            let date = jiff::civil::date(year, month, day);
            let days = counts[(place + 3) % counts.len()];
            Context {
                date,
                days,
                ..sample(*count, name)
            }
        })
    });
    several.collect()
}

#[test]
fn pieces_say_what_the_engine_says() {
    let sample = ["en", "zh-CN"].map(|locale| {
        let path = format!("{}/../../program/texts/{locale}.toml", env!("CARGO_MANIFEST_DIR"));
        (
            locale,
            toml::from_str::<Kinds>(&std::fs::read_to_string(path).unwrap()).unwrap(),
        )
    });
    let parts = |parts: &Parts| [&parts.sms, &parts.push_title, &parts.push_body].map(|text| text.get_ref().clone());
    let mut texts: Vec<(&str, String)> = Vec::new();
    for (locale, kinds) in &sample {
        texts.extend(kinds.values().flat_map(parts).map(|text| (*locale, text)));
    }
    let odd = [
        "{{name}}{{ date }}{{ points }}",
        "{ {{ name }} } % {",
        "{% if lapses %}{% if points == 0 %}a{% endif %}{% else %}{% if name %}b{% else %}c{% endif %}{% endif %}",
        "{% if date %}x{% endif %}{% if balance %}y{% endif %}\n\n{{ missing | number }}",
        "{%if points==1%}one{%endif%}",
        "}} {{ tier }} %}",
    ];
    texts.extend(odd.map(|text| ("en", text.to_owned())));
    let mut in_pieces = 0;
    for (locale, text) in &texts {
        for context in contexts() {
            let (engine, pieces) = both(text, &context, locale);
            in_pieces += usize::from(pieces.is_some());
            assert_eq!(pieces.unwrap_or_else(|| engine.clone()), engine, "{text}");
        }
    }
    // All but the few that ask for more than this.
    assert!(in_pieces > texts.len() * contexts().len() * 9 / 10, "{in_pieces}");
}

#[test]
fn what_is_no_piece_is_left_to_the_engine() {
    for text in [
        "a\n",
        "{# a #}b",
        "{{- name }}",
        "{{ name -}} b",
        "{%- if name %}b{% endif %}",
        "{{ name|upper }}",
        "{{ name|number }}",
        "{{ points|date }}",
        "{{ nobody }}",
        "{{ lapses }}",
        "{{ points + 1 }}",
        "{{ 'name' }}",
        "{% if points == 1 or points == 2 %}a{% endif %}",
        "{% if points == -1 %}a{% endif %}",
        "{% if points == +1 %}a{% endif %}",
        "{% if name == 1 %}a{% endif %}",
        "{% if name %}a",
        "{% if name %}a{% else %}b{% else %}c{% endif %}",
        "a{% endif %}",
        "{% for a in name %}{% endfor %}",
        "{{ name",
    ] {
        assert_eq!(Pieces::read(text), None, "{text}");
    }
}

#[test]
fn numbers_are_grouped_by_three() {
    for (value, grouped) in [
        (0, "0"),
        (-7, "-7"),
        (1_000, "1,000"),
        (-1_000_007, "-1,000,007"),
        (i64::MIN, "-9,223,372,036,854,775,808"),
    ] {
        assert_eq!(number(value), grouped);
    }
}
