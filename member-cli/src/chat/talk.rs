//! One stay in a room.
//!
//! Every event is shown once and in order: the history up to a number, and from there what the live connection tells,
//! which misses nothing over a break. What was shown is marked as read.

use std::collections::BTreeMap;
use std::time::Duration;

use playhouse_api::chat::{Event, EventKind, FriendState, History, Room};
use playhouse_api::client::live::{Live, News, Requests};
use playhouse_api::events::Event as Push;
use playhouse_api::realtime::{Op, TYPING_SECONDS, Watched, close};
use playhouse_cli_support::output::printable;
use playhouse_cli_support::{Code, Failure, Session, exit};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use uuid::Uuid;

use super::input::Input;
use super::lines::Lines;
use super::outgoing::{self, Post, Said, Which, Word};
use super::screen::Screen;
use super::words::{self, Line};
use super::{find, past};
use crate::commands::rooms::role_word;
use crate::commands::told;

/// How often the read mark moves, and the names of those who write are looked through.
const TICK: Duration = Duration::from_millis(500);
/// How long a question over the live connection may take before it is left out.
const PATIENCE: Duration = Duration::from_secs(5);

/// Somebody in a room.
pub(super) struct Talk<'a> {
    session: &'a Session,
    room: Room,
    me: Uuid,
    screen: Screen,
    lines: Lines,
    live: Live,
    requests: Requests,
    words: Option<mpsc::Sender<Word>>,
    post: JoinHandle<Said>,
    told: mpsc::Receiver<String>,
    /// Who writes, and until when that holds.
    typing: BTreeMap<String, Instant>,
    /// The earliest and the last number that were shown.
    shown: (i64, i64),
    marked: i64,
    own_last: Option<Uuid>,
    is_broken: bool,
}

impl<'a> Talk<'a> {
    /// Shows the last lines, and begins to listen behind them.
    pub(super) async fn begin(
        session: &'a Session,
        room: Room,
        me: Uuid,
        screen: Screen,
        lines: u32,
    ) -> anyhow::Result<Self> {
        let history = past::before(&session.client, room.id, None, lines).await?;
        let live = session.client.live();
        let requests = live.requests();
        let (words, queue) = mpsc::channel(outgoing::WAITING);
        let (tell, failed) = mpsc::channel(outgoing::WAITING);
        let post = Post {
            room: room.id,
            client: session.client.clone(),
            requests: requests.clone(),
            told: tell,
            retried: told(session),
            code_of: session.program.code_of,
        };
        let mut talk = Self {
            session,
            me,
            screen,
            lines: Lines::default(),
            live,
            requests,
            words: Some(words),
            post: tokio::spawn(post.run(queue)),
            told: failed,
            typing: BTreeMap::new(),
            shown: (history.last_seq + 1, history.last_seq),
            marked: room.read_seq,
            own_last: None,
            is_broken: false,
            room,
        };
        talk.greet();
        talk.show_history(&history)?;
        talk.listen(history.last_seq, history.epoch).await;
        Ok(talk)
    }

    fn greet(&mut self) {
        let name = find::word_for(&self.room);
        let count = self.room.members_count;
        let members = if count == 1 { "member" } else { "members" };
        let unread = self.room.unread;
        let greeting =
            format!("{name}: {count} {members}, {unread} unread; /help lists the commands");
        self.screen.note(&greeting);
    }

    fn show_history(&mut self, history: &History) -> anyhow::Result<()> {
        let mut is_new = false;
        for event in &history.items {
            if event.seq > self.room.read_seq && !is_new {
                is_new = true;
                self.screen.note("new");
            }
            self.show(event)?;
        }
        if let Some(first) = history.items.first() {
            self.shown.0 = first.seq;
        }
        Ok(())
    }

    /// Asks for everything after an event, before anything else is asked. The answer comes as news.
    async fn listen(&self, seq: i64, epoch: String) {
        let (requests, room) = (self.requests.clone(), self.room.id);
        // An error is told by the news: the room is lost, or the connection is.
        tokio::spawn(async move { requests.subscribe(room, Some((seq, epoch))).await });
        // The question is on its way when that task has had its turn.
        tokio::task::yield_now().await;
    }

    /// Stays until the room is left, or all that came from a pipe is said.
    pub(super) async fn stay(
        mut self,
        mut inputs: Option<mpsc::Receiver<Input>>,
    ) -> anyhow::Result<()> {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                news = self.live.next() => match news {
                    Some(news) => self.take(news?).await?,
                    None => return Err(Failure::new(Code::Failure, "the connection has ended").into()),
                },
                input = next(&mut inputs), if self.may_bring() => {
                    if !self.type_in(input).await? {
                        break;
                    }
                }
                Some(failed) = self.told.recv() => self.screen.note(&failed),
                _ = ticks.tick() => self.tick(),
            }
        }
        self.finish().await
    }

    /// Waits until all that was typed is durable, and shown.
    async fn finish(mut self) -> anyhow::Result<()> {
        self.words = None;
        let mut said = None;
        while said.as_ref().is_none_or(|it: &Said| self.shown.1 < it.last) {
            tokio::select! {
                done = &mut self.post, if said.is_none() => said = Some(done?),
                Some(failed) = self.told.recv() => self.screen.note(&failed),
                Some(news) = self.live.next() => self.take(news?).await?,
                else => break,
            }
        }
        while let Ok(failed) = self.told.try_recv() {
            self.screen.note(&failed);
        }
        let marked = self.session.client.read_room(self.room.id, self.shown.1);
        // The mark is a convenience: a connection that breaks now leaves the room as unread.
        let _ = timeout(PATIENCE, marked).await;
        let failures = said.unwrap_or_default().failures;
        match exit::joint(&failures) {
            None => Ok(()),
            Some(code) => {
                let message = format!("{} of what was typed is not there", failures.len());
                Err(Failure::new(code, message).into())
            }
        }
    }

    async fn take(&mut self, news: News) -> anyhow::Result<()> {
        match news {
            News::Push(push) => self.pushed(push),
            News::StartOver { room, .. } if room == self.room.id => self.start_over().await,
            News::Lost { room } if room == self.room.id => Err(self.put_out()),
            News::StartOver { .. } | News::Lost { .. } => Ok(()),
            News::Broken(code) => {
                self.broken(code);
                Ok(())
            }
        }
    }

    fn broken(&mut self, code: u16) {
        if self.is_broken {
            return;
        }
        self.is_broken = true;
        let why = match code {
            close::STOPPING => "the server is stopping",
            close::TOO_SLOW => "this side was too slow",
            close::BUSY => "the server is busy",
            _ => "the connection is lost",
        };
        self.typing.clear();
        self.refresh();
        self.screen.note(&format!(
            "{why}; it comes back by itself, and what you write is sent then"
        ));
    }

    fn pushed(&mut self, push: Push) -> anyhow::Result<()> {
        match push {
            Push::Hello(_) if self.is_broken => {
                self.is_broken = false;
                self.screen.note("connected again");
            }
            Push::Event(event) if event.room_id == self.room.id => {
                self.show(&event)?;
                let left = matches!(event.kind, EventKind::Leave | EventKind::Kick);
                if left && event.account.as_ref().is_some_and(|it| it.id == self.me) {
                    return Err(self.put_out());
                }
            }
            Push::Typing(it) if it.room_id == self.room.id && it.account_id != self.me => {
                let until = Instant::now() + Duration::from_secs(TYPING_SECONDS);
                self.typing.insert(it.username, until);
                self.refresh();
            }
            Push::Room(change) if change.room_id == self.room.id && change.room.is_none() => {
                return Err(self.put_out());
            }
            Push::Notice(notice) => self.screen.note(&format!("notice: {}", notice.title)),
            Push::FriendRequest(request) => {
                let name = request.account.username;
                self.screen.note(&format!("{name} asks you to be friends"));
            }
            Push::Friend(it) if it.state == FriendState::Friends => {
                self.screen
                    .note(&format!("{} and you are friends", it.account.username));
            }
            _ => {}
        }
        Ok(())
    }

    fn put_out(&self) -> anyhow::Error {
        let message = format!("you are not in {} any more", find::word_for(&self.room));
        Failure::new(Code::Forbidden, message).into()
    }

    /// More was missed than is told in one go: the last lines are shown instead.
    async fn start_over(&mut self) -> anyhow::Result<()> {
        let client = &self.session.client;
        let history = past::before(client, self.room.id, None, words::LINES).await?;
        let first = history.items.first().map_or(history.last_seq, |it| it.seq);
        if first > self.shown.1 + 1 {
            self.screen
                .note("some lines are left out here; /history shows them");
            self.shown.0 = first;
        }
        // What is behind the end of this is pushed.
        for event in &history.items {
            self.show(event)?;
        }
        Ok(())
    }

    /// Shows an event that was not shown yet.
    fn show(&mut self, event: &Event) -> anyhow::Result<()> {
        if event.seq <= self.shown.1 && event.seq >= self.shown.0 {
            return Ok(());
        }
        self.shown.1 = self.shown.1.max(event.seq);
        if let Some(who) = &event.account {
            if event.kind == EventKind::Message && who.id == self.me {
                self.own_last = event.message_id;
            }
            if self.typing.remove(&who.username).is_some() {
                self.refresh();
            }
        }
        let words = self.lines.show(event);
        self.screen.event(event, &words)
    }

    fn refresh(&mut self) {
        let names: Vec<&str> = self.typing.keys().take(3).map(String::as_str).collect();
        let status = match names.as_slice() {
            [] => None,
            [one] => Some(format!("     {one} is writing")),
            several => Some(format!("     {} are writing", several.join(", "))),
        };
        self.screen.status(status);
    }

    fn tick(&mut self) {
        let (before, now) = (self.typing.len(), Instant::now());
        self.typing.retain(|_, until| *until > now);
        if self.typing.len() != before {
            self.refresh();
        }
        if self.shown.1 > self.marked && !self.is_broken {
            self.marked = self.shown.1;
            self.requests.read(self.room.id, self.marked);
        }
    }

    /// Does what was typed. Says whether one stays.
    async fn type_in(&mut self, input: Input) -> anyhow::Result<bool> {
        let text = match input {
            Input::Line(text) => text,
            Input::Typing => {
                self.requests.typing(self.room.id);
                return Ok(true);
            }
            Input::End => return Ok(false),
            Input::Failed(error) => return Err(error),
        };
        let done = match words::read(&text) {
            Ok(None) => Ok(()),
            Ok(Some(Line::Quit)) => return Ok(false),
            Ok(Some(line)) => self.perform(line).await,
            Err(wrong) => Err(Failure::usage(wrong).into()),
        };
        if let Err(error) = done {
            self.screen.note(&format!("{error:#}"));
        }
        Ok(true)
    }

    async fn perform(&mut self, line: Line) -> anyhow::Result<()> {
        match line {
            Line::Say(body) => self.say(None, body).await,
            Line::Reply { number, text } => self.say(Some(number), text).await,
            Line::Edit { number, text } => {
                let which = self.which(number);
                self.bring(Word::Edit { which, body: text }).await
            }
            Line::Delete(number) => {
                let which = self.which(number);
                self.bring(Word::Delete { which }).await
            }
            Line::History(count) => self.earlier(count).await,
            Line::Who => self.who().await,
            Line::Help => self.screen.print(words::HELP),
            Line::Quit => Ok(()),
        }
    }

    async fn say(&mut self, reply_to: Option<i64>, body: String) -> anyhow::Result<()> {
        self.bring(Word::Say { body, reply_to }).await
    }

    async fn bring(&mut self, word: Word) -> anyhow::Result<()> {
        if self.is_broken {
            self.screen.note("this waits for the connection");
        }
        if let Some(words) = &self.words {
            words.send(word).await?;
        }
        Ok(())
    }

    /// Nothing more is read while too much waits to be sent; what comes is shown all the same.
    fn may_bring(&self) -> bool {
        self.words.as_ref().is_some_and(|it| it.capacity() > 0)
    }

    fn which(&self, number: Option<i64>) -> Which {
        number.map_or(Which::Last(self.own_last), Which::Number)
    }

    async fn earlier(&mut self, count: u32) -> anyhow::Result<()> {
        let (client, room) = (&self.session.client, self.room.id);
        let history = past::before(client, room, Some(self.shown.0), count).await?;
        let Some(first) = history.items.first().map(|it| it.seq) else {
            self.screen.note("there is nothing earlier");
            return Ok(());
        };
        self.screen.note("earlier");
        self.lines.interrupt();
        for event in &history.items {
            let words = self.lines.show(event);
            self.screen.event(event, &words)?;
        }
        self.lines.interrupt();
        self.shown.0 = first;
        self.screen.note("now");
        Ok(())
    }

    async fn who(&mut self) -> anyhow::Result<()> {
        let members = find::members(&self.session.client, self.room.id).await?;
        let accounts = members.iter().map(|it| it.account.id).take(500).collect();
        let asked = self.requests.ask::<Watched>(Op::Presence { accounts });
        let seen = match timeout(PATIENCE, asked).await {
            Ok(Ok(seen)) => seen.accounts,
            _ => Vec::new(),
        };
        for member in &members {
            let is_here = |id| seen.iter().any(|it| it.account_id == id && it.online);
            let here = match member.account.id {
                id if id == self.me => "you",
                id if is_here(id) => "here",
                _ => "away",
            };
            let name = printable(&member.account.username);
            let role = role_word(member.role);
            self.screen.print(&format!("     {name}: {here}, {role}"))?;
        }
        Ok(())
    }
}

/// The next input; never, when nothing is read.
async fn next(inputs: &mut Option<mpsc::Receiver<Input>>) -> Input {
    match inputs {
        Some(inputs) => inputs.recv().await.unwrap_or(Input::End),
        None => std::future::pending().await,
    }
}

/// A room's name, as long as a prompt may be.
pub(super) fn short_name(room: &Room) -> String {
    let name = printable(&find::word_for(room));
    let mut short: String = name.chars().take(20).collect();
    if short.len() < name.len() {
        short.push('…');
    }
    short
}
