//! Who changes the schema, and what that may cost.

/// Who changes the schema, and what that may cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Terms<'a> {
    /// For the history; at most 255 characters.
    pub author: &'a str,
    pub accepted_losses: Losses<'a>,
}

/// The steps that may take data away. What they take is kept for a revert.
#[derive(Clone, Copy, Debug)]
pub enum Losses<'a> {
    /// Any step.
    All,
    /// Those with these [`crate::Step::target`]s.
    Of(&'a [String]),
}

impl Losses<'_> {
    pub(crate) fn contain(self, target: &str) -> bool {
        match self {
            Losses::All => true,
            Losses::Of(targets) => targets.iter().any(|other| other == target),
        }
    }
}

impl Default for Losses<'_> {
    /// None at all.
    fn default() -> Self {
        Losses::Of(&[])
    }
}
