//! What may not change in a collection that is there.

use backspin_core::{FieldError, FieldErrors};

use super::{Draft, add};

pub(super) fn check(draft: &Draft<'_>, errors: &mut FieldErrors) {
    let (collection, Some(before)) = (draft.collection, draft.before) else { return };
    if collection.system != before.system {
        let message = "System collection state cannot be changed.";
        errors.add("system", FieldError::new("validation_collection_system_flag_change", message));
    }
    if collection.type_name() != before.type_name() {
        let message = "Collection type cannot be changed.";
        errors.add("type", FieldError::new("validation_collection_type_change", message));
    }
    if !before.system {
        return;
    }
    if collection.name != before.name {
        let message = "System collection name cannot be changed.";
        errors.add("name", FieldError::new("validation_collection_system_name_change", message));
    }
    let auth_rule = |collection: &backspin_schema::Collection| {
        collection.auth().map(|options| (options.auth_rule.clone(), options.manage_rule.clone()))
    };
    let (new, old) = (auth_rule(collection).unwrap_or_default(), auth_rule(before).unwrap_or_default());
    for (part, same) in [
        ("listRule", collection.list_rule == before.list_rule),
        ("viewRule", collection.view_rule == before.view_rule),
        ("createRule", collection.create_rule == before.create_rule),
        ("updateRule", collection.update_rule == before.update_rule),
        ("deleteRule", collection.delete_rule == before.delete_rule),
        ("authRule", !collection.is_auth() || new.0 == old.0),
        ("manageRule", !collection.is_auth() || new.1 == old.1),
    ] {
        let message = "System collection API rule cannot be changed.";
        let change = FieldError::new("validation_collection_system_rule_change", message);
        add(errors, part, if same { Ok(()) } else { Err(change) });
    }
}
