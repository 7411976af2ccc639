//! Campaigns and missions, and what they ask for.

use crate::shown;

/// What is told of the sample with each of these before its returns.
fn told(added: &[impl AsRef<str>]) -> String {
    let added = added.iter().map(|text| format!("{}\n[returns]\n", text.as_ref()));
    let added: Vec<String> = added.collect();
    let cases: Vec<(&str, &str)> = added.iter().map(|text| ("[returns]\n", text.as_str())).collect();
    shown(&cases)
}

#[test]
fn campaigns() {
    let cases = [
        "[[campaigns]]\nname = \"empty\"",
        "[[campaigns]]\nname = \"Double Points\"\nmultiply = \"2\"",
        "[[campaigns]]\nname = \"one\"\nmultiply = \"1\"",
        "[[campaigns]]\nname = \"hello\"\non = \"sign-up\"\nmultiply = \"2\"",
        "[[campaigns]]\nname = \"twice\"\npoints = 5\n[[campaigns]]\nname = \"twice\"\npoints = 6",
        "[[campaigns]]\nname = \"spring\"\npoints = 5\nfrom = \"1997-04-01\"\nthrough = \"1997-03-01\"",
        "[[campaigns]]\nname = \"happy\"\npoints = 5\nhours = { from = \"18:00\", to = \"18:00\" }",
        "[[campaigns]]\nname = \"other\"\npoints = 5\nwallet = \"stars\"",
        "[[campaigns]]\nname = \"short\"\npoints = 5\nlasts = { days = 3 }",
        "[[campaigns]]\nname = \"never\"\npoints = 5\ntimes = 0",
        "[[campaigns]]\nname = \"often\"\npoints = 5\nper = \"week\"",
        "[[campaigns]]\nname = \"odd\"\npoints = 5\ntimes = 1\nper = \"balance\"",
        "[[campaigns]]\nname = \"review\"\non = { event = \"review\" }\npoints = 5",
        "[[campaigns]]\nname = \"poster\"\non = { code = \" \" }\npoints = 5",
        "[[campaigns]]\nname = \"grouped\"\npoints = 5\ngroup = \"season\"",
        "[[campaigns]]\nname = \"less\"\npoints = -5",
        "[[campaigns]]\nname = \"broke\"\npoints = 5\nbudget = 0",
        "[[campaigns]]\nname = \"party\"\non = \"birthday\"\npoints = 5\nbudget = 100",
        "[[campaigns]]\nname = \"crumbs\"\npoints = 50\nbudget = 20",
        "[purchases]\nfields = { amount = \"number\" }",
        "[attributes]\nfavourite = \"colour\"",
    ];
    insta::assert_snapshot!(told(&cases));
}

#[test]
fn expressions() {
    let cases = [
        "when = \"activity.amout >= 20\"",
        "when = \"activity.amount >= 'twenty'\"",
        "when = \"member.tier == 'Colector'\"",
        "when = \"activity.amount = 20\"",
        "when = \"activity.amount >= 20 and member.purchases == 0\"",
        "when = \"activity.amount\"",
        "when = \"activity.amount >= (20\"",
        "when = \"member.tier == 'Listener' && member.tier == 'Virtuoso'\"",
        "when = \"member.purchases > 5 && member.purchases < 3\"",
        "when = \"local.weekday == 'Saturday'\"",
        "when = \"100 / member.balance > 2\"",
        "when = '''activity.amount >= 20 && activity.store == \"Soho\"'''",
    ]
    .map(|when| format!("[[campaigns]]\nname = \"asked\"\npoints = 5\n{when}"));
    insta::assert_snapshot!(told(&cases));
    let calendar = "[calendar]\nmember-day = { monthly = 18 }\n";
    let when = "[[campaigns]]\nname = \"asked\"\npoints = 5\nwhen = \"'membr-day' in local.calendar\"";
    insta::assert_snapshot!("calendar", told(&[format!("{calendar}{when}"), when.to_owned()]));
    let formula = "[[campaigns]]\nname = \"asked\"\npoints = \"activity.amount > 5\"";
    insta::assert_snapshot!("formula", told(&[formula]));
}

#[test]
fn missions() {
    let cases = [
        "[[missions]]\nname = \"empty\"\nmilestones = []",
        "[[missions]]\nname = \"once\"\non = \"birthday\"\n[[missions.milestones]]\nreach = 1\npoints = 5",
        "[[missions]]\nname = \"both\"\neach = \"month\"\nstreak = \"week\"\n[[missions.milestones]]\nreach = 1\npoints = 5",
        "[[missions]]\nname = \"sum\"\ncounts = \"activity.amount\"\nstreak = \"week\"\n[[missions.milestones]]\nreach = 1\npoints = 5",
        "[[missions]]\nname = \"late\"\ngrace = 1\n[[missions.milestones]]\nreach = 1\npoints = 5",
        "[[missions]]\nname = \"down\"\n[[missions.milestones]]\nreach = 3\npoints = 5\n[[missions.milestones]]\nreach = 2\npoints = 5",
        "[[missions]]\nname = \"nothing\"\n[[missions.milestones]]\nreach = 3",
        "[[missions]]\nname = \"badge\"\n[[missions.milestones]]\nreach = 3\nbadge = \"regular\"",
        "[[campaigns]]\nname = \"same\"\npoints = 5\n[[missions]]\nname = \"same\"\n[[missions.milestones]]\nreach = 1\npoints = 5",
    ];
    insta::assert_snapshot!(told(&cases));
}

#[test]
fn referrals() {
    const BRINGS: &str = "[[campaigns]]\nname = \"brings\"\non = \"referral\"\npoints = 100\n";
    let cases = [
        BRINGS.to_owned(),
        "[[missions]]\nname = \"friends\"\non = \"referral\"\n[[missions.milestones]]\nreach = 1\npoints = 5"
            .to_owned(),
        "[referral]\nreturn-days = 30".to_owned(),
        format!("[referral]\nwithin-days = 60\n{BRINGS}"),
        format!("[[referral]]\nreturn-days = 30\n{BRINGS}"),
        format!("[referral]\nreturn-days = 0\n{BRINGS}"),
        format!("[referral]\nreturn-days = 30\nreview-over = {{ times = 0 }}\n{BRINGS}"),
        format!("[referral]\nreturn-days = 30\nreview-over = {{ per = \"day\" }}\n{BRINGS}"),
        format!("[referral]\nreturn-days = 30\nreview-over = {{ times = 5, per = \"balance\" }}\n{BRINGS}"),
        format!("[referral]\nreturn-days = 30\nwhen = \"activity.amout >= 20\"\n{BRINGS}"),
        format!("[referral]\nreturn-days = 30\nwhen = \"activity.points >= 20\"\n{BRINGS}"),
        format!("[referral]\nreturn-day = 30\n{BRINGS}"),
        format!("[referral]\nreturn-days = 30\n{BRINGS}when = \"activity.amount > 20\""),
        format!("[referral]\nreturn-days = 30\n{BRINGS}multiply = \"2\""),
        format!("[referral]\nreturn-days = 30\n{BRINGS}lasts = {{ days = 20 }}"),
        "[referral]\nreturn-days = 30\n[[missions]]\nname = \"friends\"\non = \"referred\"\n[[missions.milestones]]\n\
         reach = 1\npoints = 5"
            .to_owned(),
        "[[campaigns]]\nname = \"brings\"\non = \"referal\"\npoints = 100".to_owned(),
    ];
    insta::assert_snapshot!(told(&cases));
    let short = format!("[referral]\nreturn-days = 7\n{BRINGS}\n[returns]\n");
    let waits = "points-per-unit = \"1\"\npending = { days = 14 }";
    let mut files = crate::edited("[returns]\n", &short);
    files.main = files.main.replacen("points-per-unit = \"1\"", waits, 1);
    insta::assert_snapshot!("return_days", crate::told(&files));
}
