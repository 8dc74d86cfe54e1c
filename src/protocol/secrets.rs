//! What an answer holds that its profile calls secret.

use crate::provider::{Answer, AnswerShape};
use crate::secret::Secret;

/// Shorter ones, in a place that holds secrets, are part of too many innocent texts.
const SHORTEST_SECRET: usize = 4;

/// What stands where the profile says that secrets stand.
pub(super) fn secrets(shape: AnswerShape<'_>, answer: &Answer<'_>) -> Vec<Secret> {
    let mut found = Vec::new();
    for path in shape.secrets() {
        path.each_text(answer, &mut |text| {
            if text.len() >= SHORTEST_SECRET {
                found.push(Secret::new(text));
            }
        });
    }
    found
}
