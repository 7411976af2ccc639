//! A tree with all its brackets, from either reader.

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, IdedExpr, LiteralValue, SelectExpr, operators};

use crate::parse::term::{Kind, Loop, Term};
use crate::tree::{Op, Order};

/// What has no meaning here, whatever it is.
const FOREIGN: &str = "foreign";

pub(super) fn of_term(term: &Term) -> String {
    let all = |terms: &[Term], with: &str| terms.iter().map(of_term).collect::<Vec<_>>().join(with);
    match &term.kind {
        Kind::Bool(yes) => yes.to_string(),
        Kind::Int(whole) => whole.to_string(),
        Kind::Decimal(text) => decimal(text.parse().expect("a number")),
        Kind::Text(text) => format!("{text:?}"),
        Kind::Name(name) => name.clone(),
        Kind::Select(of) => format!("({}).part", of_term(of)),
        Kind::Has(name) => format!("has {}", of_term(name)),
        Kind::List(terms) => format!("[{}]", all(terms, ", ")),
        Kind::Not(inner) => format!("(!{})", of_term(inner)),
        Kind::Negated(inner) => format!("(-{})", of_term(inner)),
        Kind::All(terms) => format!("({})", all(terms, " && ")),
        Kind::Any(terms) => format!("({})", all(terms, " || ")),
        Kind::Compare(order, both) => two(&both.0, sign_of_order(*order), &both.1),
        Kind::In(both) => two(&both.0, "in", &both.1),
        Kind::Reckon(op, both) => two(&both.0, sign_of_op(*op), &both.1),
        Kind::If(of) => format!("({} ? {} : {})", of_term(&of.0), of_term(&of.1), of_term(&of.2)),
        Kind::Call(call) => {
            let target = call.target.as_ref().map(|target| format!("{}.", of_term(target)));
            format!("{}{}({})", target.unwrap_or_default(), call.name, all(&call.args, ", "))
        }
        Kind::Loop(each) => of_loop(each),
        Kind::Foreign(..) => FOREIGN.to_owned(),
    }
}

fn two(left: &Term, sign: &str, right: &Term) -> String {
    format!("({} {sign} {})", of_term(left), of_term(right))
}

fn of_loop(each: &Loop) -> String {
    let (over, variable, body) = (of_term(&each.over), &each.variable, of_term(&each.body));
    match (each.name.as_str(), &each.filter) {
        ("filter", _) => format!("{over}.map({variable}, {body}, {variable})"),
        (_, Some(filter)) => format!("{over}.map({variable}, {}, {body})", of_term(filter)),
        ("existsOne", _) => format!("{over}.exists_one({variable}, {body})"),
        (name, None) => format!("{over}.{name}({variable}, {body})"),
    }
}

fn sign_of_order(order: Order) -> &'static str {
    match order {
        Order::Equal => "==",
        Order::Unequal => "!=",
        Order::Less => "<",
        Order::AtMost => "<=",
        Order::More => ">",
        Order::AtLeast => ">=",
    }
}

fn sign_of_op(op: Op) -> &'static str {
    match op {
        Op::Add => "+",
        Op::Subtract => "-",
        Op::Multiply => "*",
        Op::Divide => "/",
        Op::Remainder => "%",
    }
}

fn decimal(number: f64) -> String {
    format!("{number:?}")
}

pub(super) fn of_cel(tree: &IdedExpr) -> String {
    match &tree.expr {
        Expr::Literal(literal) => match literal {
            LiteralValue::Boolean(yes) => yes.inner().to_string(),
            LiteralValue::Int(whole) => whole.inner().to_string(),
            LiteralValue::Double(number) => decimal(*number.inner()),
            LiteralValue::String(text) => format!("{:?}", text.inner()),
            LiteralValue::UInt(_) | LiteralValue::Bytes(_) | LiteralValue::Null => FOREIGN.to_owned(),
        },
        Expr::Ident(name) => name.clone(),
        Expr::Select(of) if of.test => format!("has {}", cel_select(of)),
        Expr::Select(of) => cel_select(of),
        Expr::List(list) => format!("[{}]", cel_all(&list.elements, ", ")),
        Expr::Call(call) => cel_call(call),
        Expr::Comprehension(parts) => cel_loop(parts),
        Expr::Map(_) | Expr::Struct(_) | Expr::Unspecified => panic!("nothing that is read here"),
    }
}

fn cel_all(trees: &[IdedExpr], with: &str) -> String {
    trees.iter().map(of_cel).collect::<Vec<_>>().join(with)
}

fn cel_select(select: &SelectExpr) -> String {
    fn is_name(tree: &IdedExpr) -> bool {
        match &tree.expr {
            Expr::Ident(_) => true,
            Expr::Select(of) => !of.test && is_name(&of.operand),
            _ => false,
        }
    }
    let operand = of_cel(&select.operand);
    if is_name(&select.operand) {
        format!("{operand}.{}", select.field)
    } else {
        format!("({operand}).part")
    }
}

fn cel_call(call: &CallExpr) -> String {
    let name = call.func_name.as_str();
    match (name, call.args.as_slice()) {
        (operators::LOGICAL_AND, _) => format!("({})", cel_chain(call, " && ")),
        (operators::LOGICAL_OR, _) => format!("({})", cel_chain(call, " || ")),
        (operators::LOGICAL_NOT, [inner]) => format!("(!{})", of_cel(inner)),
        (operators::NEGATE, [inner]) => format!("(-{})", of_cel(inner)),
        (operators::CONDITIONAL, [test, then, other]) => {
            format!("({} ? {} : {})", of_cel(test), of_cel(then), of_cel(other))
        }
        (operators::INDEX, _) => FOREIGN.to_owned(),
        (operators::IN, [left, right]) => format!("({} in {})", of_cel(left), of_cel(right)),
        (_, [left, right]) if name.starts_with('_') && name.ends_with('_') && name.contains(is_sign) => {
            format!("({} {} {})", of_cel(left), name.trim_matches('_'), of_cel(right))
        }
        (_, args) => {
            let target = call.target.as_ref().map(|target| format!("{}.", of_cel(target)));
            format!("{}{name}({})", target.unwrap_or_default(), cel_all(args, ", "))
        }
    }
}

fn is_sign(char: char) -> bool {
    "=!<>+-*/%".contains(char)
}

/// CEL makes a balanced tree of a chain.
fn cel_chain(call: &CallExpr, with: &str) -> String {
    let parts = call.args.iter().map(|arg| match &arg.expr {
        Expr::Call(inner) if inner.func_name == call.func_name => cel_chain(inner, with),
        _ => of_cel(arg),
    });
    parts.collect::<Vec<_>>().join(with)
}

/// By what it starts with and does at each step.
fn cel_loop(parts: &ComprehensionExpr) -> String {
    let (over, variable) = (of_cel(&parts.iter_range), &parts.iter_var);
    let Expr::Call(step) = &parts.loop_step.expr else {
        panic!("a step is a call");
    };
    match (&parts.accu_init.expr, step.args.as_slice()) {
        (Expr::Literal(LiteralValue::Boolean(all)), [_, body]) => {
            let name = if *all.inner() { "all" } else { "exists" };
            format!("{over}.{name}({variable}, {})", of_cel(body))
        }
        (Expr::Literal(_), [body, ..]) => format!("{over}.exists_one({variable}, {})", of_cel(body)),
        (Expr::List(_), [_, added]) => format!("{over}.map({variable}, {})", cel_element(added)),
        (Expr::List(_), [filter, added, _]) => {
            let Expr::Call(added) = &added.expr else {
                panic!("a list is added to it");
            };
            let body = added.args.last().map(cel_element).unwrap_or_default();
            format!("{over}.map({variable}, {}, {body})", of_cel(filter))
        }
        _ => panic!("no loop of the standard"),
    }
}

fn cel_element(list: &IdedExpr) -> String {
    match &list.expr {
        Expr::List(list) => list.elements.first().map(of_cel).unwrap_or_default(),
        _ => panic!("a list of one"),
    }
}
