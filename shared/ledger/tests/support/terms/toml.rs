//! A random programme as the file it would be, and as one of its sets of tiers sees it.

use std::fmt::Write as _;

use super::Terms;
use super::sets::{SetTerms, starts};
use super::ways::{Lasts, period_name};

impl Terms {
    /// No points lapse before so many days.
    pub(crate) fn shortest(&self) -> u16 {
        let of_wallet = self.second.as_ref().and_then(|second| second.lasts.as_ref());
        let milestones = self.missions.iter().flat_map(|mission| &mission.milestones);
        let own = self
            .rule_lasts
            .iter()
            .chain(&self.tier_lasts)
            .chain(self.campaigns.iter().map(|campaign| &campaign.lasts))
            .chain(milestones.map(|milestone| &milestone.lasts))
            .flatten()
            .chain(of_wallet);
        own.chain([&self.lasts]).map(Lasts::shortest).min().unwrap()
    }

    fn tier_rules(&self) -> String {
        let mut text = format!("valid = {}\ndowngrade = {:?}\n", self.valid.toml(), self.downgrade);
        if self.at_review {
            text.push_str("upgrade = \"at-review\"\n");
        }
        match self.grace {
            None => {}
            Some((days, 0)) => writeln!(text, "grace = {{ days = {days} }}").unwrap(),
            Some((days, period)) => {
                let period = period_name(period);
                writeln!(text, "grace = {{ days = {days}, to-end-of = {period:?} }}").unwrap();
            }
        }
        writeln!(text, "basis = {:?}", self.basis).unwrap();
        if self.basis == "spend" {
            text.push_str("currency = \"USD\"\n");
        }
        text
    }

    /// How many sets of tiers there are.
    pub(crate) fn sets(&self) -> usize {
        1 + usize::from(self.second_set.is_some())
    }

    /// As a set of tiers sees them.
    pub(crate) fn as_set(&self, set: usize) -> Self {
        let mut own = self.clone();
        if let (1, Some(second)) = (set, own.second_set.take()) {
            let SetTerms {
                valid,
                at_review,
                downgrade,
                grace,
                basis,
                notices,
                window,
                steps,
            } = *second;
            own.levels = starts(basis, steps.into_iter())
                .into_iter()
                .map(|from| (from, "1"))
                .collect();
            (own.valid, own.at_review, own.downgrade, own.grace) = (valid, at_review, downgrade, grace);
            (own.basis, own.notices, own.window) = (basis, notices, window);
            own.tier_lasts.clear();
            if let Some(second) = &mut own.second {
                second.counts = false;
            }
            own.is_second_set = true;
        }
        own
    }

    /// How the names of the tiers begin.
    pub(crate) fn prefix(&self) -> &'static str {
        if self.is_second_set { "U" } else { "T" }
    }

    fn level_tables(&self, table: &str) -> String {
        let mut text = String::new();
        for (index, (from, multiplier)) in self.levels.iter().enumerate() {
            let lasts = self.tier_lasts.get(index).and_then(Option::as_ref);
            let lasts = lasts.map_or(String::new(), |lasts| format!("lasts = {}\n", lasts.toml()));
            write!(
                text,
                "[[{table}.levels]]\nname = \"{}{index}\"\nmultiplier = {multiplier:?}\n{lasts}",
                self.prefix()
            )
            .unwrap();
            match (self.basis, index) {
                ("segment", 0) => {}
                ("segment", index) => writeln!(text, "segment = \"s{index}\"").unwrap(),
                _ => writeln!(text, "from = {from}").unwrap(),
            }
        }
        text
    }

    /// The wallet whose points count for the tiers.
    pub(crate) fn counts(&self) -> u8 {
        u8::from(self.second.as_ref().is_some_and(|second| second.counts))
    }

    /// The wallets there are.
    pub(crate) fn wallets(&self) -> impl Iterator<Item = u8> {
        0..=u8::from(self.second.is_some())
    }

    /// The programme's file.
    pub(crate) fn toml(&self) -> String {
        let [remind_at, birthday_at, anniversary_at] = self.hours;
        let mut text = format!("name = \"Random\"\nzone = {:?}\ndefault-locale = \"en\"\n", self.zone);
        let own = |lasts: Option<&Option<Lasts>>| {
            let lasts = lasts.and_then(Option::as_ref);
            lasts.map_or(String::new(), |lasts| format!("lasts = {}\n", lasts.toml()))
        };
        let wallet = |number: u8| ["", "wallet = \"second\"\n"][usize::from(number)];
        let lowest = |lowest: Option<i64>| lowest.map_or("\"any\"".to_owned(), |lowest| lowest.to_string());
        if let Some(second) = &self.second {
            let below = if second.own_lowest {
                format!("lowest = {}\n", lowest(second.lowest))
            } else {
                String::new()
            };
            write!(
                text,
                "[[wallets]]\nnumber = 0\nname = \"first\"\n[[wallets]]\nnumber = 1\nname = \"second\"\nspendable = {}\n{}{below}",
                second.spendable,
                own(Some(&second.lasts)),
            )
            .unwrap();
        }
        for (index, rule) in self.earn.iter().enumerate() {
            let (currency, points) = (rule.currency, rule.rate);
            let wait = rule
                .wait
                .as_ref()
                .map_or(String::new(), |wait| format!("pending = {}\n", wait.toml()));
            let lasts = own(self.rule_lasts.get(index));
            write!(
                text,
                "[[earn]]\ncurrency = {currency:?}\npoints-per-unit = {points:?}\ntier-multiplies = {}\nround = {:?}\n{wait}{lasts}{}{}",
                rule.multiplied,
                rule.round,
                wallet(rule.wallet),
                rule.tier.map_or(String::new(), |tier| format!("tier = \"T{tier}\"\n"))
            )
            .unwrap();
        }
        write!(
            text,
            "[expiry]\nlasts = {}\n{}grace-days = {}\nremind-days-before = {:?}\nremind-at = \"{remind_at:02}:00\"\n\
             [tiers]\n{}window-months = {}\n{}notify-days-before = {:?}\nnotify-at = \"{remind_at:02}:00\"\n",
            self.lasts.toml(),
            self.reinstate
                .map_or(String::new(), |days| format!("reinstate-within-days = {days}\n")),
            self.grace_days,
            self.reminders,
            wallet(self.counts()),
            self.window,
            self.tier_rules(),
            self.notices
        )
        .unwrap();
        text.push_str(&self.level_tables("tiers"));
        if self.second_set.is_some() {
            let set = self.as_set(1);
            write!(
                text,
                "[[tier-sets]]\nnumber = 1\nwindow-months = {}\n{}notify-days-before = {:?}\nnotify-at = \"{remind_at:02}:00\"\n{}",
                set.window,
                set.tier_rules(),
                set.notices,
                set.level_tables("tier-sets")
            )
            .unwrap();
        }
        for limit in &self.limits {
            let (on, per, points) = (limit.on, limit.per, limit.points);
            let over = if limit.caps { "cap" } else { "reject" };
            write!(
                text,
                "[[limits]]\non = {on:?}\nper = {per:?}\npoints = {points}\nover = {over:?}\n{}",
                wallet(limit.wallet)
            )
            .unwrap();
        }
        if let Some((least, days)) = self.transfers {
            writeln!(text, "[transfers]\nleast-points = {least}\njoined-days-ago = {days}").unwrap();
        }
        for (index, reward) in self.rewards.iter().enumerate() {
            text.push_str(&reward.toml(index));
        }
        text.push_str(&self.referral.as_ref().map(super::Referral::toml).unwrap_or_default());
        text.push_str(&super::missions::toml(&self.missions));
        text.push_str(&super::campaigns::toml(&self.campaigns, &self.stacking));
        write!(
            text,
            "[carts]\nleft-after-hours = 5\n[returns]\nclaw-back = {:?}\n[balance]\nlowest = {}\n[reservations]\nhold-minutes = 3030\n",
            self.claw_back,
            lowest(self.lowest)
        )
        .unwrap();
        write!(
            text,
            "[birthday]\nat = \"{birthday_at:02}:00\"\nleap-day = {:?}\n[anniversary]\nat = \"{anniversary_at:02}:00\"\n\
             [quiet-hours]\nfrom = \"21:00\"\nto = \"09:00\"\n",
            self.leap_day
        )
        .unwrap();
        for kind in programme::MessageKind::ALL
            .into_iter()
            .filter(|kind| kind.is_of_the_ledger())
        {
            write!(
                text,
                "[messages.{}]\npurpose = \"transactional\"\nchannels = [\"sms\"]\nuseful-hours = 48\n",
                kind.name()
            )
            .unwrap();
        }
        text
    }
}
