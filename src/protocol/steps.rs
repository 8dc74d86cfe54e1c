//! Counts steps of work in tests, so that a bound on growth needs no clock.

/// One turn of a loop whose length others decide.
#[cfg(not(test))]
pub(crate) const fn step() {}

#[cfg(test)]
pub(crate) use counting::{grows_linearly, step};

#[cfg(test)]
mod counting {
    use std::cell::Cell;

    thread_local! {
        static STEPS: Cell<u64> = const { Cell::new(0) };
    }

    pub(crate) fn step() {
        STEPS.with(|steps| steps.set(steps.get() + 1));
    }

    fn cost(work: impl FnOnce()) -> u64 {
        let before = STEPS.with(Cell::get);
        work();
        STEPS.with(Cell::get) - before
    }

    /// Does the work with inputs of a size and of twice that: the second may cost 2.2 times the first at most, and the
    /// first no more than so many steps for each unit of its size.
    #[track_caller]
    pub(crate) fn grows_linearly(size: usize, per_unit: u64, work: impl Fn(usize)) {
        let (once, twice) = (cost(|| work(size)), cost(|| work(size * 2)));
        assert!(once >= 100, "{once} steps: what is measured does not count");
        assert!(twice * 10 <= once * 22, "from {once} to {twice} steps");
        assert!(once <= per_unit * u64::try_from(size).unwrap(), "{once} steps for a size of {size}");
    }
}
