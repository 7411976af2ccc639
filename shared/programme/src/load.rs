//! Reading a programme's folder: `programme.toml` and `texts/LOCALE.toml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::approvals::Approvals;
use crate::broadcasts::Broadcast;
use crate::calendar::Calendar;
use crate::campaigns::{Campaign, DayTrigger, Pick, Stacking};
use crate::caps::Cap;
use crate::carts::Carts;
use crate::check::{self, compile};
use crate::digests::Digest;
use crate::expiry::Expiry;
use crate::fields::{Fields, Purchases};
use crate::file::{Anniversary, Balance, Birthday, Earn, File, Hours, MessageRule, Reservations, Returns, Transfers};
use crate::files::{self, Files, MAIN};
use crate::guard::Guard;
use crate::missions::Mission;
use crate::mistake::{Mistake, Severity, Source};
use crate::names::AllNames;
use crate::personalisation::Personalisation;
use crate::places::{LegalHours, Places, linted};
use crate::referral::Referral;
use crate::sending::{MessageBudget, Sending};
use crate::thorough;
use crate::tiers::Tiers;
use crate::topics::Topic;
use crate::versions::Version;
use crate::wordings::Wording;
use crate::zone::Zone;
use crate::{Limit, MessageKind, Paused, Pay, Prices, Reward, Texts, Wallet, text};

/// A checked programme.
#[derive(Debug, Clone)]
pub struct Programme {
    /// What is doubtful in its files, and stops nothing.
    pub warnings: Vec<Mistake>,
    /// Which version of the programme it is.
    pub version: Version,
    pub(crate) earlier: Option<Arc<Self>>,
    pub name: String,
    /// The zone of the programme's own days: when points lapse and tiers are reviewed.
    pub zone: Zone,
    pub expiry: Expiry,
    pub wallets: Vec<Wallet>,
    pub limits: Vec<Limit>,
    pub tiers: Tiers,
    /// Other sets of tiers.
    pub more_tiers: Vec<Tiers>,
    pub returns: Returns,
    pub balance: Balance,
    pub reservations: Reservations,
    pub birthday: Birthday,
    pub anniversary: Anniversary,
    /// In the member's own zone: nothing is sent in them.
    pub quiet_hours: Hours,
    /// How many messages a member gets at most.
    pub caps: Vec<Cap>,
    /// Which messages go as one.
    pub digests: Vec<Digest>,
    /// What members choose among messages by.
    pub topics: Vec<Topic>,
    pub sending: Sending,
    /// What messages may cost.
    pub message_budgets: Vec<MessageBudget>,
    pub texts: Texts,
    pub transfers: Option<Transfers>,
    /// When members are told of what they left in a cart.
    pub carts: Option<Carts>,
    pub rewards: Vec<Reward>,
    pub attributes: Fields,
    pub purchases: Purchases,
    /// Events of the shop's own, and what each says.
    pub events: BTreeMap<String, Fields>,
    pub names: AllNames,
    pub calendar: Calendar,
    /// In the order in which they are asked.
    pub campaigns: Vec<Campaign>,
    pub missions: Vec<Mission>,
    /// What members call each badge, by locale.
    pub badges: BTreeMap<String, BTreeMap<String, String>>,
    /// When referrals count, where they do.
    pub referral: Option<Referral>,
    /// The days that set campaigns off.
    pub day_triggers: Vec<DayTrigger>,
    pub campaign_groups: BTreeMap<String, Pick>,
    pub stacking: Stacking,
    /// What an operator may send to many members at once.
    pub broadcasts: Vec<Broadcast>,
    /// What texts say of members whose name they may not.
    pub personalisation: Personalisation,
    /// What members agree to, in the words that they are shown.
    pub wordings: Vec<Wording>,
    /// When so many opt out of something that it is paused.
    pub guard: Option<Guard>,
    /// What messages cost, where the programme says so.
    pub prices: Option<Prices>,
    /// What it says of the places it sends to.
    pub places: Places,
    /// When texts that advertise may go, by place.
    pub(crate) legal_hours: Vec<LegalHours>,
    /// What those who carry SMS have let pass, where they look at each text before.
    pub approvals: Approvals,
    /// Not of the files: what is paused while it is worked by.
    pub paused: Paused,
    /// Not of the files: nobody is told apart by anything, whatever they agreed to. For a simulation of what that would cost.
    pub is_impersonal: bool,
    pub(crate) pay: Vec<Pay>,
    pub(crate) earn: Vec<Earn>,
    pub(crate) messages: BTreeMap<MessageKind, MessageRule>,
}

/// A programme that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error("cannot read {path}: {why}; the programme's folder holds programme.toml and texts/LOCALE.toml")]
    Read { path: PathBuf, why: std::io::Error },
    #[error("cannot read {path}: line {line} is not in UTF-8; save the file as UTF-8 text")]
    NotText { path: PathBuf, line: usize },
    #[error("{path} has more than {megabytes} MB, which no programme has; is it another file?")]
    TooLong { path: PathBuf, megabytes: u64 },
    #[error("the programme in {folder} has {} mistake{}:\n  {}", errors(mistakes).count(), if errors(mistakes).count() == 1 { "" } else { "s" }, listed(mistakes))]
    Mistakes { folder: PathBuf, mistakes: Vec<Mistake> },
}

fn errors(mistakes: &[Mistake]) -> impl Iterator<Item = &Mistake> {
    mistakes.iter().filter(|mistake| mistake.severity == Severity::Error)
}

fn listed(mistakes: &[Mistake]) -> String {
    errors(mistakes)
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n  ")
}

/// The main files of all versions, the newest first.
fn sources<'a>(main: &'a str, earlier: &'a [(String, String)]) -> Vec<Source<'a>> {
    let main = Source { name: MAIN, text: main };
    let earlier = earlier.iter().map(|(name, text)| Source { name, text });
    std::iter::once(main).chain(earlier).collect()
}

/// What is wrong with a main file that cannot be read as it is, beside texts that are known or only counted.
fn mistakes(source: Source<'_>, texts: &Texts) -> Vec<Mistake> {
    let mut read: thorough::Read<File> = thorough::read(source, thorough::MAIN);
    let whole = read.value.as_mut().filter(|_| !read.lost);
    let found = whole.map(|file| found(source, file, texts).1);
    let own = found.into_iter().flatten().filter(|mistake| read.is_own(mistake));
    let mut mistakes: Vec<Mistake> = read.mistakes.iter().cloned().chain(own).collect();
    mistakes.sort_by_key(|mistake| mistake.bytes.start);
    mistakes
}

/// Reads the expressions of a file; gives the names that they may use, and what is wrong with all of it.
fn found(source: Source<'_>, file: &mut File, texts: &Texts) -> (AllNames, Vec<Mistake>) {
    let names = AllNames::of(file);
    let mut mistakes = compile(source, file, &names);
    mistakes.extend(check::check(source, file, texts));
    mistakes.sort_by_key(|mistake| mistake.bytes.start);
    (names, mistakes)
}

fn mistaken(folder: &Path, mistakes: Vec<Mistake>) -> LoadError {
    LoadError::Mistakes {
        folder: folder.to_owned(),
        mistakes,
    }
}

impl Programme {
    /// Reads the programme in a folder, with its earlier versions, and checks all that it is worked by.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
        let files = Files::read(folder)?;
        let (checked, _) = Self::read(&files);
        checked.map_err(|mistakes| mistaken(folder, mistakes))
    }

    /// The same with all that [`Programme::of`] finds, for who works for an operator: a function that starts has no time
    /// for it.
    pub fn load_linted(folder: &Path) -> Result<Self, LoadError> {
        Self::of(&Files::read(folder)?).map_err(|mistakes| mistaken(folder, mistakes))
    }

    /// Reads and checks the programme without its texts, which take most of the time, for what renders none.
    pub fn load_rules(folder: &Path) -> Result<Self, LoadError> {
        let main = files::read(folder.join(MAIN))?;
        let texts = Texts::unread(files::locales(folder)?.into_keys().collect());
        let earlier = files::earlier(folder)?;
        Self::checked(&sources(&main, &earlier), &texts).map_err(|mistakes| mistaken(folder, mistakes))
    }

    /// Checks a main file and the texts by locale, where there are no earlier versions.
    pub fn parse(main: &str, texts: &[(String, String)]) -> Result<Self, Vec<Mistake>> {
        Self::of(&Files {
            main: main.to_owned(),
            texts: texts.to_vec(),
            approvals: None,
            earlier: Vec::new(),
        })
    }

    /// Checks a programme's files. All that is wrong is told, what texts may not say where they go among it; where nothing is
    /// but what is doubtful, the programme has its `warnings`.
    pub fn of(files: &Files) -> Result<Self, Vec<Mistake>> {
        let (checked, texts) = Self::read(files);
        linted(checked, files, &texts)
    }

    /// Checks what a programme is worked by; gives its texts as they were read, too.
    fn read(files: &Files) -> (Result<Self, Vec<Mistake>>, text::Read) {
        let sources = sources(&files.main, &files.earlier);
        let read = Texts::read(&files.texts);
        let checked = if read.mistakes.is_empty() {
            Self::checked(&sources, &read.texts)
        } else {
            let locales = files.texts.iter().map(|(locale, _)| locale.clone());
            let mut mistakes = match Self::checked(&sources, &Texts::unread(locales.collect())) {
                Ok(programme) => programme.warnings,
                Err(mistakes) => mistakes,
            };
            mistakes.extend(read.mistakes.iter().cloned());
            Err(mistakes)
        };
        let checked = checked.and_then(|programme| {
            let (mut mistakes, file) = (Vec::new(), files.approvals.as_deref());
            let approvals = Approvals::read(file, &programme.places, &read.written, &mut mistakes);
            if mistakes.is_empty() {
                Ok(programme.with_approvals(&approvals))
            } else {
                Err(mistakes)
            }
        });
        (checked, read)
    }

    /// The same with what providers have let pass, in every version: all have the same texts.
    fn with_approvals(self, approvals: &Approvals) -> Self {
        let earlier = self.earlier.map(|earlier| {
            let earlier = Arc::unwrap_or_clone(earlier);
            Arc::new(earlier.with_approvals(approvals))
        });
        Self {
            earlier,
            approvals: approvals.clone(),
            ..self
        }
    }

    /// Checks main files, the newest version's first; gives that version, which knows the others.
    fn checked(sources: &[Source<'_>], texts: &Texts) -> Result<Self, Vec<Mistake>> {
        let (mut read, mut told) = (Vec::new(), Vec::new());
        for source in sources {
            match toml::from_str(source.text) {
                Ok(mut file) => {
                    let (names, found) = found(*source, &mut file, texts);
                    told.extend(found);
                    read.push((*source, file, names));
                }
                Err(_) => told.extend(mistakes(*source, texts)),
            }
        }
        let is_wrong = |told: &[Mistake]| errors(told).next().is_some();
        // What is wrong between two versions is told once each of them is sound.
        if read.len() == sources.len() && !is_wrong(&told) {
            let files: Vec<_> = read.iter().map(|(source, file, _)| (*source, file)).collect();
            told.extend(check::check_versions(&files));
        }
        if is_wrong(&told) || read.len() < sources.len() {
            return Err(told);
        }
        let versions = read.into_iter().map(|(source, file, names)| {
            let from = file.effective_from.as_ref();
            let from = from.and_then(|from| from.get_ref().instant(file.zone));
            let version = Version::of(source.name, source.text, from);
            Self::made(file, version, names, texts.clone())
        });
        let mut versions: Vec<Self> = versions.collect();
        // The check saw to it that the oldest alone has no instant, and no two have the same.
        versions.sort_by_key(|programme| programme.version.from);
        let newest = versions.into_iter().fold(None, |earlier: Option<Self>, programme| {
            let earlier = earlier.map(Arc::new);
            Some(Self { earlier, ..programme })
        });
        let newest = newest.map(|newest| Self {
            warnings: told,
            ..newest
        });
        newest.ok_or_else(Vec::new)
    }

    fn made(mut file: File, version: Version, names: AllNames, mut texts: Texts) -> Self {
        for tiers in std::iter::once(&mut file.tiers).chain(&mut file.tier_sets) {
            tiers.count_places();
        }
        let campaigns: Vec<Campaign> = file.campaigns.into_iter().map(toml::Spanned::into_inner).collect();
        texts.fall_back_to(file.default_locale.into_inner());
        Self {
            warnings: Vec::new(),
            version,
            earlier: None,
            name: file.name,
            zone: file.zone,
            expiry: file.expiry,
            wallets: file.wallets.into_inner(),
            limits: file.limits.into_iter().map(toml::Spanned::into_inner).collect(),
            tiers: file.tiers,
            more_tiers: file.tier_sets,
            returns: file.returns.map(toml::Spanned::into_inner).unwrap_or_default(),
            balance: file.balance,
            reservations: file.reservations,
            birthday: file.birthday,
            anniversary: file.anniversary,
            quiet_hours: file.quiet_hours,
            sending: file.sending,
            message_budgets: file
                .message_budgets
                .into_iter()
                .map(toml::Spanned::into_inner)
                .collect(),
            caps: file.caps.into_iter().map(toml::Spanned::into_inner).collect(),
            digests: file.digests.into_iter().map(toml::Spanned::into_inner).collect(),
            topics: file.topics.into_iter().map(toml::Spanned::into_inner).collect(),
            texts,
            transfers: file.transfers,
            carts: file.carts,
            personalisation: file.personalisation.into_inner(),
            wordings: file.wordings.into_iter().map(toml::Spanned::into_inner).collect(),
            prices: file.prices,
            legal_hours: file.places.legal_hours(),
            places: file.places,
            rewards: file.rewards.into_iter().map(toml::Spanned::into_inner).collect(),
            attributes: file.attributes.map(toml::Spanned::into_inner).unwrap_or_default(),
            purchases: file.purchases.map(toml::Spanned::into_inner).unwrap_or_default(),
            events: file
                .events
                .into_iter()
                .map(|(name, fields)| (name.into_inner(), fields))
                .collect(),
            names,
            missions: file.missions.into_iter().map(toml::Spanned::into_inner).collect(),
            badges: file.badges,
            referral: file.referral.map(toml::Spanned::into_inner),
            day_triggers: DayTrigger::of(&campaigns, &file.calendar),
            calendar: file.calendar,
            campaigns,
            campaign_groups: file.campaign_groups,
            stacking: file.stacking,
            broadcasts: file.broadcasts.into_iter().map(toml::Spanned::into_inner).collect(),
            guard: file.guard.map(toml::Spanned::into_inner),
            approvals: Approvals::default(),
            paused: Paused::default(),
            is_impersonal: false,
            pay: file.pay.into_iter().map(toml::Spanned::into_inner).collect(),
            earn: file.earn.into_iter().map(toml::Spanned::into_inner).collect(),
            messages: file
                .messages
                .into_iter()
                .map(|(kind, rule)| (kind.into_inner(), rule))
                .collect(),
        }
    }
}
