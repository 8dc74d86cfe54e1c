//! Every order of few events, as far as a build without optimization gets; `cargo xtask simulate -- --explore` goes on.

use simulation::explorer;

#[test]
fn every_order_of_few_events_keeps_the_session() {
    if let Err(what) = explorer::table(10_000) {
        panic!("{what}");
    }
}
