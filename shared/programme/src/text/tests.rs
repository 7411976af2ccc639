#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use minijinja::machinery::parse;

use super::context::Name;
use super::engine::values;
use super::*;
use crate::Channel;

/// The texts of a sound file.
fn kinds_of(locale: &str, text: &str) -> Kinds {
    let read = Texts::read(&[(locale.to_owned(), text.to_owned())]);
    read.written.into_iter().next().unwrap().kinds
}

/// The languages of some texts.
fn all_languages(locales: &[&str]) -> Arc<Languages> {
    let languages = locales.iter().map(|locale| {
        let language = Language::of(locale).unwrap();
        ((*locale).to_owned(), Arc::new(language))
    });
    Arc::new(languages.collect())
}

fn pieces(text: &str) -> Option<Pieces> {
    let read = parse(text, "text", minijinja::syntax::SyntaxConfig::default()).ok()?;
    Pieces::of(&read, text)
}

/// Renders a text by the engine and, where it is made of pieces alone, in pieces.
fn both(
    engine: &Environment<'_>,
    language: &Language,
    (locale, text): (&str, &str),
    context: &Context<'_>,
) -> (String, Option<String>) {
    let rendered = engine.render_str(text, values(context, locale)).unwrap();
    (rendered, pieces(text).map(|pieces| pieces.render(context, language)))
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
        (locale, kinds_of(locale, &std::fs::read_to_string(path).unwrap()))
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
        "{# a #}b {{- name -}}  c\n{%- if name %} d{% elif points == 2 %}e{% endif %}\n",
        "{{ points|plural(one='point', other=\"points\") }} {{ days | plural(other='d', one='') }}",
        "{% raw %}{{ name }}{% endraw %}",
    ];
    texts.extend(odd.map(|text| ("en", text.to_owned())));
    let polish = "{{ points|number }} {{ points|plural(one='punkt', few='punkty', many='punktów') }}, {{ date|date }}";
    texts.push(("pl", polish.to_owned()));
    let languages = all_languages(&["en", "zh-CN", "pl"]);
    let engine = engine(&languages);
    let mut in_pieces = 0;
    for (locale, text) in &texts {
        for context in contexts() {
            let (engine, pieces) = both(&engine, &languages[*locale], (locale, text), &context);
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
        "{% for a in name %}{% endfor %}",
    ] {
        assert_eq!(pieces(text), None, "{text}");
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
        let mut out = String::new();
        written::grouped(value, &mut out);
        assert_eq!(out, grouped);
    }
}

/// What is said of a text for members of a locale.
fn told(locale: &str, text: &str) -> Option<String> {
    let languages = all_languages(&[locale]);
    let mut adding = Adding {
        engine: &mut engine(&languages),
        source: Source {
            name: "texts",
            text: "",
        },
        locale,
        language: &languages[locale],
        partials: partials::Whole::default(),
        mistakes: Vec::new(),
    };
    let known = Name::ALL.map(Name::as_str);
    adding.text("text".to_owned(), &known, text).err()
}

/// Whatever could fail for some member is refused, in branches as well that no sample comes to.
#[test]
fn a_text_that_could_fail_is_refused() {
    for (text, says) in [
        (
            "{% if points == 7 %}{{ name|upper }}{% endif %}",
            "filter upper is unknown",
        ),
        (
            "{% if points == 7 %}{{ name|numbr }}{% endif %}",
            "did you mean number?",
        ),
        (
            "{% if points == 7 %}{{ name|number }}{% endif %}",
            "the filter number takes a number",
        ),
        (
            "{% if points == 7 %}{{ points|date }}{% endif %}",
            "the filter date takes a day",
        ),
        (
            "{% if points == 7 %}{{ name.first }}{% endif %}",
            "cannot use a part of a value",
        ),
        (
            "{% if points == 7 %}{{ name[0] }}{% endif %}",
            "cannot use a part of a value",
        ),
        ("{% if points == 7 %}{{ name() }}{% endif %}", "cannot use a call"),
        ("{% if points == 7 %}{{ [name] }}{% endif %}", "cannot use a list"),
        (
            "{% if points == 7 %}{{ 7 // missing }}{% endif %}",
            "reckons with +, - and * alone",
        ),
        (
            "{% if points == 7 %}{{ points * points * points }}{% endif %}",
            "grow too large",
        ),
        (
            "{% if points == 7 %}{{ (points + 1)|number }}{% endif %}",
            "takes a number",
        ),
        (
            "{% if points == 7 %}{{ name * 100000 }}{% endif %}",
            "only numbers are reckoned with",
        ),
        ("{% if points == 7 %}{{ 'a' if name }}{% endif %}", "has no else"),
        (
            "{% if points == 7 %}{{ -name }}{% endif %}",
            "only a number can be negative",
        ),
        (
            "{% if points == 7 %}{{ 1.5 }}{% endif %}",
            "neither a whole number nor words",
        ),
        ("{% for a in name %}x{% endfor %}", "could only grow without bound"),
        (
            "{% for a in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}",
            "could only grow without bound",
        ),
        ("{% set a = 1 %}{{ points }}", "{% set %} is nothing that a text may do"),
        ("{% if name is string %}x{% endif %}", "cannot use is"),
        ("{% if 'a' in name %}x{% endif %}", "cannot use in"),
    ] {
        let told = told("en", text).unwrap_or_default();
        assert!(told.contains(says), "{text}: {told:?}");
    }
    for text in [
        "{{ points + missing * 2 }} {{ -points }} {{ (-points)|number }} {{ name ~ tier }}",
        "{{ 'one' if points == 1 else 'many' }} {% if not name and points > 2 or lapses %}x{% elif date %}y{% endif %}",
        "{{ days|plural(one='tomorrow', other='later') }}",
    ] {
        assert_eq!(told("en", text), None, "{text}");
    }
}

#[test]
fn a_plural_has_the_forms_of_its_language() {
    for (locale, text, says) in [
        (
            "en",
            "{{ points|plural(other='points') }}",
            "plural has no one, which 1 takes in this language; write plural(one=\"…\", other=\"…\")",
        ),
        (
            "en",
            "{{ points|plural('point', 'points') }}",
            "takes words by the names of plurals; write plural(one=",
        ),
        (
            "en",
            "{{ points|plural(one=name, other='x') }}",
            "takes words by the names",
        ),
        (
            "en",
            "{{ points|plural(one='a', few='b', other='x') }}",
            "plural has few, which no number takes in this language",
        ),
        (
            "en",
            "{{ points|plural(once='a', other='x') }}",
            "plural has once, which no language has",
        ),
        (
            "zh-CN",
            "{{ points|plural(one='a', other='x') }}",
            "plural has one, which no number takes in this language; write plural(other=",
        ),
        (
            "pl",
            "{{ points|plural(one='punkt', other='punktów') }}",
            "plural has other, which no number takes",
        ),
        (
            "pl",
            "{{ points|plural(one='punkt', few='punkty') }}",
            "plural has no many, which 0 takes",
        ),
        (
            "fr",
            "{{ points|plural(one='point', other='points') }}",
            "plural has no many, which 1000000 takes",
        ),
    ] {
        let told = told(locale, text).unwrap_or_default();
        assert!(told.contains(says), "{text}: {told:?}");
    }
}

#[test]
fn a_locale_falls_back_to_less_of_it_then_to_its_language_then_to_the_default() {
    let of = |locales: &[&str], wanted: &str| {
        let mut texts = Texts::unread(locales.iter().map(|locale| (*locale).to_owned()).collect());
        texts.fall_back_to("en".to_owned());
        texts.locale_for(wanted).to_owned()
    };
    for (locales, wanted, found) in [
        (&["en", "zh", "zh-CN", "zh-TW"][..], "zh-TW", "zh-TW"),
        (&["en", "zh-CN", "zh-Hant", "zh"], "zh-Hant-TW", "zh-Hant"),
        (&["en", "zh-CN", "zh"], "zh-TW", "zh"),
        (&["en", "zh-CN"], "zh-TW", "zh-CN"),
        (&["en", "zh-CN"], "ZH_cn", "zh-CN"),
        (&["en", "zh-CN"], "fr-CA", "en"),
        (&["en", "zh-CN"], "", "en"),
        (&["en", "eng"], "en-GB", "en"),
    ] {
        assert_eq!(of(locales, wanted), found, "{wanted} of {locales:?}");
    }
}

/// What is wrong, and doubtful, with an English file of some partials and a welcome by SMS; and what that says.
fn with_partials(partials: &str, sms: &str) -> (Vec<String>, String) {
    let kinds = MessageKind::ALL
        .iter()
        .filter(|kind| kind.is_of_the_ledger())
        .map(|kind| {
            let sms = match (kind, sms.starts_with("{ ")) {
                (MessageKind::Welcome, true) => sms.to_owned(),
                (MessageKind::Welcome, false) => format!("'''{sms}'''"),
                _ => "'s'".to_owned(),
            };
            let name = kind.name();
            format!("[{name}]\nsms = {sms}\npush-title = \"t\"\npush-body = \"b\"\n")
        });
    let partials = if partials.starts_with('[') {
        partials.to_owned()
    } else {
        format!("[partials]\n{partials}")
    };
    let file: String = [format!("{partials}\n")].into_iter().chain(kinds).collect();
    let read = Texts::read(&[("en".to_owned(), file)]);
    let said = read.mistakes.iter().chain(&read.doubts).map(ToString::to_string);
    let told = read.texts.message((MessageKind::Welcome, ""), Channel::Sms, "en");
    let sms = told.and_then(|told| told.render(&sample(2, "Ana")));
    (said.collect(), sms.map_or_else(|_| String::new(), |sms| sms.body))
}

#[test]
fn a_partial_stands_where_it_is_included() {
    let partials = "bye = \"See you, {% include 'who' %}.\"\nwho = \"\"\"{% if name %}{{ name }}{% endif %}\n\"\"\"";
    for (text, says) in [
        ("Hello. {% include 'bye' %}", "Hello. See you, Ana."),
        ("Hello.\n{%- include \"bye\" -%} \n Ciao.", "Hello.See you, Ana.Ciao."),
        (
            "{% if balance %}{% include 'who' %}{% else %}{% include 'bye' %}{% endif %}",
            "Ana",
        ),
        ("{# {% include 'nobody' %} #}{% include 'bye' %}", "See you, Ana."),
    ] {
        assert_eq!(with_partials(partials, text), (Vec::new(), says.to_owned()), "{text}");
    }
}

#[test]
fn a_partial_that_cannot_be_put_in_is_told_of_once() {
    let twice = |name: &str| format!("{{% include '{name}' %}}").repeat(2);
    let long = format!(
        "a = \"{}\"\nb = \"{}\"\nc = \"{}\"",
        "x".repeat(700),
        twice("a"),
        twice("b")
    );
    let ring = "a = \"{% include 'b' %}\"\nb = \"{% include 'a' %}\"";
    for (partials, text, says) in [
        (
            "",
            "{% include 'bye' %}",
            "welcome sms: there is no partial \"bye\"; add [partials] with bye = \"…\"",
        ),
        (
            "bye = \"x\"",
            "{% include 'by' %}{% include 'bye' %}",
            "welcome sms: there is no partial \"by\"; did you mean \"bye\"?",
        ),
        (
            ring,
            "{% include 'a' %}",
            "2:5: the partial a: it goes round without end, a, which includes b, which includes a; take one",
        ),
        (
            "a = \"{% include 'a' %}\"",
            "{% include 'a' %}",
            "a, which includes a; take",
        ),
        (
            "a = \"{% include 'c' %}\"",
            "{% include 'a' %}",
            "the partial a: there is no partial \"c\"",
        ),
        (
            "a = \"{% if name %}\"",
            "{% include 'a' %}x{% endif %}",
            "the partial a: it cannot be read",
        ),
        (
            "a = \"{{ nme }}\"",
            "{% include 'a' %}",
            "the partial a: there is no {{ nme }} here; did you mean {{ name }}?",
        ),
        (
            "a = \"{{ points }}\"",
            "{% include 'a' %}",
            "welcome sms: there is no {{ points }} here",
        ),
        (
            "a = \"x\"",
            "{% include 'a' %}{% include a %}",
            "include takes the name of a partial in quotes",
        ),
        (
            "a = \"x\"",
            "y",
            "2:1: no text includes the partial a; write {% include \"a\" %} in one, or take it out",
        ),
        (
            &long,
            "{% include 'c' %}",
            "the partial c: with what it includes it has more than 2048 bytes; include less",
        ),
    ] {
        let (said, _) = with_partials(partials, text);
        let [only] = said.as_slice() else {
            panic!("{text}: {said:?}");
        };
        assert!(only.contains(says), "{text}: {only}");
    }
}

#[test]
fn a_voice_says_who_speaks_and_in_which_tone() {
    let voice = "[voice]\npersona = \"Mia\"\nsign_off = \"x\"\ntone = \"warm\"";
    let (said, _) = with_partials(voice, "a");
    assert!(said[0].contains("sign_off") && said[0].contains("sign-off"), "{said:?}");
    let voice = voice.replace("sign_off", "sign-off") + "\n[partials]\nbye = \"{{ sign_off }}, {{persona}}\"";
    for (text, says) in [
        (
            "{{ persona }}: hello, {{ name }}. {% include 'bye' %}",
            "Mia: hello, Ana. x, Mia",
        ),
        (
            "{ warm = \"Dear {{ name }}! {% include 'bye' %}\", plain = \"Hello.\" }",
            "Dear Ana! x, Mia",
        ),
    ] {
        assert_eq!(with_partials(&voice, text), (Vec::new(), says.to_owned()), "{text}");
    }
    for (from, to, text, says) in [
        (
            "",
            "",
            "{ plain = \"{% include 'bye' %}\" }",
            "\"warm\", which [voice] takes, is none of them; write one of: plain",
        ),
        (
            "tone = \"warm\"",
            "",
            "{ warm = \"{% include 'bye' %}\", plain = \"b\" }",
            "nothing says which is taken; add [voice] with tone = \"plain\"",
        ),
        (
            "",
            "",
            "{ warm = \"{% include 'bye' %}\", plain = \"{{ nme }}\" }",
            "welcome sms (plain): there is no {{ nme }} here",
        ),
        (
            "persona = \"Mia\"",
            "persona = \"{{ name }}\"",
            "{% include 'bye' %}",
            "the voice's persona is to be words alone",
        ),
        (
            "persona = \"Mia\"",
            "",
            "{% include 'bye' %}",
            "the partial bye: there is no {{ persona }} here",
        ),
        (
            "tone = \"warm\"",
            "emoji = \"lots\"",
            "{% include 'bye' %}",
            "write \"none\", \"sparing\" or \"free\"",
        ),
    ] {
        let (said, _) = with_partials(&voice.replace(from, to), text);
        assert!(said.len() == 1 && said[0].contains(says), "{text}: {said:?}");
    }
}
