//! What a stored record says about itself.

use propusk::protocol::json::{self, Mode};
use propusk::session::version::Version;
use propusk::value::Value;

/// A stored session, as far as judges need it.
#[derive(Debug)]
pub struct Record {
    /// Which of two is the newer one.
    pub version: Version,
    /// Its tokens.
    pub tokens: Vec<String>,
}

impl Record {
    /// Reads a record; `None` for one that is none.
    pub fn read(record: &str) -> Option<Self> {
        let record = json::read(record, Mode::Strict).ok()?;
        let number = |name: &str| record.get(name).and_then(Value::scalar)?.parse().ok();
        let text = |name: &str| record.get(name).and_then(Value::as_str).map(str::to_owned);
        Some(Self {
            version: Version { login: number("login")?, renewal: number("renewal")? },
            tokens: text("access").into_iter().chain(text("refresh")).collect(),
        })
    }
}
