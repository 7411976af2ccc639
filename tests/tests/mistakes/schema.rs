//! The schema for editors takes what the programme takes.

use serde_json::Value;

use crate::sample;

fn refused(main: &str) -> Option<String> {
    let schema = regulars::check::schema();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler
        .add_resource("programme.schema.json", schema)
        .expect("a schema");
    let schema = compiler
        .compile("programme.schema.json", &mut schemas)
        .expect("a schema");
    let main: Value = toml::from_str(main).expect("TOML");
    schemas.validate(&main, schema).err().map(|error| error.to_string())
}

#[test]
fn the_sample_is_sound_by_its_schema() {
    assert_eq!(refused(&sample().main), None);
}

#[test]
fn the_schema_knows_what_single_values_may_be() {
    let main = sample().main;
    for (from, to) in [
        ("points-per-unit = \"1\"", "points-per-unit = 1"),
        ("points-per-unit = \"1\"", "pointz-per-unit = \"1\""),
        ("from = \"21:00\"", "from = \"25:00\""),
        ("hold-minutes = 30", "hold-minutes = 0"),
        ("[messages.birthday]", "[messages.birthdays]"),
        ("name = \"tote-bag\"", "name = \"Tote bag\""),
        ("currency = \"USD\"", ""),
    ] {
        assert!(main.contains(from), "the sample has no {from:?}");
        assert!(refused(&main.replacen(from, to, 1)).is_some(), "{from} -> {to}");
    }
}

/// Every key has a word to say in an editor, or its kind has.
#[test]
fn the_schema_is_kept() {
    let schema = regulars::check::schema();
    let parts = schema.get("properties").and_then(Value::as_object).expect("parts");
    let keys: Vec<&str> = parts.keys().map(String::as_str).collect();
    insta::assert_snapshot!(keys.join("\n"));
}
