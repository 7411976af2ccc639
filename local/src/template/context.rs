//! What the functions of a template refer to: parameters, conditions, mappings, resources.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::fault::Fault;
use super::node::{Content, Node};
use super::resources::{Kind, PARTITION, Resource, STACK, role_arn};
use crate::wiring::{ACCOUNT, LogicalId, REGION};

#[derive(Debug)]
pub(super) struct Context<'a> {
    parameters: BTreeMap<String, Node>,
    conditions: &'a [(String, Node)],
    pub(super) mappings: Option<&'a Node>,
    resources: BTreeMap<LogicalId, Resource<'a>>,
    /// What is being looked up, to find a name that needs itself.
    trail: RefCell<Vec<String>>,
}

impl<'a> Context<'a> {
    /// Reads the sections, and checks that no two resources of a kind share a name.
    pub(super) fn new(template: &'a Node, parameters: BTreeMap<String, Node>) -> Result<Self, Fault> {
        let section = |name: &str| match template.get(name) {
            None => Ok(&[][..]),
            Some(node) => node
                .entries()
                .ok_or_else(|| Fault::invalid(node.line, name, "is not a mapping")),
        };
        let mut resources = BTreeMap::new();
        for (id, node) in section("Resources")? {
            let resource = Resource::read(node).map_err(|fault| fault.within(id))?;
            if parameters.contains_key(id) {
                let problem = "is the name of a parameter and of a resource";
                return Err(Fault::invalid(node.line, id, problem));
            }
            resources.insert(id.clone(), resource);
        }
        let context = Self {
            parameters,
            conditions: section("Conditions")?,
            mappings: template.get("Mappings"),
            resources,
            trail: RefCell::default(),
        };
        context.check_names()?;
        Ok(context)
    }

    fn check_names(&self) -> Result<(), Fault> {
        let mut taken: Vec<(Kind, String, &str)> = Vec::new();
        for (id, resource) in self.present()? {
            if matches!(resource.kind, Kind::Idle | Kind::Mapping) {
                continue;
            }
            let name = self.name(id, resource)?;
            if let Some((_, _, other)) = taken
                .iter()
                .find(|(kind, known, _)| *kind == resource.kind && *known == name)
            {
                let problem = format!("has the name {name:?}, which {other} has already");
                return Err(Fault::invalid(resource.line, id, problem));
            }
            taken.push((resource.kind, name, id));
        }
        Ok(())
    }

    /// The resources that no condition leaves out, by logical id.
    pub(super) fn present(&self) -> Result<Vec<(&str, &Resource<'a>)>, Fault> {
        let mut present = Vec::new();
        for (id, resource) in &self.resources {
            let is_present = self.is_present(resource);
            if is_present.map_err(|fault| fault.within(id))? {
                present.push((id.as_str(), resource));
            }
        }
        Ok(present)
    }

    fn is_present(&self, resource: &Resource<'a>) -> Result<bool, Fault> {
        match &resource.condition {
            None => Ok(true),
            Some((name, line)) => self.condition(name, *line),
        }
    }

    /// A resource's name: the explicit one, else its logical id.
    pub(super) fn name(&self, id: &str, resource: &Resource<'a>) -> Result<String, Fault> {
        let property = resource.name_property().and_then(|key| resource.properties?.get(key));
        let Some(property) = property else {
            return Ok(id.to_owned());
        };
        let name = self
            .guarded(&format!("the name of {id}"), property.line, || self.resolve(property))
            .map_err(|fault| fault.within(id))?;
        match name.map(|node| node.scalar()) {
            None => Ok(id.to_owned()),
            Some(Some(name)) if !name.is_empty() => Ok(name),
            Some(_) => Err(Fault::invalid(property.line, id, "its name is not text")),
        }
    }

    /// What `Ref` yields; nothing for `AWS::NoValue`.
    pub(super) fn reference(&self, name: &str, line: usize) -> Result<Option<Node>, Fault> {
        let text = |text: String| Ok(Some(Node::text(line, text)));
        if let Some(value) = self.parameters.get(name) {
            return Ok(Some(Node {
                line,
                content: value.content.clone(),
            }));
        }
        match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::NotificationARNs" => {
                return Ok(Some(Node {
                    line,
                    content: Content::List(Vec::new()),
                }));
            }
            "AWS::Region" => return text(REGION.to_owned()),
            "AWS::AccountId" => return text(ACCOUNT.to_owned()),
            "AWS::Partition" => return text(PARTITION.to_owned()),
            "AWS::StackName" => return text(STACK.to_owned()),
            "AWS::StackId" => {
                return text(format!(
                    "arn:{PARTITION}:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/00000000"
                ));
            }
            "AWS::URLSuffix" => return text("amazonaws.com".to_owned()),
            _ => {}
        }
        if let Some(resource) = self.resources.get(name) {
            self.require_present(name, resource, line)?;
            return text(resource.reference(&self.name(name, resource)?));
        }
        if self.is_generated_role(name) {
            return text(name.to_owned());
        }
        Err(Fault::new(
            line,
            format!("{name} is no parameter and no resource of this template"),
        ))
    }

    pub(super) fn attribute(&self, id: &str, attribute: &str, line: usize) -> Result<String, Fault> {
        if let Some(resource) = self.resources.get(id) {
            self.require_present(id, resource, line)?;
            let name = self.name(id, resource)?;
            return resource
                .attribute(&name, attribute)
                .map_err(|known| Fault::unsupported(line, "", format!("attribute {attribute} of {id}"), known));
        }
        if attribute == "Arn" && self.is_generated_role(id) {
            return Ok(role_arn(id));
        }
        Err(Fault::new(line, format!("{id} is no resource of this template")))
    }

    /// SAM makes a role `<function>Role` for a function that names none.
    fn is_generated_role(&self, id: &str) -> bool {
        id.strip_suffix("Role")
            .and_then(|function| self.resources.get(function))
            .is_some_and(|resource| resource.kind == Kind::Function)
    }

    fn require_present(&self, id: &str, resource: &Resource<'a>, line: usize) -> Result<(), Fault> {
        if self.is_present(resource)? {
            return Ok(());
        }
        let condition = resource.condition.as_ref().map_or("", |(name, _)| name);
        Err(Fault::new(
            line,
            format!("refers to {id}, which its condition {condition} leaves out"),
        ))
    }

    /// The resource of these kinds that a name, an ARN or a URL points at.
    pub(super) fn find(&self, kinds: &[Kind], text: &str, line: usize) -> Result<(Kind, LogicalId), Fault> {
        let mut candidates = Vec::new();
        for (id, resource) in self.present()? {
            if !kinds.contains(&resource.kind) {
                continue;
            }
            if resource.answers_to(&self.name(id, resource)?, text) {
                return Ok((resource.kind, id.to_owned()));
            }
            candidates.push(id);
        }
        let what: Vec<&str> = kinds.iter().map(|kind| plural(*kind)).collect();
        Err(Fault::unsupported(
            line,
            "",
            format!("{text:?}, which is outside the template,"),
            format!(
                "its {} ({})",
                what.join(" and "),
                if candidates.is_empty() {
                    "it has none".to_owned()
                } else {
                    candidates.join(", ")
                }
            ),
        ))
    }

    pub(super) fn condition(&self, name: &str, line: usize) -> Result<bool, Fault> {
        let Some((_, rule)) = self.conditions.iter().find(|(known, _)| known == name) else {
            return Err(Fault::new(line, format!("there is no condition {name}")));
        };
        let subject = format!("condition {name}");
        self.guarded(&subject, rule.line, || self.holds(rule))
            .map_err(|fault| fault.within(&subject))
    }

    /// Every condition, so that a mistake in one that nothing uses is found too.
    pub(super) fn check_conditions(&self) -> Result<(), Fault> {
        self.conditions
            .iter()
            .try_for_each(|(name, rule)| self.condition(name, rule.line).map(drop))
    }

    fn guarded<T>(&self, what: &str, line: usize, look_up: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
        if self.trail.borrow().iter().any(|known| known == what) {
            return Err(Fault::new(line, format!("{what} refers to itself")));
        }
        self.trail.borrow_mut().push(what.to_owned());
        let result = look_up();
        self.trail.borrow_mut().pop();
        result
    }
}

fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "functions",
        Kind::Layer => "layers",
        Kind::Table => "tables",
        Kind::Queue => "queues",
        Kind::Bucket => "buckets",
        Kind::Bus => "buses",
        Kind::Topic => "topics",
        Kind::Subscription => "subscriptions",
        Kind::Rule => "rules",
        Kind::Schedule => "schedules",
        Kind::Mapping => "mappings",
        Kind::Idle => "other resources",
    }
}
