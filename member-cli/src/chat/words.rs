//! What a line of the prompt means.

/// Shown by `/help`.
pub(super) const HELP: &str = "\
/history [N]    N earlier lines (20)
/who            who is in the room, and who is here
/reply N TEXT   answers message N
/edit [N] TEXT  gives message N another text; without a number, your last one
/delete [N]     deletes message N; without a number, your last one
/quit           leaves; so does Ctrl-D
//TEXT          says /TEXT";

/// How many lines `/history` shows when it is not said.
pub(super) const LINES: u32 = 20;

/// The words that begin a line, for completion.
pub(super) const WORDS: [&str; 7] = [
    "/delete", "/edit", "/help", "/history", "/quit", "/reply", "/who",
];

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Say(String),
    History(u32),
    Who,
    Reply { number: i64, text: String },
    Edit { number: Option<i64>, text: String },
    Delete(Option<i64>),
    Help,
    Quit,
}

/// Reads a line; none when it is empty.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(text: &str) -> Result<Option<Line>, String> {
    let text = text.trim_end();
    if text.trim().is_empty() {
        return Ok(None);
    }
    let Some(command) = text.strip_prefix('/') else {
        return Ok(Some(Line::Say(text.to_owned())));
    };
    if command.starts_with('/') {
        return Ok(Some(Line::Say(command.to_owned())));
    }
    let (word, rest) = split(command);
    let line = match word {
        "history" => Line::History(lines(rest)?),
        "who" => Line::Who,
        "reply" => reply(rest)?,
        "edit" => edit(rest)?,
        "delete" => Line::Delete(number(rest)?),
        "help" => Line::Help,
        "quit" => Line::Quit,
        _ => return Err(format!("/{word} is no command; /help lists them")),
    };
    Ok(Some(line))
}

/// Whether the line leaves, whatever else stands in it.
pub(super) fn leaves(text: &str) -> bool {
    read(text) == Ok(Some(Line::Quit))
}

/// The first word, and what follows it.
fn split(text: &str) -> (&str, &str) {
    match text.split_once(char::is_whitespace) {
        Some((word, rest)) => (word, rest.trim_start()),
        None => (text, ""),
    }
}

fn lines(rest: &str) -> Result<u32, String> {
    match rest {
        "" => Ok(LINES),
        _ => match rest.parse() {
            Ok(count @ 1..=200) => Ok(count),
            _ => Err("/history takes a number from 1 to 200".to_owned()),
        },
    }
}

fn number(rest: &str) -> Result<Option<i64>, String> {
    match rest {
        "" => Ok(None),
        _ => match of_message(rest) {
            Some(number) => Ok(Some(number)),
            None => Err("the number of a message stands at the beginning of its line".to_owned()),
        },
    }
}

fn of_message(word: &str) -> Option<i64> {
    let digits = word.strip_prefix('#').unwrap_or(word);
    digits.parse().ok().filter(|number| *number > 0)
}

fn reply(rest: &str) -> Result<Line, String> {
    let (word, text) = split(rest);
    match of_message(word) {
        Some(number) if !text.is_empty() => Ok(Line::Reply {
            number,
            text: text.to_owned(),
        }),
        _ => Err("write /reply NUMBER TEXT".to_owned()),
    }
}

/// A text that begins with a number is told from a message's number by the text behind it.
fn edit(rest: &str) -> Result<Line, String> {
    let (word, text) = split(rest);
    let (number, text) = match of_message(word) {
        Some(number) if !text.is_empty() => (Some(number), text),
        _ => (None, rest),
    };
    if text.is_empty() {
        return Err("write /edit TEXT, or /edit NUMBER TEXT".to_owned());
    }
    Ok(Line::Edit {
        number,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Line {
        read(text).unwrap().unwrap()
    }

    #[test]
    fn a_line_is_said_unless_it_begins_with_a_slash() {
        assert_eq!(said("  a b "), Line::Say("  a b".to_owned()));
        assert_eq!(said("//etc/passwd"), Line::Say("/etc/passwd".to_owned()));
        assert_eq!(read(" \t"), Ok(None));
    }

    #[test]
    fn commands_take_numbers_and_texts() {
        let text = || "b c".to_owned();
        for (line, meant) in [
            ("/history", Line::History(20)),
            ("/history 5", Line::History(5)),
            ("/who", Line::Who),
            (
                "/reply #3 b c",
                Line::Reply {
                    number: 3,
                    text: text(),
                },
            ),
            (
                "/edit 3 b c",
                Line::Edit {
                    number: Some(3),
                    text: text(),
                },
            ),
            (
                "/edit b c",
                Line::Edit {
                    number: None,
                    text: text(),
                },
            ),
            (
                "/edit 42",
                Line::Edit {
                    number: None,
                    text: "42".to_owned(),
                },
            ),
            ("/delete", Line::Delete(None)),
            ("/delete 7", Line::Delete(Some(7))),
            ("/help", Line::Help),
            ("/quit ", Line::Quit),
        ] {
            assert_eq!(said(line), meant, "{line}");
        }
    }

    #[test]
    fn what_is_wrong_is_not_said_aloud() {
        for line in [
            "/fly",
            "/",
            "/history x",
            "/history 0",
            "/reply 3",
            "/reply x y",
            "/edit",
            "/delete x",
            "/delete -1",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn every_command_is_in_the_help_and_completed() {
        for word in WORDS {
            assert!(read(word) != Ok(None));
            assert!(word == "/help" || HELP.contains(word), "{word}");
        }
    }
}
