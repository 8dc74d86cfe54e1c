//! Who asked what, and what came of it. Never holds a secret in clear.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};

use crate::exchange::Ask;
use crate::masks::Masks;
use crate::services::Id;

/// Older entries go first; the counts stay.
const KEPT: usize = 20_000;

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A sign-in.
    Login,
    /// A sign-in's second step.
    Confirm,
    /// A renewal.
    Refresh,
    /// A code for a token.
    Exchange,
    /// Whose token it is.
    Check,
    /// A call.
    Api,
    /// The user's consent.
    Authorize,
    /// What a browser asks first.
    Preflight,
}

/// What came of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Verdict {
    /// Not answered yet.
    Pending,
    /// Answered as asked.
    Ok,
    /// Answered with what is wrong with it.
    Refused,
    /// Spoilt on purpose.
    Fault,
    /// The client left before the answer.
    Gone,
}

/// One request.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    n: u64,
    /// Whose it was.
    pub service: Id,
    /// What it was for.
    pub purpose: Purpose,
    /// As sent.
    pub method: String,
    /// With its query, secrets masked.
    pub path: String,
    /// None: no answer, or none yet.
    pub status: Option<u16>,
    verdict: Verdict,
    why: Option<String>,
    /// What the service found wrong with it, also where its answer was spoilt.
    #[serde(skip)]
    pub refused: Option<String>,
    grant: Option<String>,
    headers: BTreeMap<String, String>,
    user_agent: Option<String>,
}

#[derive(Default)]
struct Book {
    last: u64,
    entries: VecDeque<Entry>,
    counts: BTreeMap<Id, BTreeMap<Purpose, u64>>,
}

/// The journal of all services.
pub(crate) struct Journal {
    book: Mutex<Book>,
    log: fn(&str),
}

impl Journal {
    pub(crate) fn new(log: fn(&str)) -> Self {
        Self { book: Mutex::default(), log }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a request that has arrived. The page is to be finished; if it is dropped, the client has gone.
    pub(crate) fn begin(
        self: &Arc<Self>,
        service: Id,
        purpose: Purpose,
        grant: Option<String>,
        ask: &Ask,
        masks: &Masks<'_>,
    ) -> Page {
        let mut book = self.book();
        book.last += 1;
        let n = book.last;
        *book.counts.entry(service).or_default().entry(purpose).or_default() += 1;
        if book.entries.len() >= KEPT {
            book.entries.pop_front();
        }
        book.entries.push_back(Entry {
            n,
            service,
            purpose,
            method: ask.method.to_string(),
            path: match &ask.query {
                Some(query) => format!("{}?{}", masks.path(&ask.path), masks.query(query)),
                None => masks.path(&ask.path),
            },
            status: None,
            verdict: Verdict::Pending,
            why: None,
            refused: None,
            grant,
            headers: masked(&ask.headers, masks),
            user_agent: ask.header("user-agent").map(str::to_owned),
        });
        Page { journal: Arc::clone(self), n, open: true }
    }

    pub(crate) fn entries(&self, service: Option<Id>) -> Vec<Entry> {
        self.book().entries.iter().filter(|entry| service.is_none_or(|id| id == entry.service)).cloned().collect()
    }

    pub(crate) fn counts(&self) -> BTreeMap<Id, BTreeMap<Purpose, u64>> {
        let counted = self.book().counts.clone();
        Id::ALL.into_iter().map(|id| (id, counted.get(&id).cloned().unwrap_or_default())).collect()
    }

    /// Forgets entries and counts; numbers go on, so that a request still under way finds no wrong entry.
    pub(crate) fn clear(&self) {
        let mut book = self.book();
        book.entries.clear();
        book.counts.clear();
    }

    fn finish(&self, n: u64, end: End) {
        let line = {
            let mut book = self.book();
            let Some(entry) = book.entries.iter_mut().rev().find(|entry| entry.n == n) else {
                return;
            };
            entry.status = end.status;
            entry.verdict = end.verdict;
            entry.why = end.why;
            entry.refused = end.refused;
            line(entry)
        };
        (self.log)(&line);
    }
}

/// What came of a request, for its entry.
pub(crate) struct End {
    pub(crate) status: Option<u16>,
    pub(crate) verdict: Verdict,
    pub(crate) why: Option<String>,
    pub(crate) refused: Option<String>,
}

/// An entry that waits for its end.
pub(crate) struct Page {
    journal: Arc<Journal>,
    n: u64,
    open: bool,
}

impl Page {
    pub(crate) fn finish(mut self, end: End) {
        self.open = false;
        self.journal.finish(self.n, end);
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if self.open {
            let why = Some("the client left before the answer".to_owned());
            self.journal.finish(self.n, End { status: None, verdict: Verdict::Gone, why, refused: None });
        }
    }
}

fn line(entry: &Entry) -> String {
    let status = entry.status.map_or_else(|| "---".to_owned(), |status| status.to_string());
    let asked = format!("{:<13} {status} {} {}", entry.service.name(), entry.method, entry.path);
    let grant = entry.grant.as_deref().map(|grant| format!(" grant {grant:?}")).unwrap_or_default();
    match (entry.verdict, entry.why.as_deref()) {
        (Verdict::Ok, _) => format!("{asked}{grant}"),
        (verdict, why) => format!("{asked}{grant}\n              {verdict:?}: {}", why.unwrap_or("no reason given")),
    }
}

fn masked(headers: &HeaderMap, masks: &Masks<'_>) -> BTreeMap<String, String> {
    let mut shown = BTreeMap::new();
    for (name, value) in headers {
        let text = String::from_utf8_lossy(value.as_bytes());
        let text = masks.header(name.as_str(), &text);
        shown
            .entry(name.to_string())
            .and_modify(|before: &mut String| *before = format!("{before}, {text}"))
            .or_insert(text);
    }
    shown
}
