use serde_json::{Value, json};

use crate::template::pattern::{check, matches};

fn event() -> Value {
    json!({
        "source": "shop.web",
        "detail-type": "purchase",
        "resources": ["arn:a", "arn:b"],
        "empty": [],
        "detail": {
            "state": "running",
            "count": 5,
            "limit": 301.8,
            "paid": true,
            "note": null,
            "path": "a*b\\c",
            "nested": {"deep": "yes"},
            "lines": [{"sku": "A", "number": 1}, {"sku": "B", "number": 2, "gift": "x"}],
        },
    })
}

#[test]
fn patterns_match_as_event_bridge_matches_them() {
    let table = [
        // Values, any of a list, all fields.
        (json!({"source": ["shop.web"]}), true),
        (json!({"source": ["shop.app", "shop.web"]}), true),
        (json!({"source": ["shop"]}), false),
        (json!({"source": ["SHOP.WEB"]}), false),
        (json!({"source": ["shop.web"], "detail-type": ["refund"]}), false),
        (json!({"missing": ["x"]}), false),
        (json!({"detail": {"count": [5]}}), true),
        (json!({"detail": {"count": [5.0]}}), true),
        (json!({"detail": {"count": ["5"]}}), false),
        (json!({"detail": {"paid": [true]}}), true),
        (json!({"detail": {"paid": ["true"]}}), false),
        (json!({"detail": {"note": [null]}}), true),
        (json!({"detail": {"missing": [null]}}), false),
        (json!({"source": {"deeper": ["x"]}}), false),
        // Lists in the event.
        (json!({"resources": ["arn:b"]}), true),
        (json!({"resources": ["arn:c"]}), false),
        (json!({"resources": [{"anything-but": "arn:a"}]}), true),
        (json!({"detail": {"lines": {"sku": ["B"], "number": [2]}}}), true),
        (json!({"detail": {"lines": {"sku": ["A"], "number": [2]}}}), false),
        // Text.
        (json!({"source": [{"prefix": "shop"}]}), true),
        (json!({"source": [{"prefix": "web"}]}), false),
        (json!({"source": [{"prefix": {"equals-ignore-case": "SHOP"}}]}), true),
        (json!({"source": [{"suffix": ".web"}]}), true),
        (json!({"source": [{"suffix": "shop"}]}), false),
        (json!({"source": [{"suffix": {"equals-ignore-case": "WEB"}}]}), true),
        (json!({"detail": {"count": [{"prefix": "5"}]}}), false),
        (json!({"source": [{"equals-ignore-case": "Shop.Web"}]}), true),
        (json!({"source": [{"wildcard": "shop.*"}]}), true),
        (json!({"source": [{"wildcard": "*o*.w*b"}]}), true),
        (json!({"source": [{"wildcard": "s*w"}]}), false),
        (json!({"source": [{"wildcard": "shop.web"}]}), true),
        (json!({"source": [{"wildcard": "shop.web*shop.web"}]}), false),
        (json!({"detail": {"path": [{"wildcard": "a\\*b\\\\c"}]}}), true),
        (json!({"detail": {"path": [{"wildcard": "a\\*c"}]}}), false),
        // Anything but.
        (json!({"source": [{"anything-but": "shop.app"}]}), true),
        (json!({"source": [{"anything-but": ["shop.app", "shop.web"]}]}), false),
        (json!({"source": [{"anything-but": {"prefix": "shop"}}]}), false),
        (
            json!({"source": [{"anything-but": {"prefix": ["bank", "till"]}}]}),
            true,
        ),
        (json!({"source": [{"anything-but": {"suffix": "app"}}]}), true),
        (json!({"source": [{"anything-but": {"wildcard": "*web"}}]}), false),
        (
            json!({"source": [{"anything-but": {"equals-ignore-case": "SHOP.WEB"}}]}),
            false,
        ),
        (json!({"detail": {"count": [{"anything-but": [5, 6]}]}}), false),
        (json!({"detail": {"count": [{"anything-but": "x"}]}}), true),
        (json!({"missing": [{"anything-but": "x"}]}), false),
        // Numbers.
        (json!({"detail": {"count": [{"numeric": ["=", 5]}]}}), true),
        (json!({"detail": {"count": [{"numeric": [">", 5]}]}}), false),
        (json!({"detail": {"count": [{"numeric": [">=", 5, "<", 6]}]}}), true),
        (json!({"detail": {"count": [{"numeric": [">", 0, "<=", 4]}]}}), false),
        (json!({"detail": {"limit": [{"numeric": ["<", 302]}]}}), true),
        (json!({"detail": {"state": [{"numeric": [">", 0]}]}}), false),
        // Presence, of leaves only.
        (json!({"detail": {"state": [{"exists": true}]}}), true),
        (json!({"detail": {"state": [{"exists": false}]}}), false),
        (json!({"detail": {"note": [{"exists": true}]}}), true),
        (json!({"detail": {"missing": [{"exists": false}]}}), true),
        (json!({"detail": {"missing": [{"exists": true}]}}), false),
        (json!({"detail": {"nested": [{"exists": true}]}}), false),
        (json!({"detail": {"nested": [{"exists": false}]}}), true),
        (json!({"missing": {"deeper": {"still": [{"exists": false}]}}}), true),
        (json!({"empty": [{"exists": false}]}), true),
        (json!({"detail": {"lines": {"gift": [{"exists": false}]}}}), false),
        (json!({"detail": {"missing": ["x", {"exists": false}]}}), true),
        // One of several patterns.
        (json!({"$or": [{"source": ["x"]}, {"detail": {"count": [5]}}]}), true),
        (json!({"$or": [{"source": ["x"]}, {"detail": {"count": [6]}}]}), false),
        (
            json!({"detail": {"$or": [{"count": [6]}, {"state": ["running"]}]}}),
            true,
        ),
        (
            json!({"source": ["x"], "$or": [{"detail-type": ["purchase"]}, {"a": [1]}]}),
            false,
        ),
    ];
    let event = event();
    for (pattern, expected) in table {
        assert_eq!(check(&pattern), Ok(()), "{pattern}");
        assert_eq!(matches(&pattern, &event), expected, "{pattern}");
    }
}

#[test]
fn a_refused_activity_does_not_wake_its_function_again() {
    let filter = json!({
        "eventName": ["INSERT", "MODIFY"],
        "dynamodb": {"NewImage": {"refused": {"S": [{"exists": false}]}}},
    });
    assert_eq!(check(&filter), Ok(()));
    let record = |name: &str, image: Value| json!({"eventName": name, "dynamodb": {"NewImage": image}});
    assert!(matches(&filter, &record("INSERT", json!({"pk": {"S": "1"}}))));
    assert!(!matches(&filter, &record("MODIFY", json!({"refused": {"S": "why"}}))));
    assert!(!matches(&filter, &record("REMOVE", json!({}))));
}

#[test]
fn unknown_or_senseless_patterns_are_refused_by_name() {
    let table = [
        (json!(["x"]), "is not an object"),
        (json!({}), "the pattern: an empty object matches nothing"),
        (json!({"detail": {}}), "detail: an empty object matches nothing"),
        (json!({"source": []}), "source: an empty list matches nothing"),
        (json!({"source": "x"}), "source: takes a list, as in [\"x\"]"),
        (json!({"source": [["x"]]}), "source: a list in a list"),
        (
            json!({"detail": {"ip": [{"cidr": "10.0.0.0/8"}]}}),
            "detail.ip: the matcher cidr is not supported; supported: prefix, suffix, equals-ignore-case, wildcard, \
             numeric, exists, anything-but",
        ),
        (
            json!({"a": [{"prefix": "x", "suffix": "y"}]}),
            "a: {\"prefix\":\"x\",\"suffix\":\"y\"} is not one matcher of prefix, suffix, equals-ignore-case, wildcard, \
             numeric, exists, anything-but",
        ),
        (json!({"a": [{"prefix": 5}]}), "a: prefix takes text, not 5"),
        (
            json!({"a": [{"wildcard": "a**"}]}),
            "a: wildcard \"a**\" has two * in a row",
        ),
        (
            json!({"a": [{"wildcard": "a\\b"}]}),
            "a: wildcard \"a\\\\b\" has a \\ that is before neither * nor \\",
        ),
        (json!({"a": [{"exists": "yes"}]}), "a: exists takes true or false"),
        (
            json!({"a": [{"numeric": ["<", 0, ">", 5]}]}),
            "a: numeric takes [\"=\", 5], [\">\", 0] or a range as [\">=\", 0, \"<\", 5], not [\"<\",0,\">\",5]",
        ),
        (
            json!({"a": [{"numeric": [">", 6e9]}]}),
            "a: numeric compares up to 5e9, not 6000000000",
        ),
        (
            json!({"a": [{"anything-but": true}]}),
            "a: anything-but takes text and numbers, not true",
        ),
        (json!({"a": [{"anything-but": []}]}), "a: anything-but: an empty list"),
        (
            json!({"a": [{"anything-but": {"numeric": ["=", 5]}}]}),
            "a: anything-but takes values, a list of them, or one matcher of prefix, suffix, equals-ignore-case, \
             wildcard, not {\"numeric\":[\"=\",5]}",
        ),
        (json!({"$or": [{"a": [1]}]}), "$or: needs two patterns or more"),
        (json!({"$or": [{"a": [1]}, 2]}), "$or: takes patterns, not 2"),
        (json!({"$or": [{"a": [1]}, {"b": 2}]}), "$or.b: takes a list, as in [2]"),
    ];
    for (pattern, problem) in table {
        assert_eq!(check(&pattern), Err(problem.to_owned()), "{pattern}");
        assert!(!matches(&json!({"never": pattern}), &json!({"source": "x"})));
    }
}
