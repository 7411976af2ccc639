//! Reading a programme's folder: `programme.toml` and `texts/LOCALE.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::DateTime;

use crate::calendar::Calendar;
use crate::campaigns::{Campaign, CampaignId, DayTrigger, Pick, Stacking, Trigger};
use crate::caps::Cap;
use crate::check::{self, compile};
use crate::expiry::{Expiry, Lasts};
use crate::fields::{Fields, Purchases};
use crate::file::{Anniversary, Balance, Birthday, Earn, File, Hours, MessageRule, Reservations, Returns, Transfers};
use crate::files::{self, Files, MAIN};
use crate::missions::{Milestone, Mission};
use crate::mistake::{Mistake, Severity, Source};
use crate::names::AllNames;
use crate::places::{LegalHours, Places, linted};
use crate::referral::Referral;
use crate::thorough;
use crate::tiers::{Tier, TierSetId, Tiers};
use crate::versions::Version;
use crate::zone::Zone;
use crate::{Currency, Limit, Lowest, MessageKind, Paused, Pay, Pending, Prices, Reward, Texts, Wallet, WalletId};

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
    pub texts: Texts,
    pub transfers: Option<Transfers>,
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
    /// What messages cost, where the programme says so.
    pub prices: Option<Prices>,
    /// What it says of the places it sends to.
    pub places: Places,
    /// When texts that advertise may go, by place.
    legal_hours: Vec<LegalHours>,
    /// Not of the files: what is paused while it is worked by.
    pub paused: Paused,
    pay: Vec<Pay>,
    earn: Vec<Earn>,
    messages: BTreeMap<MessageKind, MessageRule>,
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
    /// Reads and checks the programme in a folder, with its earlier versions.
    pub fn load(folder: &Path) -> Result<Self, LoadError> {
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
            earlier: Vec::new(),
        })
    }

    /// Checks a programme's files. All that is wrong is told; where nothing is but what is doubtful, the programme has its
    /// `warnings`.
    pub fn of(files: &Files) -> Result<Self, Vec<Mistake>> {
        let sources = sources(&files.main, &files.earlier);
        match Texts::parse(&files.texts) {
            Ok(texts) => linted(Self::checked(&sources, &texts), files),
            Err(of_texts) => {
                let locales = files.texts.iter().map(|(locale, _)| locale.clone());
                let unread = Texts::unread(locales.collect());
                let mut mistakes = match Self::checked(&sources, &unread) {
                    Ok(programme) => programme.warnings,
                    Err(mistakes) => mistakes,
                };
                mistakes.extend(of_texts);
                Err(mistakes)
            }
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
            caps: file.caps.into_iter().map(toml::Spanned::into_inner).collect(),
            texts,
            transfers: file.transfers,
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
            paused: Paused::default(),
            pay: file.pay.into_iter().map(toml::Spanned::into_inner).collect(),
            earn: file.earn.into_iter().map(toml::Spanned::into_inner).collect(),
            messages: file
                .messages
                .into_iter()
                .map(|(kind, rule)| (kind.into_inner(), rule))
                .collect(),
        }
    }

    /// Whether a rule is for members of a tier: it says so, or is for all and no other says so.
    fn is_for<'a, R: 'a>(
        &self,
        tier: u8,
        (rule, named): (&R, fn(&R) -> Option<&str>),
        same: impl Iterator<Item = &'a R>,
    ) -> bool {
        let own = self.tier(tier).map(|tier| tier.name.as_str());
        match named(rule) {
            None => !same
                .into_iter()
                .any(|other| named(other).is_some() && named(other) == own),
            named => named == own,
        }
    }

    /// The earn rules of a currency for members of a tier, each for another wallet; none means that purchases in it are
    /// refused.
    pub fn earn(&self, currency: Currency, tier: u8) -> impl Iterator<Item = (WalletId, &Earn)> {
        let of_currency = move || self.earn.iter().filter(move |earn| earn.currency == currency);
        let rules = of_currency().filter(move |earn| {
            let wallet = |earn: &Earn| self.rule_wallet(earn.wallet.as_deref());
            let same = of_currency().filter(|other| wallet(other) == wallet(earn));
            self.is_for(tier, (*earn, |earn| earn.tier.as_deref()), same)
        });
        rules.map(|earn| (self.rule_wallet(earn.wallet.as_deref()), earn))
    }

    /// How points of a wallet pay for orders of members of a tier, in a currency; none means that they do not.
    pub fn pay(&self, wallet: WalletId, currency: Currency, tier: u8) -> Option<&Pay> {
        let of_both = |rule: &&Pay| rule.currency == currency && self.rule_wallet(rule.wallet.as_deref()) == wallet;
        let mut rules = self.pay.iter().filter(of_both);
        rules.find(|rule| {
            let same = self.pay.iter().filter(of_both);
            self.is_for(tier, (*rule, |rule| rule.tier.as_deref()), same)
        })
    }

    /// When texts that advertise may go to a number.
    pub fn legal_hours(&self, phone: &str) -> Option<&LegalHours> {
        let fitting = self
            .legal_hours
            .iter()
            .filter_map(|hours| Some((hours.fit(phone)?, hours)));
        fitting.max_by_key(|(digits, _)| *digits).map(|(_, hours)| hours)
    }

    /// The currencies in which purchases earn.
    pub fn currencies(&self) -> BTreeSet<&'static str> {
        self.earn.iter().map(|earn| earn.currency.code()).collect()
    }

    /// The wallet of a name; the main one where none is named.
    pub fn wallet_named(&self, name: Option<&str>) -> Option<WalletId> {
        let Some(name) = name else {
            return Some(WalletId::MAIN);
        };
        let wallet = self.wallets.iter().find(|wallet| wallet.name == name);
        wallet.map(|wallet| wallet.number)
    }

    /// The reward of a name.
    pub fn reward(&self, name: &str) -> Option<&Reward> {
        self.rewards.iter().find(|reward| reward.name.as_str() == name)
    }

    /// The wallet whose points a reward costs.
    pub fn reward_wallet(&self, reward: &Reward) -> WalletId {
        self.rule_wallet(reward.wallet.as_deref())
    }

    /// The wallet that a campaign's points go into.
    pub fn campaign_wallet(&self, campaign: &Campaign) -> WalletId {
        self.rule_wallet(campaign.wallet.as_deref())
    }

    /// Whether a campaign grants anything at a local time of the member's: it runs, and is not paused.
    pub fn runs(&self, campaign: &Campaign, local: DateTime) -> bool {
        campaign.runs_at(local) && !self.paused.stops(&campaign.name)
    }

    /// The campaign of an entry, of this version or the latest that had it; none where no version has it still.
    pub fn campaign(&self, id: CampaignId) -> Option<&Campaign> {
        let mut campaigns = self.versions().flat_map(|programme| &programme.campaigns);
        campaigns.find(|campaign| campaign.name.id() == id)
    }

    /// The mission of an entry, of this version or the latest that had it; none where no version has it still.
    pub fn mission(&self, id: CampaignId) -> Option<&Mission> {
        let mut missions = self.versions().flat_map(|programme| &programme.missions);
        missions.find(|mission| mission.name.id() == id)
    }

    /// How long points wait that referrals set off, unless what grants them says so.
    pub fn referral_wait(&self, on: &Trigger) -> Option<Pending> {
        self.referral.as_ref()?.wait(on)
    }

    /// The wallet that a milestone's points go into.
    pub fn milestone_wallet(&self, milestone: &Milestone) -> WalletId {
        self.rule_wallet(milestone.wallet.as_deref())
    }

    /// All sets of tiers, the main one first.
    pub fn tier_sets(&self) -> impl Iterator<Item = &Tiers> {
        std::iter::once(&self.tiers).chain(&self.more_tiers)
    }

    /// A set of tiers; none where the programme has it no longer.
    pub fn tier_set(&self, id: TierSetId) -> Option<&Tiers> {
        self.tier_sets().find(|tiers| tiers.number == id)
    }

    /// The set of a tier, and its place there, counted from the lowest. No two tiers have one name.
    pub fn tier_named(&self, name: &str) -> Option<(TierSetId, u8)> {
        self.tier_sets().find_map(|tiers| {
            let mut levels = tiers.levels.get_ref().iter();
            let place = levels.position(|level| level.name == name)?;
            Some((tiers.number, u8::try_from(place).ok()?))
        })
    }

    /// What members call a reward in a locale; its name where it is no longer in the file.
    pub fn reward_title<'a>(&'a self, name: &'a str, locale: &str) -> &'a str {
        let mut rewards = self.versions().filter_map(|programme| programme.reward(name));
        rewards.next().map_or(name, |reward| reward.title(locale))
    }

    /// The wallet that a rule names: the check saw to it that there is one.
    fn rule_wallet(&self, name: Option<&str>) -> WalletId {
        self.wallet_named(name).unwrap_or_default()
    }

    pub fn wallet(&self, id: WalletId) -> Option<&Wallet> {
        self.wallets.iter().find(|wallet| wallet.number == id)
    }

    /// The wallet whose points count for the tiers of a set.
    pub fn qualifying_wallet(&self, tiers: &Tiers) -> WalletId {
        let name = tiers.wallet.as_ref();
        self.rule_wallet(name.map(|name| name.get_ref().as_str()))
    }

    /// The limits on the points of a wallet for members of a tier.
    pub fn limits_for(&self, wallet: WalletId, tier: u8) -> impl Iterator<Item = &Limit> {
        self.limits(wallet).filter(move |limit| {
            let same = self.limits(wallet);
            let same = same.filter(|other| (other.on, other.per) == (limit.on, limit.per));
            self.is_for(tier, (*limit, |limit| limit.tier.as_deref()), same)
        })
    }

    /// All limits on the points of a wallet, whomever they are for.
    pub fn limits(&self, wallet: WalletId) -> impl Iterator<Item = &Limit> {
        let limits = self.limits.iter();
        limits.filter(move |limit| self.rule_wallet(limit.wallet.as_deref()) == wallet)
    }

    /// How low the balance of a wallet may go.
    pub fn lowest(&self, wallet: WalletId) -> Lowest {
        let own = self.wallet(wallet).and_then(|wallet| wallet.lowest);
        own.unwrap_or(self.balance.lowest)
    }

    /// How long points of a wallet last that a rule gives to a member of a tier: as the rule says, or the wallet, or the
    /// tier, or the programme.
    pub fn lasts<'a>(&'a self, rule: Option<&'a Earn>, wallet: WalletId, tier: u8) -> &'a Lasts {
        let of_rule = rule.and_then(|rule| rule.lasts.as_ref());
        let of_wallet = || self.wallet(wallet).and_then(|wallet| wallet.lasts.as_ref());
        let of_tier = || self.tier(tier).and_then(|tier| tier.lasts.as_ref());
        let own = of_rule.or_else(of_wallet).or_else(of_tier);
        own.unwrap_or(self.expiry.lasts.get_ref())
    }

    /// All the ways in which points last that are earned by, or given to, a member of a tier.
    pub fn all_lasts(&self, tier: u8) -> impl Iterator<Item = &Lasts> {
        let rules = self.earn.iter();
        let rules = rules.map(move |rule| self.lasts(Some(rule), self.rule_wallet(rule.wallet.as_deref()), tier));
        let by_hand = self.wallets.iter();
        let granted = self.campaigns.iter().filter_map(|campaign| campaign.lasts.as_ref());
        let milestones = self.missions.iter().flat_map(|mission| mission.milestones.get_ref());
        let granted = granted.chain(milestones.filter_map(|milestone| milestone.lasts.as_ref()));
        let by_hand = by_hand.map(move |wallet| self.lasts(None, wallet.number, tier));
        rules.chain(by_hand).chain(granted)
    }

    /// How messages of a kind are sent. The check saw to it that each kind has a rule.
    pub fn message(&self, kind: MessageKind) -> Option<&MessageRule> {
        self.messages.get(&kind)
    }

    /// The tier of the main set at a position, counted from the lowest; the highest where a stored position is past the
    /// end, as one is of a later version.
    pub fn tier(&self, position: u8) -> Option<&Tier> {
        let levels = self.tiers.levels.get_ref();
        levels.get(usize::from(position)).or_else(|| levels.last())
    }

    /// The name of a wallet in a locale.
    pub fn wallet_name(&self, id: WalletId, locale: &str) -> &str {
        self.wallet(id)
            .map_or("", |wallet| wallet.names.get(locale).unwrap_or(&wallet.name))
    }

    /// The name of a tier in a locale.
    pub fn tier_name(&self, set: TierSetId, position: u8, locale: &str) -> &str {
        let levels = self.tier_set(set).map(|tiers| tiers.levels.get_ref());
        let tier = levels.and_then(|levels| levels.get(usize::from(position)).or_else(|| levels.last()));
        tier.map_or("", |tier| tier.names.get(locale).unwrap_or(&tier.name))
    }
}
