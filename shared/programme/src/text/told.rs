//! What a member is told, as it is found: a text of a channel in a locale, to be filled in.

use super::engine::values;
use super::language::Language;
use super::{Context, Ready, Rendered, Text, TextError, Texts};
use crate::{Channel, MessageKind};

/// A text that only lacks what it speaks of.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    texts: &'a Texts,
    locale: &'a str,
    language: &'a Language,
    /// A push has one.
    title: Option<&'a Text>,
    body: &'a Text,
}

impl<'a> Told<'a> {
    pub(super) fn new(
        texts: &'a Texts,
        (locale, language): (&'a str, &'a Language),
        (title, body): (Option<&'a Text>, &'a Text),
    ) -> Self {
        Self {
            texts,
            locale,
            language,
            title,
            body,
        }
    }

    pub(super) fn of_channel(
        texts: &'a Texts,
        spoken: (&'a str, &'a Language),
        ready: &'a Ready,
        channel: Channel,
    ) -> Self {
        let parts = match channel {
            Channel::Sms => (None, &ready.sms),
            Channel::Push => (Some(&ready.push_title), &ready.push_body),
        };
        Self::new(texts, spoken, parts)
    }

    /// Whether it speaks of the next reward, which takes some working out.
    pub fn speaks_of_next_reward(&self) -> bool {
        let of_title = self.title.is_some_and(|title| title.speaks_of_next_reward);
        of_title || self.body.speaks_of_next_reward
    }

    /// What the member reads. It fails for a damaged programme alone.
    pub fn render(&self, context: &Context<'_>) -> Result<Rendered, TextError> {
        let title = self.title.map(|title| self.text(title, context)).transpose()?;
        Ok(Rendered {
            title: title.unwrap_or_default(),
            body: self.text(self.body, context)?,
        })
    }

    fn text(&self, text: &Text, context: &Context<'_>) -> Result<String, TextError> {
        if let Some(pieces) = &text.pieces {
            return Ok(pieces.render(context, self.language));
        }
        let template = self.texts.engine.get_template(&text.template);
        let rendered = template.and_then(|template| template.render(values(context, self.locale)));
        rendered.map_err(|why| TextError {
            name: text.template.clone(),
            why: why.to_string(),
        })
    }
}

impl Texts {
    /// What a member is sent by a channel of a kind and a cause, in a locale that [`Texts::locale_for`] gave.
    pub fn message<'a>(
        &'a self,
        of: (MessageKind, &str),
        channel: Channel,
        locale: &'a str,
    ) -> Result<Told<'a>, TextError> {
        let (language, ready) = self.ready(of, locale)?;
        Ok(Told::of_channel(self, (locale, language), ready, channel))
    }
}
