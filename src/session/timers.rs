//! Which timers are set, and what follows when one fires.

use super::{Output, Session, Timer};

impl Session {
    pub(super) fn set(&mut self, timer: Timer, after: i64) {
        if !self.timers.contains(&timer) {
            self.timers.push(timer);
        }
        self.out.push(Output::Set { timer, after: after.max(0) });
    }

    pub(super) fn stop(&mut self, timer: Timer) {
        let before = self.timers.len();
        self.timers.retain(|known| *known != timer);
        if self.timers.len() < before {
            self.out.push(Output::Stop { timer });
        }
    }

    pub(super) fn is_set(&self, timer: Timer) -> bool {
        self.timers.contains(&timer)
    }

    pub(super) fn fired(&mut self, timer: Timer) {
        if !self.is_set(timer) {
            // It was stopped while the word of it was on its way.
            return;
        }
        self.timers.retain(|known| *known != timer);
        match timer {
            Timer::StoreDeadline(place) => self.store_is_late(place),
            Timer::LockDeadline(place) => self.lock_is_late(place),
            Timer::RenewalPause => self.renewal_goes_on(),
            Timer::AskDeadline => self.asked_in_vain(),
            Timer::Repeat(exchange) => self.repeat(exchange),
            Timer::Call(call) => self.call_is_due(call),
            Timer::Refresh => self.refresh_is_due(),
            Timer::Sync => self.begin_sync(),
            Timer::Resync => self.resync(),
            Timer::CloseDeadline => self.end(),
        }
    }
}
