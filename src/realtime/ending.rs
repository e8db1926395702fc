//! Why a connection ends, and how its session is told from any thread.

use std::sync::atomic::{AtomicU8, Ordering};

use playhouse_api::realtime::close;
use tokio::sync::Notify;

use crate::events::EndReason;

/// Why the server ends a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Ending {
    /// The client said so.
    Normal = 1,
    /// The connection broke: there is nobody to tell.
    Gone,
    Protocol,
    NotText,
    NotUtf8,
    TooLarge,
    Stopping,
    TooSlow,
    Busy,
    SignedInElsewhere,
    Locked,
    SignedOut,
}

const ALL: [Ending; 12] = [
    Ending::Normal,
    Ending::Gone,
    Ending::Protocol,
    Ending::NotText,
    Ending::NotUtf8,
    Ending::TooLarge,
    Ending::Stopping,
    Ending::TooSlow,
    Ending::Busy,
    Ending::SignedInElsewhere,
    Ending::Locked,
    Ending::SignedOut,
];

impl Ending {
    pub(super) fn code(self) -> u16 {
        match self {
            Self::Normal => 1000,
            Self::Gone => 1006,
            Self::Protocol => 1002,
            Self::NotText => 1003,
            Self::NotUtf8 => 1007,
            Self::TooLarge => 1009,
            Self::Stopping => close::STOPPING,
            Self::TooSlow => close::TOO_SLOW,
            Self::Busy => close::BUSY,
            Self::SignedInElsewhere => close::SIGNED_IN_ELSEWHERE,
            Self::Locked => close::LOCKED,
            Self::SignedOut => close::SIGNED_OUT,
        }
    }

    /// For people who look into what their browser noted.
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Normal => "goodbye",
            Self::Gone => "gone",
            Self::Protocol => "this is not how frames look",
            Self::NotText => "only text frames are taken",
            Self::NotUtf8 => "text frames are UTF-8",
            Self::TooLarge => "the message is too large",
            Self::Stopping => "the server is stopping; come back and resume",
            Self::TooSlow => "too much was waiting to be read; come back and resume",
            Self::Busy => "the server is busy; come back later",
            Self::SignedInElsewhere => "signed in elsewhere",
            Self::Locked => "the account is locked",
            Self::SignedOut => "signed out",
        }
    }

    /// Whether somebody's access is over.
    pub(super) fn is_terminal(self) -> bool {
        !close::may_return(self.code())
    }
}

impl From<EndReason> for Ending {
    fn from(reason: EndReason) -> Self {
        match reason {
            EndReason::SignedInElsewhere => Self::SignedInElsewhere,
            EndReason::Locked => Self::Locked,
            EndReason::SignedOut
            | EndReason::PasswordChanged
            | EndReason::TokenRevoked
            | EndReason::Deleted => Self::SignedOut,
        }
    }
}

/// Tells a session that it ends. The first who says why is heard, from that moment on nothing is sent any more.
#[derive(Debug, Default)]
pub(super) struct Bell {
    why: AtomicU8,
    rung: Notify,
}

impl Bell {
    pub(super) fn ring(&self, why: Ending) {
        let first = self
            .why
            .compare_exchange(0, why as u8, Ordering::SeqCst, Ordering::SeqCst);
        if first.is_ok() {
            self.rung.notify_one();
        }
    }

    pub(super) fn why(&self) -> Option<Ending> {
        // Asked for each frame of each connection, and nobody has rung almost always.
        match self.why.load(Ordering::SeqCst) {
            0 => None,
            said => ALL.into_iter().find(|it| *it as u8 == said),
        }
    }

    /// Returns when somebody has rung. For one waiter.
    pub(super) async fn rung(&self) -> Ending {
        loop {
            match self.why() {
                Some(why) => return why,
                None => self.rung.notified().await,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_first_reason_counts_whenever_one_listens() {
        let bell = Bell::default();
        assert_eq!(bell.why(), None);
        bell.ring(Ending::Locked);
        bell.ring(Ending::Stopping);
        assert_eq!(bell.rung().await, Ending::Locked);
        assert_eq!(bell.rung().await, Ending::Locked);
    }

    #[test]
    fn the_codes_are_those_of_the_contract() {
        let codes = ALL.map(Ending::code);
        assert_eq!(
            codes,
            [
                1000, 1006, 1002, 1003, 1007, 1009, 3001, 3008, 3013, 3501, 3502, 3503
            ]
        );
        let terminal = ALL.into_iter().filter(|it| it.is_terminal());
        assert_eq!(terminal.count(), 3);
    }
}
