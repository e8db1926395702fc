//! What is said, one after the other, so that it is there in the order in which it was typed.

use playhouse_api::chat::NewMessage;
use playhouse_api::client::live::Requests;
use playhouse_api::client::{Client, Retry, RetryObserver};
use playhouse_cli_support::{Code, Failure};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::past;

/// Words that may wait to be sent.
pub(super) const WAITING: usize = 64;

/// Something to do in the room. Messages go by their numbers, or are one's own last.
#[derive(Debug)]
pub(super) enum Word {
    Say { body: String, reply_to: Option<i64> },
    Edit { which: Which, body: String },
    Delete { which: Which },
}

/// A message that is meant.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    Number(i64),
    /// One's own last, of which this one was seen.
    Last(Option<Uuid>),
}

/// What became of it all.
#[derive(Debug, Default)]
pub(super) struct Said {
    /// The number of the last event that this made.
    pub(super) last: i64,
    /// Of each word that failed.
    pub(super) failures: Vec<Code>,
    /// The last message that was sent.
    mine: Option<Uuid>,
}

/// Where words are brought to.
pub(super) struct Post {
    pub(super) room: Uuid,
    pub(super) client: Client,
    pub(super) requests: Requests,
    /// Told what failed.
    pub(super) told: mpsc::Sender<String>,
    pub(super) retried: RetryObserver,
    pub(super) code_of: fn(&anyhow::Error) -> Code,
}

impl Post {
    /// Does one word after the other until no more come.
    pub(super) async fn run(self, mut words: mpsc::Receiver<Word>) -> Said {
        let mut said = Said::default();
        while let Some(word) = words.recv().await {
            if let Err(error) = self.perform(&word, &mut said).await {
                said.failures.push((self.code_of)(&error));
                // Who would print it may be gone.
                let _ = self
                    .told
                    .send(format!("{}: {error:#}", failed(&word)))
                    .await;
            }
        }
        said
    }

    /// Each may be repeated: a message has one id, whatever happens.
    async fn perform(&self, word: &Word, said: &mut Said) -> anyhow::Result<()> {
        let mut retry = Retry::new(RetryObserver::clone(&self.retried));
        let event = match word {
            Word::Say { body, reply_to } => {
                let message = NewMessage {
                    client_msg_id: Uuid::now_v7().to_string(),
                    body: body.clone(),
                    reply_to: match *reply_to {
                        Some(number) => Some(self.message(Which::Number(number), said).await?),
                        None => None,
                    },
                };
                let sent = || self.requests.send(self.room, message.clone());
                let event = retry.run(sent).await?;
                said.mine = event.message_id;
                event
            }
            Word::Edit { which, body } => {
                let message = self.message(*which, said).await?;
                let edited = || self.client.edit_message(self.room, message, body);
                retry.run(edited).await?
            }
            Word::Delete { which } => {
                let message = self.message(*which, said).await?;
                let deleted = || self.client.delete_message(self.room, message);
                return Ok(retry.run(deleted).await?);
            }
        };
        said.last = said.last.max(event.seq);
        Ok(())
    }

    async fn message(&self, which: Which, said: &Said) -> anyhow::Result<Uuid> {
        match which {
            Which::Number(number) => past::message(&self.client, self.room, number).await,
            // Ids grow with time.
            Which::Last(seen) => seen.max(said.mine).ok_or_else(|| {
                Failure::usage("none of yours was seen here: name its number").into()
            }),
        }
    }
}

fn failed(word: &Word) -> String {
    match word {
        Word::Say { body, .. } => format!("not sent ({})", first_words(body)),
        Word::Edit { .. } => "not changed".to_owned(),
        Word::Delete { .. } => "not deleted".to_owned(),
    }
}

fn first_words(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    let mut short: String = line.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
