//! The exit codes of this program, and which error has which.

use playhouse_api::client;
use playhouse_cli_support::{Code, exit};

/// Shown at the end of `--help`.
pub(crate) const HELP: &str = "\
Exit codes:
  0    done
  1    failed
  2    the arguments are wrong
  3    not signed in, or this account may not do that
  4    no such film, file, folder, plan, voucher, room, message or person
  5    already there (a name that is taken), or changed meanwhile
  6    the server cannot be reached
  7    the wallet does not hold enough
  8    no room: over the quota, or a full disk
  9    what arrived is not what was sent (the hash differs)
  130  stopped by Ctrl-C";

/// The code of an error, by its outermost known cause.
pub(crate) fn code_of(error: &anyhow::Error) -> Code {
    match exit::code_of(error) {
        Code::Failure => error.chain().find_map(own_code).unwrap_or(Code::Failure),
        code => code,
    }
}

fn own_code(cause: &(dyn std::error::Error + 'static)) -> Option<Code> {
    if let Some(error) = cause.downcast_ref::<client::Error>() {
        return match error {
            client::Error::Stalled(_) => Some(Code::Unreachable),
            _ => match error.status()? {
                402 => Some(Code::NotEnoughMoney),
                507 => Some(Code::NoRoom),
                _ => None,
            },
        };
    }
    let error = cause.downcast_ref::<std::io::Error>()?;
    match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Some(Code::NoRoom),
        std::io::ErrorKind::NotFound => Some(Code::NotFound),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use playhouse_api::{ErrorCode, Problem};
    use playhouse_cli_support::Failure;

    use super::*;

    #[test]
    fn money_and_room_have_codes_of_their_own() {
        let problem = |code| client::Error::Problem(Box::new(Problem::new(code, "why", "r1")));
        for (error, code) in [
            (
                problem(ErrorCode::InsufficientBalance),
                Code::NotEnoughMoney,
            ),
            (problem(ErrorCode::InsufficientStorage), Code::NoRoom),
            (problem(ErrorCode::NotFound), Code::NotFound),
            (problem(ErrorCode::Internal), Code::Failure),
            (client::Error::Stalled(1), Code::Unreachable),
        ] {
            let error = anyhow::Error::from(error).context("film");
            assert_eq!(code_of(&error), code, "{error:#}");
        }
        let full = anyhow::Error::from(io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(code_of(&full), Code::NoRoom);
        let damaged = anyhow::Error::from(Failure::new(Code::Damaged, "x"));
        assert_eq!(code_of(&damaged.context("film")), Code::Damaged);
    }
}
