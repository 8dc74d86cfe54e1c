//! What the services take from where they run: a clock, randomness, delays, a place for the log.

use std::pin::Pin;
use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Ends when a delay is over.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An operating system, or what stands for one.
#[derive(Debug, Clone, Copy)]
pub struct Host {
    /// Milliseconds since the Unix epoch.
    pub now: fn() -> u64,
    /// Fills with bytes that nobody can guess.
    pub random: fn(&mut [u8]),
    /// Waits so long.
    pub sleep: fn(Duration) -> Sleep,
    /// Takes a request's lines in the log.
    pub log: fn(&str),
}

impl Host {
    pub(crate) fn now(self) -> u64 {
        (self.now)()
    }

    pub(crate) fn sleep(self, ms: u64) -> Sleep {
        (self.sleep)(Duration::from_millis(ms))
    }

    /// 32 characters of the base64url alphabet.
    pub(crate) fn random_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.random::<24>())
    }

    /// 32 lower-case hex digits.
    pub(crate) fn random_hex(self) -> String {
        format!("{:032x}", u128::from_be_bytes(self.random()))
    }

    fn random<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.random)(&mut bytes);
        bytes
    }
}
