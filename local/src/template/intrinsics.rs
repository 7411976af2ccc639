//! `CloudFormation`'s functions: `Ref`, `Fn::Sub` and the others, replaced by their values.

use super::context::Context;
use super::fault::Fault;
use super::node::{Content, Node};

const VALUES: &str = "Ref, GetAtt, Sub, Join, If, Select, Split, FindInMap";
const TESTS: &str = "Equals, Not, And, Or, Condition";

impl Context<'_> {
    /// The value with every function replaced; nothing where the whole value is `AWS::NoValue`.
    pub(super) fn resolve(&self, node: &Node) -> Result<Option<Node>, Fault> {
        let content = match &node.content {
            Content::Call { name, argument } => return self.call(name, argument, node.line),
            Content::Null => {
                return Err(Fault::new(
                    node.line,
                    "a value is missing: CloudFormation allows no null (use !Ref AWS::NoValue, or remove the key)",
                ));
            }
            Content::List(items) => Content::List(self.all(items)?),
            Content::Map(entries) => {
                let mut resolved = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    if let Some(value) = self.resolve(value)? {
                        resolved.push((key.clone(), value));
                    }
                }
                Content::Map(resolved)
            }
            scalar => scalar.clone(),
        };
        Ok(Some(Node {
            line: node.line,
            content,
        }))
    }

    fn all(&self, items: &[Node]) -> Result<Vec<Node>, Fault> {
        items.iter().filter_map(|item| self.resolve(item).transpose()).collect()
    }

    fn call(&self, name: &str, argument: &Node, line: usize) -> Result<Option<Node>, Fault> {
        let text = |text: String| Ok(Some(Node::text(line, text)));
        match name {
            "Ref" => match argument.scalar() {
                Some(name) => self.reference(&name, line),
                None => wrong(name, line, "takes a name"),
            },
            "GetAtt" => text(self.get_att(argument, line)?),
            "Sub" => text(self.substitute(argument, line)?),
            "Join" => text(self.join(argument, line)?),
            "Select" => self.select(argument, line).map(Some),
            "Split" => self.split(argument, line).map(Some),
            "FindInMap" => self.find_in_map(argument, line).map(Some),
            "If" => match argument.items() {
                Some([condition, yes, no]) => {
                    let condition = condition
                        .scalar()
                        .ok_or_else(|| Fault::new(line, "If takes the name of a condition first"))?;
                    let chosen = if self.condition(&condition, line)? { yes } else { no };
                    Ok(self.resolve(chosen)?.map(|node| Node { line, ..node }))
                }
                _ => wrong(name, line, "takes [condition, value if true, value if false]"),
            },
            "Equals" | "Not" | "And" | "Or" | "Condition" => wrong(name, line, "belongs in Conditions, not in a value"),
            unknown => Err(Fault::unsupported(line, "", format!("the function {unknown}"), VALUES)),
        }
    }

    /// Whether a condition holds.
    pub(super) fn holds(&self, node: &Node) -> Result<bool, Fault> {
        let line = node.line;
        let (name, argument) = match &node.content {
            Content::Call { name, argument } => (name.as_str(), argument.as_ref()),
            Content::Map(entries) => match entries.as_slice() {
                [(key, value)] if key == "Condition" => ("Condition", value),
                _ => return Err(Fault::new(line, format!("a condition is one of {TESTS}"))),
            },
            _ => return Err(Fault::new(line, format!("a condition is one of {TESTS}"))),
        };
        match (name, argument.items()) {
            ("Condition", _) => match argument.scalar() {
                Some(name) => self.condition(&name, line),
                None => wrong(name, line, "takes a name"),
            },
            ("Equals", Some([left, right])) => {
                let value = |side: &Node| -> Result<_, Fault> {
                    let side = self.resolve(side)?;
                    Ok(side.and_then(|node| node.scalar()))
                };
                match (value(left)?, value(right)?) {
                    (Some(left), Some(right)) => Ok(left == right),
                    _ => wrong(name, line, "compares two texts or numbers"),
                }
            }
            ("Not", Some([inner])) => Ok(!self.holds(inner)?),
            ("And" | "Or", Some(inner)) if (2..=10).contains(&inner.len()) => {
                let held: Vec<bool> = inner.iter().map(|inner| self.holds(inner)).collect::<Result<_, _>>()?;
                Ok(match name {
                    "And" => held.iter().all(|held| *held),
                    _ => held.iter().any(|held| *held),
                })
            }
            ("Equals", _) => wrong(name, line, "takes a list of two values"),
            ("Not", _) => wrong(name, line, "takes a list of one condition"),
            ("And" | "Or", _) => wrong(name, line, "takes a list of two to ten conditions"),
            _ => Err(Fault::unsupported(
                line,
                "",
                format!("the function {name} as a condition"),
                TESTS,
            )),
        }
    }

    fn get_att(&self, argument: &Node, line: usize) -> Result<String, Fault> {
        let (id, attribute) = match (&argument.content, argument.items()) {
            (Content::Text(text), _) => text
                .split_once('.')
                .map(|(id, attribute)| (id.to_owned(), attribute.to_owned())),
            (_, Some([id, attribute])) => {
                let attribute = self.resolve(attribute)?;
                id.scalar().zip(attribute.and_then(|node| node.scalar()))
            }
            _ => None,
        }
        .ok_or_else(|| Fault::new(line, "GetAtt takes Resource.Attribute, or the two in a list"))?;
        self.attribute(&id, &attribute, line)
    }

    fn substitute(&self, argument: &Node, line: usize) -> Result<String, Fault> {
        let (pattern, values) = match (&argument.content, argument.items()) {
            (Content::Text(text), _) => (text, &[][..]),
            (_, Some([pattern, values])) => match (&pattern.content, values.entries()) {
                (Content::Text(text), Some(values)) => (text, values),
                _ => return wrong("Sub", line, "takes text, or [text, a mapping of values]"),
            },
            _ => return wrong("Sub", line, "takes text, or [text, a mapping of values]"),
        };
        let mut result = String::with_capacity(pattern.len());
        let mut rest = pattern.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            result.push_str(before);
            let Some((name, after)) = after.split_once('}') else {
                return wrong("Sub", line, "has a ${ that no } closes");
            };
            if let Some(literal) = name.strip_prefix('!') {
                result.push_str("${");
                result.push_str(literal);
                result.push('}');
            } else if let Some((_, value)) = values.iter().find(|(key, _)| key == name) {
                result.push_str(&self.scalar("Sub", value)?);
            } else if let Some((id, attribute)) = name.split_once('.') {
                result.push_str(&self.attribute(id, attribute, line)?);
            } else {
                match self.reference(name, line)?.and_then(|node| node.scalar()) {
                    Some(text) => result.push_str(&text),
                    None => return wrong("Sub", line, &format!("{name} is not text")),
                }
            }
            rest = after;
        }
        result.push_str(rest);
        Ok(result)
    }

    fn join(&self, argument: &Node, line: usize) -> Result<String, Fault> {
        let Some([separator, items]) = argument.items() else {
            return wrong("Join", line, "takes [separator, a list]");
        };
        let parts: Vec<String> = self
            .list("Join", items)?
            .iter()
            .map(|item| self.scalar("Join", item))
            .collect::<Result<_, _>>()?;
        Ok(parts.join(&self.scalar("Join", separator)?))
    }

    fn select(&self, argument: &Node, line: usize) -> Result<Node, Fault> {
        let Some([index, items]) = argument.items() else {
            return wrong("Select", line, "takes [index, a list]");
        };
        let items = self.list("Select", items)?;
        let index = self.scalar("Select", index)?;
        let chosen = index.parse().ok().and_then(|index: usize| items.get(index));
        match chosen {
            Some(node) => Ok(Node {
                line,
                content: node.content.clone(),
            }),
            None => wrong(
                "Select",
                line,
                &format!("{index} is not an index from 0 to {}", items.len().saturating_sub(1)),
            ),
        }
    }

    fn split(&self, argument: &Node, line: usize) -> Result<Node, Fault> {
        let Some([separator, text]) = argument.items() else {
            return wrong("Split", line, "takes [separator, text]");
        };
        let separator = self.scalar("Split", separator)?;
        if separator.is_empty() {
            return wrong("Split", line, "needs a separator");
        }
        let text = self.scalar("Split", text)?;
        let parts = text
            .split(separator.as_str())
            .map(|part| Node::text(line, part))
            .collect();
        Ok(Node {
            line,
            content: Content::List(parts),
        })
    }

    fn find_in_map(&self, argument: &Node, line: usize) -> Result<Node, Fault> {
        let Some([map, first, second]) = argument.items() else {
            return wrong("FindInMap", line, "takes [mapping, first key, second key]");
        };
        let mut path = Vec::new();
        let mut found = self.mappings;
        for key in [map, first, second] {
            let key = self.scalar("FindInMap", key)?;
            found = found.and_then(|node| node.get(&key));
            path.push(key);
        }
        let value = found.filter(|node| node.scalar().is_some() || node.items().is_some());
        match value {
            Some(node) => Ok(Node {
                line,
                content: node.content.clone(),
            }),
            None => wrong(
                "FindInMap",
                line,
                &format!("Mappings has no value {}", path.join(" > ")),
            ),
        }
    }

    fn scalar(&self, function: &str, node: &Node) -> Result<String, Fault> {
        match self.resolve(node)?.and_then(|node| node.scalar()) {
            Some(text) => Ok(text),
            None => wrong(function, node.line, &format!("takes text here, not {}", node.kind())),
        }
    }

    fn list(&self, function: &str, node: &Node) -> Result<Vec<Node>, Fault> {
        match self.resolve(node)?.map(|node| node.content) {
            Some(Content::List(items)) => Ok(items),
            _ => wrong(function, node.line, &format!("takes a list here, not {}", node.kind())),
        }
    }
}

fn wrong<T>(function: &str, line: usize, problem: &str) -> Result<T, Fault> {
    Err(Fault::new(line, format!("{function} {problem}")))
}
