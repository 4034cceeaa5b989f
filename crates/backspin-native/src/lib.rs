//! backspin-native
