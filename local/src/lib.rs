pub mod cli;
pub mod engine;
pub mod page;
pub mod play;
pub mod template;
pub mod wiring;
