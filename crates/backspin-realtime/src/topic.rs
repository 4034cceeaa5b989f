//! What can be subscribed to.

use backspin_core::{Error, Result};

/// A message with what an identity provider has sent back.
pub(crate) const OAUTH2: &str = "@oauth2";

/// The topics of a request that can ever have messages, each once. Options follow a `?`; a topic of ours has none, so
/// with options it is another, which stays silent, as in PocketBase.
///
/// Errors: 501 if one is of another kind, for to accept it would promise what never comes.
pub(crate) fn audible<'a>(topics: &[&'a str]) -> Result<Vec<&'a str>> {
    let name = |topic: &'a str| topic.split('?').next().unwrap_or_default();
    match topics.iter().find(|topic| !["", OAUTH2].contains(&name(topic))) {
        Some(_) => Err(Error::Unsupported(
            "This version sends no changes of records yet: the only realtime topic is \"@oauth2\". Nothing was \
             subscribed."
                .to_owned(),
        )),
        None if topics.contains(&OAUTH2) => Ok(vec![OAUTH2]),
        None => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(topics: &[&str], expected: Option<&[&str]>) {
        assert_eq!(audible(topics).ok().as_deref(), expected);
    }

    #[test]
    fn only_what_can_have_messages_is_kept_once() {
        check(&[], Some(&[]));
        check(&["", "?x"], Some(&[]));
        check(&["@oauth2?options=%7B%7D"], Some(&[]));
        check(&["@oauth2", "@oauth2?x", "@oauth2"], Some(&["@oauth2"]));
    }

    #[test]
    fn other_topics_are_refused_whatever_is_beside_them() {
        for topic in ["posts/*", "posts/abc?options=x", "@oauth", "@OAUTH2", "PB_CONNECT"] {
            check(&["@oauth2", topic], None);
        }
    }
}
