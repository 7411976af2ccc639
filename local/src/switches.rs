//! `regulars pause`, `resume` and `paused`: what is switched off, since when, by whom and why.

use anstream::{print, println};
use programme::{Channel, MessageKind, Programme, Switch, Zone, one_of};
use store::{Change, Switches};

use crate::cli::{PausedOptions, ResumeOptions, SwitchOptions, What};
use crate::ledgers::{LedgersError, Opened};
use crate::table::{Row, Table};
use crate::word::{Word, WordError, tell};

/// All switches are read before each batch, so that their item must stay small.
const LONGEST_REASON: usize = 200;
pub(crate) const LONGEST_NAME: usize = 60;

/// Why nothing is switched or told. Each says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SwitchError {
    #[error(transparent)]
    Ledgers(#[from] LedgersError),
    #[error("the programme is paused and resumed whole; leave {0:?} out")]
    Whole(String),
    #[error("which {what}? {mend}")]
    Which { what: &'static str, mend: String },
    #[error("the programme has no {what} {name:?}; {mend}")]
    Unknown {
        what: &'static str,
        name: String,
        mend: String,
    },
    #[error("{option} takes 1 to {longest} characters in one line; it is there for whoever finds the pause")]
    Said { option: &'static str, longest: usize },
    #[error("it is resumed, and {0}")]
    Word(#[from] WordError),
}

/// Pauses, and says what that means.
pub async fn pause(options: &SwitchOptions) -> Result<(), SwitchError> {
    let (switched, opened) = change(options, true).await?;
    let zone = opened.programme.zone;
    opened.close().await;
    let Switched { change, before, done } = switched;
    if let (false, Some(since)) = (done, before.paused_since().find(|since| since.switch == change.switch)) {
        println!("{} was paused already, {}.", change.switch, told(since, zone));
        return Ok(());
    }
    let meaning = match change.switch {
        Switch::Programme => {
            "No message is sent and no campaign grants anything; points of purchases are computed as ever"
        }
        Switch::Campaign(_) => "It grants nothing, and what it would have granted meanwhile is not granted later",
        Switch::Broadcast(_) => "It is fanned out no further, and its messages wait",
        Switch::Channel(_) => "What would go by it waits, and goes by no other channel",
        Switch::Message(_) => "Its messages wait",
    };
    println!("{} is paused. {meaning}.", change.switch);
    Ok(())
}

/// Resumes, and has the alarm clock told of it where a bus is named.
pub async fn resume(options: &ResumeOptions) -> Result<(), SwitchError> {
    let (switched, opened) = change(&options.switch, false).await?;
    opened.close().await;
    let Switched { change, before, done } = switched;
    let mut said = if done {
        format!("{} is resumed.", change.switch)
    } else {
        format!("{} was not paused.", change.switch)
    };
    let others = before.paused_since().filter(|other| other.switch != change.switch);
    let others: Vec<String> = others.map(|other| other.switch.to_string()).collect();
    if !others.is_empty() {
        said.push_str(&format!(" Paused still: {}.", others.join(", ")));
    }
    if change.switch.holds_messages() {
        said.push_str(match (&options.bus, &options.switch.source.data) {
            (Some(bus), _) => {
                tell(bus, Word::Resumed).await?;
                " What waited goes now."
            }
            (None, Some(_)) => " What waited goes when the run goes on.",
            (None, None) => " What waited goes with the alarm clock's next round; with --bus NAME it goes at once.",
        });
    }
    println!("{said}");
    Ok(())
}

/// Lists what is paused, or every change there ever was.
pub async fn paused(options: &PausedOptions) -> Result<(), SwitchError> {
    let opened = Opened::open(&options.source).await?;
    let listed = list(&opened, options.history).await;
    opened.close().await;
    print!("{}", listed?);
    Ok(())
}

async fn list(opened: &Opened, history: bool) -> Result<String, LedgersError> {
    let (mut out, zone) = (String::new(), opened.programme.zone);
    let (changes, title, none) = if history {
        let changes = opened.store.switch_history().await?;
        (changes, "Changes", "Nothing was ever paused.\n")
    } else {
        let switches = opened.store.switches().await?;
        let changes = switches.paused_since().cloned().collect();
        (changes, "Paused", "Nothing is paused.\n")
    };
    if changes.is_empty() {
        return Ok(none.to_owned());
    }
    let mut table = Table::new(&mut out);
    table.columns = vec![if history { "when" } else { "since" }, "by"];
    if history {
        table.columns.insert(0, "became");
    }
    for change in &changes {
        let mut row = Row::new(&change.switch.to_string(), [at(change, zone), change.by.clone()]);
        row.after = change.reason.clone();
        if history {
            let state = if change.paused { "paused" } else { "resumed" };
            row.cells.insert(0, state.to_owned());
        }
        table.rows.push(row);
    }
    // A text takes what is written to it.
    table.write(title).unwrap_or_default();
    Ok(out)
}

fn at(change: &Change, zone: Zone) -> String {
    let local = zone.rules().to_datetime(change.at);
    local.strftime("%Y-%m-%d %H:%M").to_string()
}

fn told(change: &Change, zone: Zone) -> String {
    format!("since {} by {}: {}", at(change, zone), change.by, change.reason)
}

/// What became of a change.
struct Switched {
    change: Change,
    /// The switches before it.
    before: Switches,
    /// Else it stood so already.
    done: bool,
}

async fn change(options: &SwitchOptions, paused: bool) -> Result<(Switched, Opened), SwitchError> {
    let reason = said("--reason", &options.reason, LONGEST_REASON)?;
    let by = said("--by", &options.by, LONGEST_NAME)?;
    let opened = Opened::open(&options.source).await?;
    let switched = async {
        let switches = opened.store.switches().await.map_err(LedgersError::from)?;
        let change = Change {
            switch: named(&opened.programme, &switches, options)?,
            paused,
            at: opened.now(),
            by,
            reason,
        };
        let (before, done) = opened.store.switch(&change).await.map_err(LedgersError::from)?;
        Ok(Switched { change, before, done })
    };
    match switched.await {
        Ok(switched) => Ok((switched, opened)),
        Err(why) => {
            opened.close().await;
            Err(why)
        }
    }
}

pub(crate) fn said(option: &'static str, text: &str, longest: usize) -> Result<String, SwitchError> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > longest || text.contains(char::is_control) {
        return Err(SwitchError::Said { option, longest });
    }
    Ok(text.to_owned())
}

/// The switch that is meant: one of the programme's, or one that is paused, whatever has become of it.
fn named(programme: &Programme, switches: &Switches, options: &SwitchOptions) -> Result<Switch, SwitchError> {
    let (what, known): (_, Vec<&str>) = match options.what {
        What::Programme => {
            let name = options.name.clone();
            return name.map_or(Ok(Switch::Programme), |name| Err(SwitchError::Whole(name)));
        }
        What::Campaign => {
            let campaigns = programme.campaigns.iter();
            ("campaign", campaigns.map(|campaign| campaign.name.as_str()).collect())
        }
        What::Broadcast => {
            let broadcasts = programme.broadcasts.iter();
            (
                "broadcast",
                broadcasts.map(|broadcast| broadcast.name.as_str()).collect(),
            )
        }
        What::Channel => ("channel", [Channel::Sms, Channel::Push].map(Channel::name).to_vec()),
        What::Message => {
            let told = |kind: &MessageKind| match kind {
                MessageKind::Broadcast => !programme.broadcasts.is_empty(),
                kind => programme.message(*kind).is_some(),
            };
            let kinds = MessageKind::ALL.into_iter().filter(told);
            ("message", kinds.map(MessageKind::name).collect())
        }
    };
    let Some(name) = options.name.as_deref() else {
        let mend = format!("write one of: {}", known.join(", "));
        return Err(SwitchError::Which { what, mend });
    };
    let switch = format!("{what} {name}").parse::<Switch>().ok();
    let switch = switch.filter(|switch| known.contains(&name) || switches.paused().contains(switch));
    switch.ok_or_else(|| SwitchError::Unknown {
        what,
        name: name.to_owned(),
        mend: if known.is_empty() {
            "it has none".to_owned()
        } else {
            one_of(name, &known)
        },
    })
}
