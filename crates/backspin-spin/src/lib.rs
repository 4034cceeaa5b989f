//! backspin-spin
