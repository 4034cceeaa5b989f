//! Why a plan was not carried out.

use backspin_core::{DatabaseError, Error, FieldError, FieldErrors};

use crate::Step;

/// Why a change was not made, or not taken back.
#[derive(Debug)]
pub enum Failure {
    /// The database refuses a statement, because of what users wrote or of the data.
    Step(Box<StepFailure>),
    Other(Error),
}

/// A step that fails.
#[derive(Debug)]
pub struct StepFailure {
    /// Counted from 0.
    pub position: usize,
    pub step: Step,
    /// The statement that was refused.
    pub sql: String,
    pub error: DatabaseError,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Failure::Other(error)
    }
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Failure::Other(error.into())
    }
}

impl From<Failure> for Error {
    /// A step that fails is a 400 that names it: `steps.N`, `validation_step_failed`.
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Other(error) => error,
            Failure::Step(failure) => {
                let message = format!("{}: {}.", failure.step.summary, failure.error);
                let step = FieldError::new("validation_step_failed", message);
                let steps = FieldErrors::from_iter([(failure.position.to_string(), step)]);
                let fields = FieldErrors::from_iter([("steps", FieldError::Nested(steps))]);
                Error::BadRequest { message: "The change failed. Nothing was changed.".into(), fields }
            }
        }
    }
}
