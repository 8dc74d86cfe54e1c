//! Answers spoilt on purpose.

use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::exchange::Reply;
use crate::journal::Purpose;
use crate::services::Id;

/// A fault that waits for its requests.
#[derive(Debug)]
pub(crate) struct Fault {
    service: Id,
    /// None: all but those that a browser sends first, by itself.
    purpose: Option<Purpose>,
    /// Requests let through first.
    after: u64,
    /// Requests still to be spoilt; None: all.
    left: Option<u64>,
    spoil: Spoil,
}

/// What is done to one request: another answer, and another way to give it, or one of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Spoil(Vec<Kind>);

impl Spoil {
    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.0
    }

    /// Whether the service carries the request out.
    pub(crate) fn handled(&self) -> bool {
        self.0.iter().all(Kind::handled)
    }

    /// What the journal says; None where nothing but time was lost.
    pub(crate) fn why(&self) -> Option<String> {
        let spoils = |kind: &&Kind| !matches!(kind, Kind::Hold { .. } | Kind::Slow { .. });
        let handled = if self.handled() { "carried out" } else { "not carried out" };
        self.0.iter().find(spoils).map(|kind| format!("{} ({handled})", kind.what()))
    }

    pub(crate) fn answer(self, reply: Reply) -> Reply {
        self.0.into_iter().fold(reply, |reply, kind| kind.spoil(reply))
    }
}

/// What is done to a request. `handled`: whether the service carries it out all the same.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(crate) enum Kind {
    /// Another answer.
    Status {
        status: u16,
        #[serde(default)]
        headers: std::collections::BTreeMap<String, String>,
        #[serde(default)]
        body: String,
        content_type: Option<String>,
        #[serde(default)]
        handled: bool,
    },
    /// The real answer's head, and half of its body.
    Truncate {},
    /// The connection is closed without an answer.
    Reset {
        #[serde(default)]
        handled: bool,
    },
    /// The head of the answer, and never its body.
    Stall {
        #[serde(default = "yes")]
        handled: bool,
    },
    /// The real answer, `delay` milliseconds late.
    Slow { delay: u64 },
    /// A redirect.
    Redirect {
        location: String,
        #[serde(default = "found")]
        status: u16,
        #[serde(default)]
        handled: bool,
    },
    /// The real answer's head with another body.
    Body {
        #[serde(default)]
        body: Option<String>,
        #[serde(default)]
        body_base64: Option<String>,
        #[serde(default)]
        status: Option<u16>,
        #[serde(default)]
        content_type: Option<String>,
        #[serde(default = "yes")]
        handled: bool,
    },
    /// Waits for `POST /release`: before the service carries it out, or after.
    Hold {
        #[serde(default)]
        handled: bool,
    },
}

fn yes() -> bool {
    true
}

fn found() -> u16 {
    302
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Target {
    service: Id,
    purpose: Purpose,
    #[serde(default = "once")]
    times: i64,
    #[serde(default)]
    after: u64,
}

fn once() -> i64 {
    1
}

/// A fault as a program gives it that has checked it before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    service: Id,
    purpose: Option<Purpose>,
    /// None: for ever.
    times: Option<u64>,
    kinds: Vec<Kind>,
}

impl Fault {
    /// Reads a fault as `POST /faults` takes it; the error names what is wrong.
    pub(crate) fn read(mut given: Map<String, Value>) -> Result<Self, String> {
        // Two parts with one name space: split by hand, since serde's `flatten` would let unknown names pass.
        let target: Map<String, Value> =
            ["service", "purpose", "times", "after"].iter().filter_map(|name| given.remove_entry(*name)).collect();
        let target: Target = serde_json::from_value(Value::Object(target)).map_err(|error| error.to_string())?;
        let kind: Kind = serde_json::from_value(Value::Object(given)).map_err(|error| error.to_string())?;
        kind.validate()?;
        let left = match target.times {
            -1 => None,
            times => Some(u64::try_from(times).map_err(|_| "times is -1 (for ever) or a count".to_owned())?),
        };
        let purpose = Some(target.purpose);
        Ok(Self { service: target.service, purpose, after: target.after, left, spoil: Spoil(vec![kind]) })
    }

    /// Reads `{service, purpose, times, kinds}`, of which `purpose` and `times` may be null: any, and for ever.
    pub(crate) fn of_kinds(text: &str) -> Result<Self, String> {
        let Given { service, purpose, times, kinds } = serde_json::from_str(text).map_err(|error| error.to_string())?;
        kinds.iter().try_for_each(Kind::validate)?;
        Ok(Self { service, purpose, after: 0, left: times, spoil: Spoil(kinds) })
    }

    fn fits(&self, service: Id, purpose: Purpose) -> bool {
        self.service == service && self.purpose.map_or(purpose != Purpose::Preflight, |asked| asked == purpose)
    }
}

impl Kind {
    fn validate(&self) -> Result<(), String> {
        let status = match self {
            Self::Status { status, headers, content_type, .. } => {
                for (name, value) in headers {
                    HeaderName::try_from(name.as_str()).map_err(|_| format!("{name:?} is no header name"))?;
                    HeaderValue::from_str(value).map_err(|_| format!("the header {name} has an impossible value"))?;
                }
                valid_content_type(content_type.as_deref())?;
                Some(*status)
            }
            Self::Redirect { location, status, .. } => {
                HeaderValue::from_str(location).map_err(|_| "location is no header value".to_owned())?;
                Some(*status)
            }
            Self::Body { body, body_base64, status, content_type, .. } => {
                match (body, body_base64) {
                    (Some(_), None) => {}
                    (None, Some(text)) => {
                        drop(STANDARD.decode(text).map_err(|_| "bodyBase64 is no base64".to_owned())?)
                    }
                    _ => return Err("exactly one of body and bodyBase64".to_owned()),
                }
                valid_content_type(content_type.as_deref())?;
                *status
            }
            _ => None,
        };
        match status {
            Some(status) if !(200..=599).contains(&status) => Err("status is between 200 and 599".to_owned()),
            _ => Ok(()),
        }
    }

    /// Whether the service carries the request out.
    fn handled(&self) -> bool {
        match self {
            Self::Status { handled, .. }
            | Self::Reset { handled }
            | Self::Stall { handled }
            | Self::Redirect { handled, .. }
            | Self::Body { handled, .. } => *handled,
            Self::Truncate {} | Self::Slow { .. } | Self::Hold { .. } => true,
        }
    }

    /// What the journal says about it.
    fn what(&self) -> &'static str {
        match self {
            Self::Status { .. } => "another status instead of the answer",
            Self::Truncate {} => "the answer was cut off in the middle",
            Self::Reset { .. } => "the connection was closed without an answer",
            Self::Stall { .. } => "the head was sent, the body never",
            Self::Slow { .. } => "the answer was late",
            Self::Redirect { .. } => "a redirect instead of the answer",
            Self::Body { .. } => "another body in the answer",
            Self::Hold { .. } => "the request was held",
        }
    }

    /// Spoils the answer, where the answer itself is what gets spoilt.
    fn spoil(self, reply: Reply) -> Reply {
        match self {
            Self::Status { status, headers, body, content_type, .. } => {
                let mut spoilt = Reply::new(status_code(status));
                for (name, value) in &headers {
                    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name.as_str()), HeaderValue::from_str(value)) {
                        spoilt.headers.append(name, value);
                    }
                }
                let typed = content_type.is_some() || !body.is_empty();
                if typed && !spoilt.headers.contains_key(header::CONTENT_TYPE) {
                    spoilt = spoilt.with(header::CONTENT_TYPE, content_type.as_deref().unwrap_or("application/json"));
                }
                spoilt.body = body.into_bytes();
                spoilt
            }
            Self::Redirect { location, status, .. } => {
                Reply::new(status_code(status)).with(header::LOCATION, &location)
            }
            Self::Body { body, body_base64, status, content_type, .. } => {
                let mut spoilt = reply;
                spoilt.body = match (body, body_base64) {
                    (Some(text), _) => text.into_bytes(),
                    (None, text) => STANDARD.decode(text.unwrap_or_default()).unwrap_or_default(),
                };
                if let Some(status) = status {
                    spoilt.status = status_code(status);
                }
                match content_type {
                    Some(kind) => spoilt.with(header::CONTENT_TYPE, &kind),
                    None if spoilt.headers.contains_key(header::CONTENT_TYPE) => spoilt,
                    None => spoilt.with(header::CONTENT_TYPE, "application/json"),
                }
            }
            _ => reply,
        }
    }
}

fn valid_content_type(given: Option<&str>) -> Result<(), String> {
    match given.map(HeaderValue::from_str) {
        Some(Err(_)) => Err("contentType is no header value".to_owned()),
        _ => Ok(()),
    }
}

fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

/// The faults that wait for requests.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    fn list(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn add(&self, fault: Fault) {
        self.list().push(fault);
    }

    pub(crate) fn clear(&self) {
        self.list().clear();
    }

    /// The first fault that is due for a request. One that still lets requests through counts this one.
    pub(crate) fn take(&self, service: Id, purpose: Purpose) -> Spoil {
        let mut list = self.list();
        for fault in list.iter_mut().filter(|fault| fault.fits(service, purpose)) {
            if fault.after > 0 {
                fault.after -= 1;
                continue;
            }
            match &mut fault.left {
                Some(0) => {}
                Some(left) => {
                    *left -= 1;
                    return fault.spoil.clone();
                }
                None => return fault.spoil.clone(),
            }
        }
        Spoil::default()
    }
}
