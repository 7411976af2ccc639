//! What stands in a programme for a wallet, a tier, a currency, a name: looked up by what decides.

use std::collections::BTreeSet;

use jiff::civil::DateTime;

use crate::campaigns::{Campaign, CampaignId, Trigger};
use crate::caps::OverCap;
use crate::expiry::Lasts;
use crate::file::{Earn, MessageRule, WhenLate};
use crate::load::Programme;
use crate::missions::{Milestone, Mission};
use crate::places::LegalHours;
use crate::tiers::{Tier, TierSetId, Tiers};
use crate::{Currency, Limit, Lowest, MessageKind, Pay, Pending, Reward, Wallet, WalletId};

impl Programme {
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

    /// Whether a text may go to a number by SMS, as far as who carries it has to let it pass before.
    pub fn is_let_pass(&self, kind: MessageKind, locale: &str, phone: &str) -> bool {
        self.approvals.let_pass(kind, locale) || !self.is_looked_at(phone)
    }

    /// Whether what nobody has looked at before may go to a number by SMS.
    pub fn is_let_pass_unseen(&self, phone: &str) -> bool {
        !self.approvals.are_kept() || !self.is_looked_at(phone)
    }

    fn is_looked_at(&self, phone: &str) -> bool {
        self.legal_hours(phone).is_some_and(|hours| hours.approves)
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

    /// Whether any messages go as one.
    pub fn merges(&self) -> bool {
        let by_cap = self.caps.iter().any(|cap| cap.over == OverCap::Digest);
        let when_late = || self.messages.values().any(|rule| rule.when_late == WhenLate::Merge);
        by_cap || !self.digests.is_empty() || when_late()
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
