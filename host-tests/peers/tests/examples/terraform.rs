//! The isolated builder.

use std::path::Path;
use std::process::Command;

use anyhow::Result;
use libtest_mimic::Failed;
use sealstone_peers::Program;

use crate::example;

const FOLDER: &str = "isolated-builder/terraform";

pub(crate) fn passes() -> Result<(), Failed> {
    Ok(example::accept(&mut check(&example::path(FOLDER))?)?)
}

/// File, a change of one place, and what is said of it.
const WRONG: [(&str, &str, &str, &str); 7] = [
    (
        "registry.tf",
        "  admin_enabled ",
        "  admin_enabled",
        "registry.tf: not formatted",
    ),
    (
        "registry.tf",
        "anonymous_pull_enabled ",
        "anonymous_push_enabled ",
        "no argument `anonymous_push_enabled`",
    ),
    (
        "signing.tf",
        "  sku_name                      = \"premium\" # the one with hardware\n",
        "",
        "`sku_name` is missing",
    ),
    (
        "jobs.tf",
        "  manual_trigger_config {",
        "  trigger_config {",
        "no block `trigger_config`",
    ),
    (
        "network.tf",
        "azurerm_subnet.firewall.id",
        "azurerm_subnet.wall.id",
        "`azurerm_subnet.wall` is declared nowhere",
    ),
    (
        "outputs.tf",
        ".public_key_pem",
        ".private_key_pem",
        "no attribute `private_key_pem`",
    ),
    (
        "identities.tf",
        "\"azurerm_federated_identity_credential\"",
        "\"azurerm_password\"",
        "the provider has no `azurerm_password`",
    ),
];

pub(crate) fn refuses() -> Result<(), Failed> {
    for (place, (file, from, to, saying)) in WRONG.into_iter().enumerate() {
        let folder = example::fresh(&format!("terraform-{place}"))?;
        for entry in std::fs::read_dir(example::path(FOLDER))? {
            let entry = entry?;
            std::fs::copy(entry.path(), folder.join(entry.file_name()))?;
        }
        let path = folder.join(file);
        let text = std::fs::read_to_string(&path)?;
        std::fs::write(&path, example::changed(&text, from, to)?)?;
        example::refuse(&mut check(&folder)?, saying)?;
    }
    Ok(())
}

fn check(folder: &Path) -> Result<Command> {
    let mut command = Command::new(Program::TerraformCheck.install()?);
    command.arg(Program::AzurermSchema.install()?).arg(folder);
    Ok(command)
}
