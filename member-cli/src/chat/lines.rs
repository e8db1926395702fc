//! An event of a room in words: one line, or several for a text that has several.
//!
//! What members wrote is printed as text and nothing else: no character of it reaches the terminal as a command.

use std::collections::{HashMap, VecDeque};

use chrono::NaiveDate;
use playhouse_api::chat::{Event, EventKind, Person};
use playhouse_cli_support::output::printable;
use playhouse_cli_support::when;
use uuid::Uuid;

use crate::commands::rooms::role_word;

/// Messages whose numbers are remembered.
const REMEMBERED: usize = 5000;
/// Below what a text begins, its next lines begin.
const INDENT: &str = "            ";

/// Turns events into lines, in the order in which they are shown.
#[derive(Debug, Default)]
pub(super) struct Lines {
    numbers: HashMap<Uuid, i64>,
    ids: VecDeque<Uuid>,
    day: Option<NaiveDate>,
}

impl Lines {
    /// The event, after the day if that is another than before. Each line ends.
    pub(super) fn show(&mut self, event: &Event) -> String {
        self.note(event);
        let mut text = String::new();
        let day = event.at.date_naive();
        if self.day.replace(day) != Some(day) {
            text.push_str(&format!("-- {day} (UTC) --\n"));
        }
        let head = format!("{:>4} {} ", event.seq, event.at.format("%H:%M"));
        let (first, body) = self.in_words(event);
        let mut lines = body.lines().map(printable);
        let line = format!("{head} {first}{}", lines.next().unwrap_or_default());
        text.push_str(line.trim_end());
        text.push('\n');
        for line in lines {
            text.push_str(format!("{INDENT}{line}").trim_end());
            text.push('\n');
        }
        text
    }

    /// The day is told again with the next event: something else was shown in between.
    pub(super) fn interrupt(&mut self) {
        self.day = None;
    }

    fn note(&mut self, event: &Event) {
        let Some(id) = event
            .message_id
            .filter(|_| event.kind == EventKind::Message)
        else {
            return;
        };
        if self.numbers.insert(id, event.seq).is_none() {
            self.ids.push_back(id);
        }
        if self.ids.len() > REMEMBERED
            && let Some(oldest) = self.ids.pop_front()
        {
            self.numbers.remove(&oldest);
        }
    }

    /// How the line begins, and what follows it.
    fn in_words<'a>(&self, event: &'a Event) -> (String, &'a str) {
        let who = name(event.account.as_ref());
        let body = event.body.as_deref().unwrap_or_default();
        let message = || self.number(event.message_id);
        match event.kind {
            EventKind::Message if event.body.is_none() => (format!("{who}: "), "(deleted)"),
            EventKind::Message => {
                let answers = match event.reply_to {
                    Some(id) => format!(" (to {})", self.number(Some(id))),
                    None => String::new(),
                };
                (format!("{who}{answers}: "), body)
            }
            EventKind::Edit if event.body.is_none() => {
                (format!("* {who} changed {}", message()), "")
            }
            EventKind::Edit => (format!("* {who} changed {}: ", message()), body),
            EventKind::Reaction => {
                let what = if event.removed { "takes back" } else { "puts" };
                let to = if event.removed { "from" } else { "to" };
                let emoji = printable(body);
                (format!("* {who} {what} {emoji} {to} {}", message()), "")
            }
            _ => (format!("* {}", happened(event, &who, &message())), ""),
        }
    }

    fn number(&self, message: Option<Uuid>) -> String {
        match message.and_then(|id| self.numbers.get(&id)) {
            Some(number) => number.to_string(),
            None => "an earlier message".to_owned(),
        }
    }
}

/// What happened to the room or somebody in it.
fn happened(event: &Event, who: &str, message: &str) -> String {
    let by = event.by.as_ref().map(|it| name(Some(it)));
    let somebody = || by.clone().unwrap_or_else(|| "somebody".to_owned());
    match event.kind {
        EventKind::Delete => match &by {
            Some(by) => format!("{by} deleted {message}, of {who}"),
            None => format!("{who} deleted {message}"),
        },
        EventKind::Join => match &by {
            Some(by) => format!("{who} joined, invited by {by}"),
            None => format!("{who} joined"),
        },
        EventKind::Leave => format!("{who} left"),
        EventKind::Rename => {
            let name = printable(event.body.as_deref().unwrap_or_default());
            format!("{} named the room {name}", by.as_deref().unwrap_or(who))
        }
        EventKind::Kick if event.banned => format!("{} banned {who}", somebody()),
        EventKind::Kick => format!("{} put {who} out", somebody()),
        EventKind::Role => {
            let role = event.role.map_or("member", role_word);
            format!("{who} is {role} now")
        }
        EventKind::Mute => match event.muted_until {
            Some(until) => format!("{who} may only read until {} UTC", when::show(until)),
            None => format!("{who} may speak again"),
        },
        EventKind::Settings => {
            let pause = event.slow_mode_seconds.unwrap_or_default();
            match pause {
                0 => "no pause is needed between messages".to_owned(),
                pause => format!("{pause} s have to pass between one's messages"),
            }
        }
        EventKind::Message | EventKind::Edit | EventKind::Reaction => String::new(),
    }
}

fn name(who: Option<&Person>) -> String {
    who.map_or_else(|| "somebody".to_owned(), |it| printable(&it.username))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const MESSAGE: &str = "01900000-0000-7000-8000-000000000001";

    fn event(seq: i64, kind: &str, mut more: Value) -> Event {
        let mut event = json!({
            "room_id": Uuid::nil(), "seq": seq, "kind": kind, "message_id": null,
            "account": {"id": Uuid::nil(), "username": "anna"}, "body": null, "at": "2026-11-21T10:29:59Z",
        });
        let fields = std::mem::take(more.as_object_mut().unwrap());
        event.as_object_mut().unwrap().extend(fields);
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn messages_have_a_number_a_time_a_name_and_a_day() {
        let mut lines = Lines::default();
        let first = event(
            9,
            "message",
            json!({"message_id": MESSAGE, "body": "One\n  two"}),
        );
        assert_eq!(
            lines.show(&first),
            "-- 2026-11-21 (UTC) --\n   9 10:29  anna: One\n              two\n"
        );
        let reply = event(10, "message", json!({"body": "Yes", "reply_to": MESSAGE}));
        assert_eq!(lines.show(&reply), "  10 10:29  anna (to 9): Yes\n");
    }

    #[test]
    fn every_kind_has_words() {
        let ben = json!({"id": Uuid::nil(), "username": "ben"});
        for (kind, more, words) in [
            (
                "edit",
                json!({"body": "x", "message_id": MESSAGE}),
                "* anna changed an earlier message: x",
            ),
            ("delete", json!({}), "* anna deleted an earlier message"),
            (
                "delete",
                json!({"by": ben}),
                "* ben deleted an earlier message, of anna",
            ),
            (
                "reaction",
                json!({"body": "🎬"}),
                "* anna puts 🎬 to an earlier message",
            ),
            (
                "reaction",
                json!({"body": "🎬", "removed": true}),
                "* anna takes back 🎬 from an earlier message",
            ),
            ("join", json!({}), "* anna joined"),
            ("join", json!({"by": ben}), "* anna joined, invited by ben"),
            ("leave", json!({}), "* anna left"),
            (
                "rename",
                json!({"body": "New"}),
                "* anna named the room New",
            ),
            ("kick", json!({"by": ben}), "* ben put anna out"),
            (
                "kick",
                json!({"by": ben, "banned": true}),
                "* ben banned anna",
            ),
            (
                "role",
                json!({"role": "moderator"}),
                "* anna is moderator now",
            ),
            (
                "mute",
                json!({"muted_until": "2026-11-22T08:00:00Z"}),
                "* anna may only read until 2026-11-22 08:00 UTC",
            ),
            ("mute", json!({}), "* anna may speak again"),
            (
                "settings",
                json!({"slow_mode_seconds": 30}),
                "* 30 s have to pass between one's messages",
            ),
            (
                "settings",
                json!({"slow_mode_seconds": 0}),
                "* no pause is needed between messages",
            ),
            ("message", json!({"deleted": true}), "anna: (deleted)"),
        ] {
            let mut lines = Lines::default();
            let shown = lines.show(&event(3, kind, more));
            assert!(
                shown.ends_with(&format!("   3 10:29  {words}\n")),
                "{shown}"
            );
        }
    }

    #[test]
    fn no_name_and_no_text_can_drive_the_terminal() {
        let evil = "\u{1b}[2J\u{9b}31m\u{7}\u{8}\r\u{202e}x\u{7f}\u{1b}]0;t\u{7}";
        let person = json!({"id": Uuid::nil(), "username": evil});
        for kind in [
            "message", "edit", "delete", "reaction", "join", "leave", "rename", "kick", "role",
            "mute",
        ] {
            let more = json!({"body": format!("{evil}\n{evil}"), "account": person, "by": person});
            let shown = Lines::default().show(&event(1, kind, more));
            let is_dangerous = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!shown.contains(is_dangerous), "{kind}: {shown:?}");
        }
    }
}
