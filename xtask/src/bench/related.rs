//! The data behind rules and expands: users, organisations with members, and tasks that belong to both.

use serde_json::{Value, json};

use super::numbers::Numbers;

/// The auth collection.
pub(crate) const USERS: &str = "bench_users";
/// Organisations, each with some users as members.
pub(crate) const ORGS: &str = "bench_orgs";
/// Tasks that everybody may list, by filter and with expands.
pub(crate) const TASKS: &str = "bench_tasks";
/// The same tasks, which only their owner may list.
pub(crate) const OWNED: &str = "bench_owned";
/// The same tasks, which the members of their organisation may list.
pub(crate) const SHARED: &str = "bench_shared";
/// Grows; only the members of the organisation that a note names may create it.
pub(crate) const NOTES: &str = "bench_notes";

/// Tasks in each of the three collections of tasks.
pub(crate) const TASKS_COUNT: usize = 10_000;
/// Organisations.
pub(crate) const ORGS_COUNT: usize = 200;
/// Users; the first of them signs in.
pub(crate) const USERS_COUNT: usize = 25;
/// Every user's password.
pub(crate) const PASSWORD: &str = "correct-horse-battery";

const MEMBERS_PER_ORG: usize = 5;
const STATES: [&str; 4] = ["open", "waiting", "done", "dropped"];

/// The definitions, in the order in which they can be created.
pub(crate) fn definitions() -> Vec<Value> {
    let open = "";
    let relation = |name: &str, collection: &str, most: usize| json!({"type": "relation", "name": name, "collectionId": id_of(collection), "maxSelect": most});
    let define = |name: &str,
                  kind: &str,
                  fields: Value,
                  list_rule: &str,
                  create_rule: &str,
                  indexes: &[&str]| {
        json!({
            "id": id_of(name), "name": name, "type": kind, "fields": fields,
            "listRule": list_rule, "viewRule": open, "createRule": create_rule, "updateRule": open, "deleteRule": open,
            "indexes": indexes.iter()
                .map(|field| format!("CREATE INDEX `idx_{name}_{field}` ON `{name}` (`{field}`)"))
                .collect::<Vec<_>>(),
        })
    };
    let tasks = json!([
        {"type": "text", "name": "title"},
        {"type": "text", "name": "state"},
        {"type": "number", "name": "rank"},
        relation("owner", USERS, 1),
        relation("org", ORGS, 1),
    ]);
    let indexed = ["rank", "owner", "org"];
    vec![
        define(USERS, "auth", json!([{"type": "text", "name": "name"}]), open, open, &[]),
        define(
            ORGS,
            "base",
            json!([{"type": "text", "name": "name"}, relation("members", USERS, 99)]),
            open,
            open,
            &[],
        ),
        define(TASKS, "base", tasks.clone(), open, open, &indexed),
        define(OWNED, "base", tasks.clone(), "owner = @request.auth.id", open, &indexed),
        define(SHARED, "base", tasks, "org.members.id ?= @request.auth.id", open, &indexed),
        define(
            NOTES,
            "base",
            json!([{"type": "text", "name": "text"}, relation("org", ORGS, 1)]),
            open,
            "org.members.id ?= @request.auth.id",
            &[],
        ),
    ]
}

/// The records of each collection, in the order in which they can be stored.
pub(crate) fn records() -> Vec<(&'static str, Vec<Value>)> {
    let mut numbers = Numbers::seeded(0x7A5C);
    let users = (0..USERS_COUNT).map(|at| {
        json!({
            "id": record_id("user", at), "email": email(at), "emailVisibility": true,
            "password": PASSWORD, "passwordConfirm": PASSWORD, "name": format!("User {at}"),
        })
    });
    let users = users.collect();
    let orgs = (0..ORGS_COUNT).map(|at| org(&mut numbers, at)).collect();
    let tasks = (0..TASKS_COUNT).map(|at| task(&mut numbers, at)).collect::<Vec<_>>();
    vec![(USERS, users), (ORGS, orgs), (TASKS, tasks.clone()), (OWNED, tasks.clone()), (SHARED, tasks)]
}

/// What the user at this place signs in with.
pub(crate) fn email(at: usize) -> String {
    format!("user{at}@example.com")
}

/// The id of a task, the same in each of the three collections.
pub(crate) fn task_id(at: usize) -> String {
    record_id("task", at)
}

/// An organisation of which the first user is a member.
pub(crate) fn own_org_id(at: usize) -> String {
    record_id("orgs", at % (ORGS_COUNT / USERS_COUNT) * USERS_COUNT)
}

/// The state of the tasks that the filter asks for.
pub(crate) fn state(at: usize) -> &'static str {
    STATES[at % STATES.len()]
}

fn org(numbers: &mut Numbers, at: usize) -> Value {
    // One member by turns, so that every user is in some; the others by chance.
    let mut members = vec![at % USERS_COUNT];
    while members.len() < MEMBERS_PER_ORG {
        let next = numbers.below(USERS_COUNT);
        if !members.contains(&next) {
            members.push(next);
        }
    }
    let members = members.into_iter().map(|user| record_id("user", user)).collect::<Vec<_>>();
    json!({"id": record_id("orgs", at), "name": numbers.words(2), "members": members})
}

fn task(numbers: &mut Numbers, at: usize) -> Value {
    json!({
        "id": task_id(at),
        "title": numbers.words(12),
        "state": state(numbers.below(STATES.len())),
        "rank": at * 7919 % TASKS_COUNT,
        "owner": record_id("user", numbers.below(USERS_COUNT)),
        "org": record_id("orgs", numbers.below(ORGS_COUNT)),
    })
}

fn record_id(prefix: &str, at: usize) -> String {
    format!("{prefix}{at:011}")
}

fn id_of(collection: &str) -> String {
    format!("{collection:0<15}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_run_has_the_same_records() {
        assert_eq!(records(), records());
    }

    #[test]
    fn the_first_user_is_a_member_of_its_own_orgs() {
        let records = records();
        let orgs = &records[1].1;
        for at in 0..10 {
            let org = orgs.iter().find(|org| org["id"] == own_org_id(at)).unwrap();
            assert_eq!(org["members"][0], record_id("user", 0));
        }
    }
}
