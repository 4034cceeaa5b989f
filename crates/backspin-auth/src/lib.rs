//! backspin-auth
