//! The names that an expression may use, and what each may hold.

/// What a name may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// Yes or no.
    Bool,
    /// A whole number.
    Int,
    /// A number with up to nine decimals.
    Decimal,
    Text,
    /// A text that is one of these.
    Choice(Vec<String>),
    /// A list of texts.
    Texts,
    /// A list of texts, each one of these.
    Choices(Vec<String>),
    /// A list of records. A field holds anything but records.
    Lines(Vec<Field>),
}

/// Of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    pub name: String,
    pub of: Type,
    /// It may be missing.
    pub optional: bool,
}

impl Field {
    pub fn new(name: impl Into<String>, of: Type) -> Self {
        Self {
            name: name.into(),
            of,
            optional: false,
        }
    }

    pub fn optional(name: impl Into<String>, of: Type) -> Self {
        Self {
            optional: true,
            ..Self::new(name, of)
        }
    }
}

/// A name's number in its scope, from 0 in the order of declaration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(pub u16);

/// Names such as `activity.amount`, each with what it may hold.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    names: Vec<Field>,
}

impl Scope {
    pub fn new() -> Self {
        Self::default()
    }

    /// Declares a name. The first of two declarations counts, and at most 65,535 are kept.
    pub fn with(&mut self, name: impl Into<String>, of: Type) -> Slot {
        self.add(Field::new(name, of))
    }

    /// Declares a name that may be missing: an expression asks `has(name)` before it uses it. A list is never missing,
    /// only empty.
    pub fn with_optional(&mut self, name: impl Into<String>, of: Type) -> Slot {
        self.add(Field::optional(name, of))
    }

    fn add(&mut self, name: Field) -> Slot {
        let next = u16::try_from(self.names.len()).unwrap_or(u16::MAX);
        if next < u16::MAX {
            self.names.push(name);
        }
        Slot(next)
    }

    /// The slot of a name.
    pub fn slot(&self, name: &str) -> Option<Slot> {
        let index = self.names.iter().position(|known| known.name == name)?;
        u16::try_from(index).ok().map(Slot)
    }

    /// What a slot's name is and holds.
    pub fn field(&self, slot: Slot) -> Option<&Field> {
        self.names.get(usize::from(slot.0))
    }

    /// All, in the order of their slots.
    pub fn fields(&self) -> &[Field] {
        &self.names
    }
}
