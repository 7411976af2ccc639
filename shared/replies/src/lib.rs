//! What a member's SMS reply asks: to be left alone, to hear from the shop again, help, or nothing of the kind.
//!
//! The words are not here: they stand by language in `words/`, where an operator can read and change them. Here is how they are
//! read, in three steps, each over the text as `fold` leaves it (one width, one case, no accents, one script of Chinese):
//!
//! 1. **A reply that is a keyword** and what people put around one: `STOP`, `td`, `回复TD退订`, `stop please`.
//! 2. **A sentence or clause that is one**, in a longer reply: `退订，烦死了`, `Stop. I never signed up.`
//! 3. **Phrases**, from left to right: where several begin at one place the longest counts, and what it covers is not read
//!    again. So `stop texting me` asks, and `please don't stop texting me` does not.
//!
//! What asks outweighs what is doubtful, and that what is harmless. Time grows with the text and nothing else; any text has an
//! answer. Decision 0023 says why it is done by rules.

mod cut;
mod fold;
mod judge;
mod phrase;
mod words;

/// What a reply asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reply {
    /// No more messages: all of them stop, at once.
    OptOut,
    /// Messages again. Only a keyword says so, since a consent must be unmistakable.
    OptIn,
    /// What this number is, and how to stop it.
    Help,
    /// Perhaps no more messages: promotional ones stop, and it is asked once what is meant.
    Unsure,
    /// Nothing of the kind.
    Other,
}

impl Reply {
    /// The name used in the tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::OptOut => "opt-out",
            Self::OptIn => "opt-in",
            Self::Help => "help",
            Self::Unsure => "unsure",
            Self::Other => "other",
        }
    }
}

/// What a reply asks, whatever it holds.
pub fn read(text: &str) -> Reply {
    judge::judge(text, words::words())
}
