//! A provider that never works again, and a program that never stops asking: the number of requests has a bound.

use std::rc::Rc;

use propusk::protocol::request::Purpose;

use super::Tally;
use crate::calls;
use crate::lies::Lie;
use crate::random::Random;
use crate::server::Reply;
use crate::world::{Context, World};

/// Renewals that one client tries for others in the first minute of an outage, and in each further one.
pub(super) const MOST_TRIES: (usize, usize) = (8, 1);
/// How long the outage lasts, minutes.
const MINUTES: usize = 4;

pub(super) fn run(seed: u64, lie: Option<Lie>) -> Result<Tally, String> {
    let random = Random::new(seed ^ 0x0a7a);
    let world = World::new(seed);
    world.server.lives("60");
    let retries = random.below(3);
    let context = world.signed_in(&format!(r#""timeout":3000,"retries":{retries}"#));
    world.lie.set(lie);
    let failures = [
        Reply::Broken,
        Reply::status(500),
        Reply::status(403),
        Reply::status(429),
        Reply::error(401, "invalid_client"),
        Reply::new(200, &[("content-type", "text/html")], "<html>Sign in to the network</html>"),
        Reply::Silence,
    ];
    *world.server.otherwise.borrow_mut() = random.pick(&failures).clone();
    world.executor.advance(61_000);
    asks_again(&context, random.between(20, 400));
    world.executor.advance(i64::try_from(MINUTES).unwrap() * 60_000);
    let sent = world.server.count(Purpose::Refresh);
    let most = (MOST_TRIES.0 + MOST_TRIES.1 * (MINUTES - 1)) * (1 + retries);
    world.executor.clear();
    if sent > most {
        return Err(format!(
            "{sent} requests in {MINUTES} minutes of an outage, with {retries} retries; {most} at most"
        ));
    }
    Ok(Tally { renewals: u64::try_from(sent).unwrap(), ..Tally::default() })
}

/// A program that asks for a session, and again a moment after it was told that there is none.
fn asks_again(context: &Context, think: i64) {
    let call = calls::usable(context, 0).start();
    let next = Rc::downgrade(context);
    call.then(move |_| {
        let Some(context) = next.upgrade() else { return };
        let again = Rc::downgrade(&context);
        context.host.world.executor.later(think, move |_| {
            if let Some(context) = again.upgrade() {
                asks_again(&context, think);
            }
        });
    });
}
