//! A provider that never works again, and a program that never stops asking: the number of requests has a bound.

use std::rc::Rc;

use propusk::client::Guard;
use propusk::client::signal::work;
use propusk::protocol::request::Purpose;

use super::Tally;
use crate::calls;
use crate::random::Random;
use crate::server::Reply;
use crate::world::World;

/// Renewals that one client tries for others in the first minute of an outage, and in each further one.
pub(super) const MOST_TRIES: (usize, usize) = (8, 1);
/// How long the outage lasts, minutes.
const MINUTES: usize = 4;

pub(super) fn run(seed: u64, removed: Option<Guard>) -> Result<Tally, String> {
    let random = Random::new(seed ^ 0x0a7a);
    let world = World::new(seed);
    world.removed.set(removed);
    world.server.lives("60");
    let retries = random.below(3);
    let context = world.signed_in(&format!(r#""timeout":3000,"retries":{retries}"#));
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
    let think = random.between(20, 400);
    let (client, inner) = (context.clone(), Rc::downgrade(&world));
    world.executor.spawn(work(async move {
        while let Some(world) = inner.upgrade() {
            let _ = calls::usable(&client, 0).await;
            world.executor.sleep(think).await;
        }
    }));
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
