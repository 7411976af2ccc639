//! Random sources: such as the grammar makes, the same with characters changed, and anything.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::runner::mangle;

pub(super) const COMMENT: &str = " // é\n";

const BLANKS: [&str; 8] = ["", "", "", " ", " ", "\n", "\t\r\n", COMMENT];

const OPS: [&str; 14] = [
    "||", "&&", "==", "!=", "<", "<=", ">", ">=", " in ", "+", "-", "*", "/", "%",
];

const LEAVES: [&str; 24] = [
    "a",
    "b.c",
    "not",
    "when",
    "x.if.y",
    "true",
    "false",
    "null",
    "0",
    "7",
    "0x1F",
    "9223372036854775807",
    "-3",
    "-0.5",
    "1.25",
    "5u",
    "'é'",
    "\"a\\n\"",
    "r'\\d'",
    "b'x'",
    "'''a'b'''",
    "[]",
    "f()",
    "has(a.b)",
];

const WORDS: [&str; 62] = [
    "a",
    "b",
    "b",
    "r",
    "x",
    "f",
    "in",
    "in",
    "true",
    "null",
    "has",
    "exists",
    "all",
    "existsOne",
    "map",
    "filter",
    "if",
    "not",
    "and",
    "as",
    "size",
    "1",
    "2.5",
    "0x",
    "3u",
    "1e3",
    ".5",
    "1.",
    "'a'",
    "\"\"",
    "'''",
    "'",
    "\"",
    "(",
    "(",
    "(",
    ")",
    ")",
    ")",
    "[",
    "]",
    "[",
    "]",
    "{",
    "}",
    ",",
    ",",
    ".",
    ".",
    ".",
    "?",
    ":",
    "!",
    "-",
    "+",
    "/",
    "%",
    "==",
    "<",
    "&&",
    "||",
    "=",
];

pub(super) const CORNERS: [&str; 81] = [
    "a ? b ? c : d : e",
    "a ? (b ? c : d) : e",
    "a ? b : c ? d : e",
    "a ? b : c || d ? e : f",
    "(a ? b : c) ? d : e",
    "a < b < c",
    "a == b in c != d",
    "a - b - c",
    "a / b * c % d",
    "a + b * c - d",
    "a || b && c || d",
    "!a == b",
    "-a + b",
    "-a.b",
    "-a.f()",
    "-1.f()",
    "- 1",
    "- // é\n 1",
    "--1",
    "---1",
    "- -1",
    "-(1)",
    "-(-1)",
    "!-1",
    "!-a",
    "-!a",
    "!!a",
    "!!!a",
    "!(!a)",
    "-9223372036854775808",
    "--9223372036854775808",
    "9223372036854775808",
    "- 9223372036854775808",
    "-0x8000000000000000",
    "0x8000000000000000",
    "18446744073709551615u",
    "18446744073709551616u",
    "-1u",
    "1.a",
    "1.5.a",
    "'a'.b",
    "[a][0]",
    "(a)(b)",
    "f(a)(b)",
    "f(a)[b]",
    "f(a).g(b).c",
    "a.true",
    "a.in",
    "a.if()",
    "if",
    "if(a)",
    "true(a)",
    "in",
    "a in in",
    "a.b.c.d(e)",
    "has(a)",
    "has((a.b))",
    "has(a.b.c)",
    "has(f(a).b)",
    "has(a[0].b)",
    "has(null.a)",
    "has(a, b)",
    "has()",
    "a.has(b)",
    "x.all(y, z, w)",
    "x.all((y), z)",
    "x.all(y.z, w)",
    "x.all(if, w)",
    "x.map(y, z, w)",
    "x.map(y, z, w, v)",
    "all(x, y)",
    "x.existsOne(y, y)",
    "x.filter(y, y).map(z, z).f()",
    "(a, b)",
    "f(a,)",
    "a[]",
    "not(a)",
    "b 'x'",
    r#"'\a\b\f\n\r\t\v\\\'\"\`\?'"#,
    "'\\x+4'",
    "'\\u+041'",
];

/// Of which CEL keeps some for itself.
pub(super) const NAMES: &str = "as break const continue else for function if import let loop package namespace return var \
    void while and or not then when is in true false null has map size type int";

fn blank() -> impl Strategy<Value = String> {
    select(&BLANKS[..]).prop_map(str::to_owned)
}

/// All with random blanks between.
fn spaced(parts: Vec<BoxedStrategy<String>>) -> BoxedStrategy<String> {
    let blanks = vec(blank(), parts.len());
    let joined = (parts, blanks)
        .prop_map(|(parts, blanks)| parts.into_iter().zip(blanks).flat_map(<[String; 2]>::from).collect());
    joined.boxed()
}

fn fixed(text: &str) -> BoxedStrategy<String> {
    Just(text.to_owned()).boxed()
}

fn chosen(of: &'static [&'static str]) -> BoxedStrategy<String> {
    select(of).prop_map(str::to_owned).boxed()
}

/// One level deeper, by the rules of the grammar and with no brackets that it does not need.
fn deeper(under: BoxedStrategy<String>) -> BoxedStrategy<String> {
    let in_brackets = |open: &str, close: &str| spaced(vec![fixed(open), under.clone(), fixed(close)]);
    let loops = || chosen(&["exists", "all", "exists_one", "existsOne", "filter", "map"]);
    let primary = prop_oneof![
        6 => chosen(&LEAVES),
        2 => in_brackets("(", ")"),
        1 => in_brackets("[", "]"),
        1 => spaced(vec![fixed("[a,"), under.clone(), fixed(","), under.clone(), fixed("]")]),
        1 => spaced(vec![fixed("f("), under.clone(), fixed(","), under.clone(), fixed(")")]),
        1 => in_brackets("size(", ")"),
    ];
    let postfix = prop_oneof![
        12 => fixed(""),
        2 => fixed(".d"),
        1 => in_brackets("[", "]"),
        1 => in_brackets(".startsWith(", ")"),
        2 => spaced(vec![fixed("."), loops(), fixed("(y,"), under.clone(), fixed(")")]),
        1 => spaced(vec![fixed(".map(y,"), under.clone(), fixed(","), under, fixed(")")]),
    ];
    let member = spaced(vec![primary.boxed(), postfix.clone().boxed(), postfix.boxed()]);
    let unary = spaced(vec![chosen(&["", "", "", "", "!", "!!", "-", "--", "- -"]), member]);
    // A sign that follows one of another kind cannot be said.
    let chain = (unary.clone(), vec((chosen(&OPS), blank(), unary), 0..4)).prop_map(|(first, rest)| {
        let rest = rest.into_iter().flat_map(|(op, blank, part)| [op, blank, part]);
        std::iter::once(first).chain(rest).collect::<String>()
    });
    let chain = chain.boxed();
    let other = prop_oneof![3 => chain.clone(), 1 => spaced(vec![chain.clone(), fixed("?"), chain.clone(), fixed(":"), chain.clone()])];
    let conditional = spaced(vec![
        chain.clone(),
        fixed("?"),
        chain.clone(),
        fixed(":"),
        other.boxed(),
    ]);
    prop_oneof![6 => chain, 1 => conditional].boxed()
}

pub(super) fn expressions() -> BoxedStrategy<String> {
    let two = deeper(deeper(chosen(&LEAVES)));
    let any = prop_oneof![2 => two.clone(), 1 => deeper(two)];
    any.prop_filter("long", |source| source.len() < 300).boxed()
}

/// With characters gone, doubled, changed or put between.
pub(super) fn mangled() -> BoxedStrategy<String> {
    let change = (
        any::<Index>(),
        0..4,
        select("abinrx019.,?:!&|=<>+-*/%\"'()[]{}\\ \nué".chars().collect::<Vec<_>>()),
    );
    let changed = (
        deeper(deeper(chosen(&LEAVES))).prop_filter("long", |source| source.len() < 120),
        vec(change, 1..3),
    )
        .prop_map(|(source, changes)| mangle(&source, changes));
    changed.boxed()
}

pub(super) fn soup() -> BoxedStrategy<String> {
    let words = vec((chosen(&WORDS), blank()), 1..9);
    words
        .prop_map(|words| words.into_iter().flat_map(<[String; 2]>::from).collect())
        .boxed()
}

/// Texts with any prefix, quotes and escapes, and numbers.
pub(super) fn literals() -> BoxedStrategy<String> {
    let escapes = [
        "\\n",
        "\\\\",
        "\\'",
        "\\\"",
        "\\`",
        "\\?",
        "\\x41",
        "\\X4g",
        "\\u00e9",
        "\\u00E",
        "\\ud800",
        "\\U0001f600",
        "\\U00110000",
        "\\101",
        "\\400",
        "\\38",
        "\\q",
        "\\é",
        "\\",
        "\r",
        "\r\n",
        "\n",
        "'",
        "\"",
        "é",
        "a",
        "//",
        " ",
    ];
    let body = vec(select(escapes.to_vec()), 0..5).prop_map(|parts| parts.concat());
    let prefix = chosen(&["", "", "", "", "r", "R", "b", "B", "br", "bR", "rb", "u"]);
    let text = (prefix, chosen(&["'", "\"", "'''", "\"\"\""]), body)
        .prop_map(|(prefix, quote, body)| format!("{prefix}{quote}{body}{quote}"));
    let number = "-? ?(0x)?[0-9]{0,3}[.]?[0-9a-fA-Fxu_]{0,3}[eEuU]?|[0-9]{18,20}u?|-?0x[0-9a-f]{15,17}";
    prop_oneof![2 => text.boxed(), 1 => number.boxed()].boxed()
}
