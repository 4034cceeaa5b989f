//! backspin
fn main() {}
