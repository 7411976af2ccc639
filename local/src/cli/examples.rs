//! What the help shows as examples.

pub(crate) const AUDIT_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- audit --data run/
      the ledgers of a run that was kept with --data run/
  cargo run -- audit --table regulars-prod-members
      those of a deployed programme; the walk reads the whole table once";

pub(crate) const STATEMENT_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- statement 0002 --data run/
      member 0002 in a run that was kept with --data run/
  cargo run -- statement 0002 --table regulars-prod-members
      the same member of a deployed programme";

pub(crate) const LIABILITY_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- liability --data run/
      what is owed in a run that was kept with --data run/, month by month
  cargo run -- liability --by day --through 1998-09-30 --data run/
      how many lapse by the end of September, lot by lot
  cargo run -- liability --member 0002 --by day --data run/
      the same question of one member
  cargo run -- liability --json --table regulars-prod-members
      a deployed programme's, for a program; the walk reads the whole table once";

pub(crate) const CHECK_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- check
      the programme in program/
  cargo run -- check my-program/ --strict
      another one, in which nothing may be doubtful: for a build that stops on mistakes
  cargo run -- check --json
      the mistakes as a list, each with file, line and column, for an editor or a script
  cargo run -- check --schema > programme.schema.json
      for editors that know JSON Schema: with \"#:schema programme.schema.json\" as the first line of programme.toml, they
      tell what each key means and what it may be";

pub(crate) const COUPONS_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- coupons download --generate 500 --data run/
      five hundred new codes, for a run that was kept with --data run/
  cargo run -- coupons download --import codes.txt --table regulars-prod-members
      a partner's codes, for a deployed programme
  cargo run -- coupons download --data run/
      how many are left";

pub(crate) const PAUSE_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- pause channel sms --reason 'wrong price in a text' --by dana --table regulars-prod-members
      no SMS leaves any more
  cargo run -- pause message points-earned --reason 'text under repair' --by dana --data run/
      in a run that was kept with --data run/, from where it goes on
  cargo run -- pause programme --reason 'fraud' --by dana --table regulars-prod-members
      neither messages nor campaigns";

pub(crate) const RESUME_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- resume channel sms --reason mended --by dana --table regulars-prod-members --bus regulars-prod
      what waited and is useful still goes now";

pub(crate) const PAUSED_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- paused --table regulars-prod-members
      what is paused in a deployed programme
  cargo run -- paused --history --data run/
      every change there ever was, in a run that was kept with --data run/";

pub(crate) const REFERRALS_EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run -- referrals --activities regulars-prod-activities
      what waits in a deployed programme; it reads the whole table once
  cargo run -- accept-referral 0002 'referral#0815#o-7' --reason 'known customers' --by dana --activities \
regulars-prod-activities
      that one counts";

pub(crate) const SHORT_EXAMPLES: &str = "Start with: cargo run     More, with examples: cargo run -- --help";

pub(crate) const EXAMPLES: &str = "\
Examples (with cargo, options follow `--`):
  cargo run
      the whole run, then the page until Ctrl-C
  cargo run -- --until 1997-03-31 --exit --report summary.json
      three months, the numbers as JSON, no waiting at the end
  cargo run -- --program my-program/
      the same shop under your own rules, tiers and texts
  cargo run -- --orders my-orders.csv --data run/
      your own orders; stop it and start it again, it goes on where it was
  cargo run -- check my-program/
      what is wrong with your rules and texts, before anything runs
  cargo run -- audit --data run/
      every account of that run, derived again from its ledger
  cargo run -- statement 0002 --data run/
      a member's ledger, point by point
  cargo run -- liability --data run/
      what is owed to the members, and when it lapses

The orders file is CSV with a header line. Columns, in any order: order_id, member_id, ordered_at (1997-01-31, or \
1997-01-31T14:30:00-05:00), amount (29.33), currency (USD). Further columns are left alone. The people behind the \
member ids (names, phone numbers, languages, consents) are made up, with numbers that are reserved for fiction.";
