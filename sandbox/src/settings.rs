//! The command line, and what the operating system gives.

use std::io::Write as _;
use std::net::IpAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::{Parser, ValueEnum};
use rand::RngCore as _;

use crate::host::Host;
use crate::options::Defaults;

const ACCOUNTS: &str = "\
Accounts (any other password is wrong):
  bifit-kassa    79990000001 / secret
                 79990000002 / secret, second factor: code 123456
                 79990000003 / secret, \"expired\"
                 79990000004 / пароль
  invoicebox     token b37c4c689295904ed21eee5d9a48d42e (v3), 29078-API:b37c4c689295904ed21eee5d9a48d42e (l3)
                 token f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0, 29078-API:f0f0...: known, but forbidden (403)
  mobile-smarts  user@domain.ru / 123456
                 expired@domain.ru / 123456, \"expired\"
  bstats         demo / demo (on the consent page)
  smart-satu     supplier / qwerty
                 expired / qwerty, \"expired\"

\"expired\": the token of a login is refused by the API from the start; renewing it, or logging in again after the
refusal, gives a good one.

When ready, one line of JSON on stdout tells the addresses. The control port is described in sandbox/README.md.";

/// Five services on loopback ports, as strict as their documents. For demos and tests; keeps everything in memory.
#[derive(Debug, Clone, Parser)]
#[command(name = "sandbox", version, after_long_help = ACCOUNTS)]
pub struct Settings {
    /// Loopback address to listen on.
    #[arg(long, default_value = "127.0.0.1", value_parser = loopback)]
    pub host: IpAddr,

    /// Control port; the services take the five after it. 0: six free ports.
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub ports: u16,

    /// Lifetime of access tokens. Default: what each service documents (43199, 86400; smart-satu 86400).
    #[arg(long, value_name = "SECONDS")]
    pub token_lifetime: Option<u64>,

    /// Delay of every answer of the services.
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub latency: u64,

    /// Whether the services answer pages of other origins.
    #[arg(long, value_enum, default_value_t = Switch::On)]
    pub cors: Switch,

    /// How long a refresh token that was spent still gives the same answer again, instead of revoking its family.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0, value_parser = seconds)]
    pub grace: f64,

    /// Keep connections open between requests, as real servers do. Off, since a browser silently repeats a request whose
    /// reused connection dies: a test of just that would see two.
    #[arg(long)]
    pub keep_alive: bool,

    /// No log on stderr.
    #[arg(long)]
    pub quiet: bool,

    /// End when standard input closes, so that the sandbox never outlives a test that started it.
    #[arg(long)]
    pub until_stdin_closes: bool,
}

impl Settings {
    pub(crate) fn defaults(&self) -> Defaults {
        Defaults {
            token_lifetime: self.token_lifetime,
            latency: self.latency,
            cors: self.cors == Switch::On,
            grace: self.grace,
        }
    }

    pub(crate) fn operating_system(&self) -> Host {
        Host {
            now: || {
                SystemTime::now()
                    .duration_since(UNIX_EPOCH)
                    .map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
            },
            random: |bytes| rand::rng().fill_bytes(bytes),
            sleep: |duration| Box::pin(tokio::time::sleep(duration)),
            // Nobody reads the log any more: no reason to stop serving.
            log: if self.quiet { |_| {} } else { |line| drop(writeln!(std::io::stderr(), "{line}")) },
        }
    }
}

/// On or off, spelled so on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

fn loopback(text: &str) -> Result<IpAddr, String> {
    let address: IpAddr = text.parse().map_err(|_| "not an IP address".to_owned())?;
    if address.is_loopback() { Ok(address) } else { Err("only loopback addresses: this is no server".to_owned()) }
}

fn seconds(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0).ok_or_else(|| "not a number of seconds".to_owned())
}
