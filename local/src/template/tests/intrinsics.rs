use super::{wire, wire_with};

/// A template of one function, with these environment variables and these sections beside it.
fn with_variables(variables: &str, sections: &str) -> String {
    let mut text = String::from(
        "Resources:
  Orders: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub 'orders-${AWS::Region}'}}
  Kept: {Type: AWS::DynamoDB::Table, Properties: {KeySchema: [], AttributeDefinitions: [], StreamSpecification: {StreamViewType: KEYS_ONLY}}}
  Topic: {Type: AWS::SNS::Topic}
  Alone: {Type: AWS::SQS::Queue, Condition: Never}
  One:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: rust-cargolambda, BuildProperties: {Binary: one}}
    Properties:
      Environment:
        Variables:
",
    );
    for line in variables.lines() {
        text.push_str("          ");
        text.push_str(line.trim());
        text.push('\n');
    }
    text.push_str(
        "Conditions:
  Never: !Equals [a, b]
  Always: !Not [!Condition Never]
  Both: !And [!Condition Always, {Condition: Always}]
  Either: {'Fn::Or': [!Condition Never, !Equals [!Ref Stage, prod]]}
  IsDev: !Equals [!Ref Stage, dev]
Parameters:
  Stage: {Type: String, Default: dev}
  Days: {Type: Number, Default: 30}
  Zones: {Type: CommaDelimitedList, Default: 'a, b,c'}
Mappings:
  Sizes: {dev: {memory: 128, names: [u, v]}, prod: {memory: 1024}}
",
    );
    text.push_str(sections);
    text
}

#[test]
fn functions_are_replaced_by_their_values() {
    let table = [
        ("!Ref Stage", "dev"),
        ("{Ref: Stage}", "dev"),
        ("!Ref Days", "30"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::AccountId", "123456789012"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::StackName", "regulars"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        (
            "!Ref Orders",
            "https://sqs.us-east-1.amazonaws.com/123456789012/orders-us-east-1",
        ),
        (
            "!GetAtt Orders.Arn",
            "arn:aws:sqs:us-east-1:123456789012:orders-us-east-1",
        ),
        ("{'Fn::GetAtt': [Orders, QueueName]}", "orders-us-east-1"),
        ("!Ref Kept", "Kept"),
        ("!GetAtt Kept.Arn", "arn:aws:dynamodb:us-east-1:123456789012:table/Kept"),
        ("!Ref Topic", "arn:aws:sns:us-east-1:123456789012:Topic"),
        ("!GetAtt OneRole.Arn", "arn:aws:iam::123456789012:role/OneRole"),
        (
            "!Sub 'a ${Stage} ${Orders.QueueName} ${!Kept} $5 {x}'",
            "a dev orders-us-east-1 ${Kept} $5 {x}",
        ),
        ("!Sub ['${x}-${Stage}', {x: !Ref Days}]", "30-dev"),
        ("{'Fn::Sub': '${AWS::Region}'}", "us-east-1"),
        ("!Join ['-', [a, !Ref Stage, !Ref AWS::NoValue, 5]]", "a-dev-5"),
        ("!Join ['', !Ref Zones]", "abc"),
        ("!Select [1, !Ref Zones]", "b"),
        ("!Select [0, !Split ['/', 'x/z']]", "x"),
        ("!FindInMap [Sizes, !Ref Stage, memory]", "128"),
        ("!Join [',', !FindInMap [Sizes, dev, names]]", "u,v"),
        ("!If [IsDev, yes it is, 'no']", "yes it is"),
        ("!If [Always, 1, 2]", "1"),
        ("!If [Both, 1, 2]", "1"),
        ("!If [Either, 1, 2]", "2"),
        ("!If [Never, !GetAtt Alone.Arn, fine]", "fine"),
        ("true", "true"),
        ("12", "12"),
        ("0.5", "0.5"),
        ("'0012'", "0012"),
        ("plain text", "plain text"),
    ];
    for (written, value) in table {
        let wiring = wire(&with_variables(&format!("V: {written}"), ""));
        assert_eq!(wiring.functions["One"].environment["V"], value, "{written}");
    }
}

#[test]
fn a_value_that_is_no_value_is_left_out() {
    let text = with_variables("A: !If [IsDev, !Ref AWS::NoValue, x]\nB: b", "");
    let environment = |parameters: &[(&str, &str)]| {
        let wiring = wire_with(&text, parameters).unwrap();
        wiring.functions["One"].environment.clone()
    };
    assert_eq!(environment(&[]).len(), 1);
    assert_eq!(environment(&[("Stage", "prod")])["A"], "x");
    assert!(!wire(&text).queues.contains_key("Alone"));
}

#[test]
fn functions_that_make_no_sense_are_refused_with_their_line() {
    // The variable stands in line 13.
    let table = [
        (
            "!Ref Nothing",
            "One: Environment: Nothing is no parameter and no resource of this template",
        ),
        (
            "!GetAtt Nothing.Arn",
            "One: Environment: Nothing is no resource of this template",
        ),
        (
            "!GetAtt Orders.Colour",
            "One: Environment: attribute Colour of Orders is not supported by the local bundle; supported: Arn, \
             QueueName, QueueUrl",
        ),
        (
            "!GetAtt Alone.Arn",
            "One: Environment: refers to Alone, which its condition Never leaves out",
        ),
        (
            "!GetAtt Orders",
            "One: Environment: GetAtt takes Resource.Attribute, or the two in a list",
        ),
        (
            "!Sub 'a ${Nothing}'",
            "One: Environment: Nothing is no parameter and no resource of this template",
        ),
        ("!Sub 'a ${Stage'", "One: Environment: Sub has a ${ that no } closes"),
        ("!Sub '${Zones}'", "One: Environment: Sub Zones is not text"),
        (
            "!Sub [a]",
            "One: Environment: Sub takes text, or [text, a mapping of values]",
        ),
        ("!Join [a]", "One: Environment: Join takes [separator, a list]"),
        ("!Join [a, b]", "One: Environment: Join takes a list here, not text"),
        (
            "!Select [3, !Ref Zones]",
            "One: Environment: Select 3 is not an index from 0 to 2",
        ),
        ("!Split ['', a]", "One: Environment: Split needs a separator"),
        (
            "!FindInMap [Sizes, dev, x]",
            "One: Environment: FindInMap Mappings has no value Sizes > dev > x",
        ),
        ("!If [Maybe, 1, 2]", "One: Environment: there is no condition Maybe"),
        (
            "!If [Always, 1]",
            "One: Environment: If takes [condition, value if true, value if false]",
        ),
        (
            "!Equals [a, b]",
            "One: Environment: Equals belongs in Conditions, not in a value",
        ),
        (
            "!Base64 x",
            "One: Environment: the function Base64 is not supported by the local bundle; supported: Ref, GetAtt, Sub, \
             Join, If, Select, Split, FindInMap",
        ),
        (
            "{'Fn::ImportValue': x}",
            "One: Environment: the function ImportValue is not supported by the local bundle; supported: Ref, GetAtt, \
             Sub, Join, If, Select, Split, FindInMap",
        ),
        (
            "~",
            "One: Environment: a value is missing: CloudFormation allows no null (use !Ref AWS::NoValue, or remove the \
             key)",
        ),
        (
            "{Ref: Stage, b: c}",
            "Ref: stands beside other keys; a function is the only key of its mapping",
        ),
    ];
    for (written, problem) in table {
        let (line, found) = wire_with(&with_variables(&format!("V: {written}"), ""), &[]).unwrap_err();
        assert_eq!((line, found.to_string().as_str()), (13, problem), "{written}");
    }
}

#[test]
fn conditions_that_make_no_sense_are_refused() {
    let table = [
        ("!Equals [a]", "condition C: Equals takes a list of two values"),
        (
            "!Equals [!Ref Zones, a]",
            "condition C: Equals compares two texts or numbers",
        ),
        ("!Not [a, b]", "condition C: Not takes a list of one condition"),
        (
            "!And [!Equals [a, a]]",
            "condition C: And takes a list of two to ten conditions",
        ),
        ("!Condition C", "condition C: condition C refers to itself"),
        (
            "a",
            "condition C: a condition is one of Equals, Not, And, Or, Condition",
        ),
        (
            "!Sub a",
            "condition C: the function Sub as a condition is not supported by the local bundle; supported: Equals, Not, \
             And, Or, Condition",
        ),
    ];
    for (written, problem) in table {
        let text =
            format!("Parameters: {{Zones: {{Type: CommaDelimitedList, Default: a}}}}\nConditions:\n  C: {written}\n");
        let (line, found) = wire_with(&text, &[]).unwrap_err();
        assert_eq!((line, found.to_string().as_str()), (4, problem), "{written}");
    }
}

#[test]
fn a_name_that_needs_itself_is_refused() {
    let text = "Resources:
  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub 'x-${B}'}}
  B: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub 'x-${A}'}}
";
    let (_, found) = wire_with(text, &[]).unwrap_err();
    assert!(found.to_string().contains("the name of A refers to itself"), "{found}");
}

#[test]
fn parameters_are_checked() {
    let text = "Parameters:
  Stage: {Type: String, Default: dev, AllowedValues: [dev, prod]}
  Shards: {Type: Number, Default: 1, MinValue: 1, MaxValue: 100}
  Sender: {Type: String, Default: '', MaxLength: 11}
  Ports: {Type: List<Number>, Default: '1, 2'}
";
    assert!(wire_with(text, &[("Stage", "prod"), ("Shards", "100"), ("Sender", "12345678901")]).is_ok());
    let table = [
        (
            ("Stage", "test"),
            3,
            "parameter Stage: \"test\" is not allowed; AllowedValues: dev, prod",
        ),
        (("Shards", "many"), 4, "parameter Shards: \"many\" is not a number"),
        (
            ("Shards", "0"),
            4,
            "parameter Shards: \"0\" is outside its MinValue of 1",
        ),
        (
            ("Shards", "101"),
            4,
            "parameter Shards: \"101\" is outside its MaxValue of 100",
        ),
        (
            ("Sender", "123456789012"),
            5,
            "parameter Sender: \"123456789012\" is outside its MaxLength of 11",
        ),
        (("Ports", "1,x"), 6, "parameter Ports: \"x\" is not a number"),
        (
            ("Other", "x"),
            2,
            "parameter Other: the template has no such parameter; it has Stage, Shards, Sender, Ports",
        ),
    ];
    for (given, line, problem) in table {
        let (found_line, found) = wire_with(text, &[given]).unwrap_err();
        assert_eq!((found_line, found.to_string().as_str()), (line, problem));
    }
    let table = [
        ("{Default: x}", "parameter P: has no Type"),
        (
            "{Type: String}",
            "parameter P: has no Default and no value was given for it",
        ),
        (
            "{Type: 'AWS::SSM::Parameter::Value<String>', Default: x}",
            "parameter P: parameter type AWS::SSM::Parameter::Value<String> is not supported by the local bundle; \
             supported: String, Number, CommaDelimitedList, List<Number>",
        ),
    ];
    for (written, problem) in table {
        let (_, found) = wire_with(&format!("Parameters:\n  P: {written}\n"), &[]).unwrap_err();
        assert_eq!(found.to_string(), problem);
    }
}
