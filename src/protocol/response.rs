//! An answer as it came, and when.

use super::date;
use crate::value::Value;

/// Longest answer to a login, renewal, exchange or check, in bytes.
pub const LONGEST_BODY: usize = 1024 * 1024;

/// A whole answer. It has no `Debug`: tokens stand in it.
#[derive(Clone)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body, at most [`LONGEST_BODY`] bytes.
    pub body: Vec<u8>,
    /// Its tree, where the outside has read it as XML: see [`xml_in`](super::body::xml_in).
    pub xml: Option<Value>,
}

/// When a request went out and when its answer was there: our clock, milliseconds since the Unix epoch.
#[derive(Clone, Copy)]
pub struct Times {
    /// Before the request was sent.
    pub sent: i64,
    /// After the answer was read.
    pub received: i64,
}

impl Response {
    /// The header of that (lower-case) name.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
    }

    /// 2xx.
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// Milliseconds that the answer asks to wait (RFC 9110 section 10.2.3): seconds, or a date by the server's own clock
    /// where it says it.
    pub fn retry_after(&self, now: i64) -> Option<i64> {
        let text = self.header("retry-after")?;
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let start = text.bytes().take_while(is_blank).count();
        let end = text.len().saturating_sub(text.bytes().rev().take_while(is_blank).count());
        let text = text.get(start..end)?;
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return date::decimal_millis(text);
        }
        let server_now = self.header("date").and_then(date::http_date).unwrap_or(now);
        date::http_date(text).map(|moment| moment.saturating_sub(server_now).max(0))
    }

    /// A moment of the server's clock on ours, where the answer's Date header shows that the two differ.
    pub fn on_our_clock(&self, moment: i64, times: Times) -> i64 {
        let Some(date) = self.header("date").and_then(date::http_date) else {
            return moment;
        };
        // The header has whole seconds and was written between sending and receiving.
        if (times.sent.saturating_sub(1000)..=times.received.saturating_add(1000)).contains(&date) {
            return moment;
        }
        times.sent.saturating_add(moment.saturating_sub(date))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(headers: &[(&str, &str)]) -> Response {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Response { status: 200, headers, body: Vec::new(), xml: None }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(with(&[("retry-after", "120")]).retry_after(0), Some(120_000));
        let by_date =
            with(&[("retry-after", "Sun, 06 Nov 1994 08:49:47 GMT"), ("date", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        assert_eq!(by_date.retry_after(0), Some(10_000));
        assert_eq!(with(&[("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT")]).retry_after(i64::MAX), Some(0));
        assert_eq!(with(&[("retry-after", "soon")]).retry_after(0), None);
        assert!(with(&[("retry-after", "99999999999999999999")]).retry_after(0).is_some_and(|wait| wait > 1 << 50));
    }

    #[test]
    fn a_moment_is_corrected_only_when_the_clocks_differ() {
        let response = with(&[("date", "Sun, 06 Nov 1994 08:49:37 GMT")]);
        let date = 784_111_777_000;
        let near = Times { sent: date + 400, received: date + 700 };
        assert_eq!(response.on_our_clock(date + 60_000, near), date + 60_000);
        let hour_behind = Times { sent: date - 3_600_000, received: date - 3_599_000 };
        assert_eq!(response.on_our_clock(date + 60_000, hour_behind), hour_behind.sent + 60_000);
        assert_eq!(with(&[]).on_our_clock(5, hour_behind), 5);
    }
}
