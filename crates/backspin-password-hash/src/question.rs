//! What the component `password-hasher` is asked, and what it answers: JSON, in a `POST` of any path.

use std::borrow::Cow;

use backspin_core::{HashCost, Result, SALT_BYTES};
use serde::{Deserialize, Serialize};

/// The component's id.
pub const COMPONENT: &str = "password-hasher";

/// A computation, with all that it depends on.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Question<'a> {
    /// Answered by [`Hashed`].
    Hash { password: Cow<'a, str>, salt: [u8; SALT_BYTES], cost: HashCost },
    /// Answered by [`Verified`].
    Verify { password: Cow<'a, str>, hash: Cow<'a, str> },
}

/// The hash of a password.
#[derive(Serialize, Deserialize)]
pub struct Hashed {
    pub hash: String,
}

/// Whether a password is that of a hash.
#[derive(Serialize, Deserialize)]
pub struct Verified {
    pub matches: bool,
}

/// Either answer.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Computed {
    Hashed(Hashed),
    Verified(Verified),
}

impl Question<'_> {
    /// Computes at once. Errors: those of [`crate::hash()`].
    pub fn compute(&self) -> Result<Computed> {
        Ok(match self {
            Question::Hash { password, salt, cost } => {
                Computed::Hashed(Hashed { hash: crate::hash(password, *salt, *cost)? })
            }
            Question::Verify { password, hash } => {
                Computed::Verified(Verified { matches: crate::verify(password, hash) })
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_answered_after_its_way_as_json() {
        let ask = |question: &str| {
            let question: Question<'_> = serde_json::from_str(question).unwrap();
            serde_json::to_string(&question.compute().unwrap()).unwrap()
        };
        let cost = HashCost { memory_kib: 64, iterations: 1 };
        let question = Question::Hash { password: "a\"b".into(), salt: [3; SALT_BYTES], cost };
        let Hashed { hash } = serde_json::from_str(&ask(&serde_json::to_string(&question).unwrap())).unwrap();
        assert_eq!(hash, crate::hash("a\"b", [3; SALT_BYTES], cost).unwrap());
        let verify = |password: &str| {
            let question = Question::Verify { password: password.into(), hash: hash.as_str().into() };
            ask(&serde_json::to_string(&question).unwrap())
        };
        assert_eq!([verify("a\"b"), verify("ab")], [r#"{"matches":true}"#, r#"{"matches":false}"#]);
    }
}
