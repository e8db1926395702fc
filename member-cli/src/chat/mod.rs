//! `chat`: a room at the prompt, or between pipes.
//!
//! - [`find`]: rooms and people by the names that people know, for `friends`, `rooms` and `send` as well;
//! - [`talk`]: one stay in a room: what comes, what is typed, and the connection that comes back by itself;
//! - [`past`]: the history; [`lines`]: an event in words; [`words`]: what a typed line means;
//! - [`outgoing`]: what is said, in order; [`input`], [`screen`]: the terminal, or the pipes in its place.

pub(crate) mod find;
mod input;
mod lines;
mod outgoing;
mod past;
mod screen;
mod talk;
mod words;

use clap::Args;
use playhouse_cli_support::{Code, Failure, Session};

use self::input::Restored;
use self::screen::Screen;
use self::talk::Talk;

#[derive(Debug, Args)]
#[command(after_help = NOTES)]
pub(crate) struct ChatArgs {
    /// A group's name, @friend, or an id
    room: String,
    /// How many earlier lines to show
    #[arg(long, default_value_t = words::LINES, value_name = "N", value_parser = clap::value_parser!(u32).range(0..=200))]
    history: u32,
    /// Only listen: read nothing from stdin
    #[arg(long)]
    watch: bool,
}

const NOTES: &str = "\
At the prompt /help lists the commands, /quit or Ctrl-D leaves. From a pipe every line is said; the program ends when all
of them are durable. With --json stdout holds one event a line. Times are UTC.";

/// Stays in a room until it is left.
pub(crate) async fn run(session: &Session, args: &ChatArgs) -> anyhow::Result<()> {
    let room = find::room(&session.client, &args.room).await?;
    let me = session.client.me().await?.account.id;
    let is_json = session.output.json;
    if args.watch || is_json || !input::is_at_terminal() {
        let is_quiet = session.quiet;
        let screen = match is_json {
            true => Screen::Json { is_quiet },
            false => Screen::Plain { is_quiet },
        };
        let inputs = (!args.watch).then(input::from_pipe);
        let talk = Talk::begin(session, room, me, screen, args.history).await?;
        return tokio::select! {
            done = talk.stay(inputs) => done,
            _ = tokio::signal::ctrl_c() => Err(Failure::new(Code::Interrupted, "stopped").into()),
        };
    }
    let _restored = Restored::remember()?;
    let (inputs, printer) = input::at_terminal(format!("{}> ", talk::short_name(&room)))?;
    let screen = Screen::above(printer);
    let talk = Talk::begin(session, room, me, screen, args.history).await?;
    talk.stay(Some(inputs)).await
}
