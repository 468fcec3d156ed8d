//! What to change so that a fault applies.

use clap::ValueEnum as _;
use sealstone_forge::{Identity, VirtualSigstore};

use super::{Content, Credential, Format, Plan, Rekor, SignerArguments, TimestampAuthority};

/// Says which other flags make evidence that can carry the fault, with as few changes as possible.
pub(super) fn advice(
    arguments: &SignerArguments,
    sigstore: &VirtualSigstore,
    plan: &Plan,
    content: &Content,
) -> String {
    let mut tries: Vec<(Plan, Vec<String>)> = plans(plan);
    tries.sort_by_key(|(_, changes)| changes.len());
    let fits = |plan: &Plan| {
        let is_legacy = plan.format == Format::Legacy;
        (plan.rekor != Rekor::V2 || plan.format == Format::Bundle03)
            && !(is_legacy && matches!(content, Content::Message(_)))
            && arguments.sign(sigstore, plan, content).is_ok()
    };
    match tries.iter().find(|(plan, _)| fits(plan)) {
        Some((_, changes)) => format!("it applies with {}", changes.join(" ")),
        None => "`sealstone forge faults` says what each fault breaks".to_owned(),
    }
}

/// Every other plan, with the flags that ask for it.
fn plans(plan: &Plan) -> Vec<(Plan, Vec<String>)> {
    let mut plans = vec![(plan.clone(), Vec::new())];
    if let Credential::Key(_) = plan.credential {
        let identity = Identity::email("https://accounts.example.com", "release@example.com");
        let credential = Credential::Certificate(Box::new(identity));
        vary(&mut plans, "--identity … --issuer …", |plan| {
            plan.credential = credential.clone();
        });
    }
    for authority in TimestampAuthority::value_variants() {
        if !plan.timestamps.contains(authority) {
            let flag = format!("--timestamp-authority {}", name(authority));
            vary(&mut plans, &flag, |plan| plan.timestamps = vec![*authority]);
        }
    }
    for rekor in Rekor::value_variants() {
        if *rekor != plan.rekor {
            let flag = format!("--rekor {}", name(rekor));
            vary(&mut plans, &flag, |plan| plan.rekor = *rekor);
        }
    }
    for format in Format::value_variants() {
        if *format != plan.format {
            let flag = format!("--format {}", name(format));
            vary(&mut plans, &flag, |plan| plan.format = *format);
        }
    }
    plans
}

/// Adds each plan with one more change.
fn vary(plans: &mut Vec<(Plan, Vec<String>)>, flag: &str, change: impl Fn(&mut Plan)) {
    let changed: Vec<_> = plans
        .iter()
        .filter(|(_, changes)| {
            let option = flag.split(' ').next().unwrap_or_default();
            !changes.iter().any(|change| change.starts_with(option))
        })
        .map(|(plan, changes)| {
            let (mut plan, mut changes) = (plan.clone(), changes.clone());
            change(&mut plan);
            changes.push(flag.to_owned());
            (plan, changes)
        })
        .collect();
    plans.extend(changed);
}

fn name(value: &impl clap::ValueEnum) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}
