//! Operations under way: not carried out yet, or carried out and not heard of.

use std::hash::{Hash, Hasher};
use std::rc::Rc;

use propusk::protocol::request::Request;
use propusk::protocol::response::Response;
use propusk::session::Op;

/// Something under way.
#[derive(Clone, Hash, PartialEq, Eq)]
pub(super) struct Open {
    pub(super) who: usize,
    pub(super) op: Op,
    /// Of what, where it is the store's or a lock.
    pub(super) place: usize,
    pub(super) stage: Stage,
}

#[derive(Clone)]
pub(super) enum Stage {
    /// Not carried out yet.
    Load,
    Swap(Option<String>, Option<String>),
    Put(Option<String>),
    Send(Rc<Request>),
    Lock,
    /// Carried out; the context does not know yet.
    Loaded(Option<String>),
    Swapped(bool),
    Answered(Rc<Response>),
    Unlocked,
}

impl Stage {
    fn name(&self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Swap(..) => "swap",
            Self::Put(_) => "put",
            Self::Send(_) => "send",
            Self::Lock => "lock",
            Self::Loaded(_) => "loaded",
            Self::Swapped(_) => "swapped",
            Self::Answered(_) => "answered",
            Self::Unlocked => "unlocked",
        }
    }

    fn text(&self) -> (Option<&str>, Option<&str>) {
        match self {
            Self::Swap(expected, value) => (expected.as_deref(), value.as_deref()),
            Self::Put(value) | Self::Loaded(value) => (value.as_deref(), None),
            Self::Send(request) => (request.body.as_deref(), Some(request.purpose.as_str())),
            Self::Answered(response) => (std::str::from_utf8(&response.body).ok(), None),
            Self::Swapped(true) => (Some("true"), None),
            Self::Load | Self::Lock | Self::Swapped(false) | Self::Unlocked => (None, None),
        }
    }

    /// Whether it is the store's.
    pub(super) fn is_stores(&self) -> bool {
        matches!(self, Self::Load | Self::Swap(..) | Self::Put(_))
    }
}

impl PartialEq for Stage {
    fn eq(&self, other: &Self) -> bool {
        (self.name(), self.text()) == (other.name(), other.text())
    }
}

impl Eq for Stage {}

impl Hash for Stage {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.name(), self.text()).hash(state);
    }
}
