//! Checks that what a manifest refers to exists: components, variables, and other components over HTTP.

use crate::outbound::internal_component;
use crate::variables::Template;

use super::error::{Located, ManifestError, Position};
use super::{Component, Manifest, TriggerTarget};

pub(super) fn check(manifest: &Manifest) -> Result<(), ManifestError> {
    if manifest.triggers.is_empty() {
        let start = Position { line: 1, column: 1 };
        return Err(manifest.error(start, "there is no [[trigger.http]]: nothing would be served"));
    }
    for trigger in &manifest.triggers {
        if let TriggerTarget::Component(id) = &trigger.target
            && manifest.find_component(&id.value).is_none()
        {
            let message = format!("there is no component `{0}`: add [component.{0}]", id.value);
            return Err(manifest.error(id.at, message));
        }
    }
    for component in &manifest.components {
        for variable in &component.variables {
            check_template(manifest, &variable.value)?;
        }
        check_allowed_hosts(manifest, component)?;
    }
    Ok(())
}

fn check_template(manifest: &Manifest, template: &Located<Template>) -> Result<(), ManifestError> {
    match template.value.variables().find(|name| !manifest.variables.iter().any(|v| v.name.value == **name)) {
        None => Ok(()),
        Some(unknown) => {
            let message = format!("there is no variable `{unknown}`: declare it in [variables]");
            Err(manifest.error(template.at, message))
        }
    }
}

/// `http://ID.spin.internal` must name a component that a trigger serves.
fn check_allowed_hosts(manifest: &Manifest, component: &Component) -> Result<(), ManifestError> {
    for host in &component.allowed_outbound_hosts {
        check_template(manifest, host)?;
        let Some(id) = host.value.literal().and_then(internal_component) else { continue };
        let served = |id: &str| {
            manifest.triggers.iter().any(|trigger| {
                matches!(&trigger.target, TriggerTarget::Component(component) if component.value == id)
            })
        };
        if manifest.find_component(id).is_none() {
            return Err(manifest.error(host.at, format!("there is no component `{id}` to call")));
        }
        if !served(id) {
            let message = format!(
                "the component `{id}` has no trigger, so it cannot be called: \
                 add [[trigger.http]] with route = {{ private = true }} and component = {id:?}"
            );
            return Err(manifest.error(host.at, message));
        }
    }
    Ok(())
}
