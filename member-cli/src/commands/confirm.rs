//! Questions before something that cannot be undone.

use std::io::IsTerminal as _;

use playhouse_cli_support::output::printable;
use playhouse_cli_support::{Code, Failure};

/// Asks on the terminal. Without one, nothing is done unless `--yes` was said.
pub(crate) fn confirm(question: &str, yes: bool) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("there is no terminal to ask: say --yes").into());
    }
    eprint!("{} [y/N] ", printable(question));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if answer.trim().eq_ignore_ascii_case("y") {
        return Ok(());
    }
    Err(Failure::new(Code::Failure, "nothing was done").into())
}
