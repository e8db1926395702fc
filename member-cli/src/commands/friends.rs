//! `friends`: who they are, who asks, and who must not.

use clap::{Args, Subcommand};
use playhouse_api::chat::{FriendState, Friends, Friendship, Person};
use playhouse_cli_support::output::printable;
use playhouse_cli_support::table::{Table, left};
use playhouse_cli_support::{Session, when};

use crate::chat::find;

#[derive(Debug, Args)]
pub(crate) struct FriendsArgs {
    /// Without a word, lists friends, requests and blocks
    #[command(subcommand)]
    word: Option<Word>,
}

#[derive(Debug, Subcommand)]
enum Word {
    /// Ask somebody to be friends; if they have asked you, you are at once
    Add(Name),
    /// Become friends with somebody who has asked
    Accept(Name),
    /// Put a request aside; who made it is not told
    Ignore(Name),
    /// End a friendship, or take your request back
    Remove(Name),
    /// Hear nothing of somebody, and say nothing to them
    Block(Name),
    /// Take a block back
    Unblock(Name),
}

#[derive(Debug, Args)]
struct Name {
    /// Their user name
    name: String,
}

pub(crate) async fn run(session: &Session, args: &FriendsArgs) -> anyhow::Result<()> {
    let client = &session.client;
    let Some(word) = &args.word else {
        let friends = client.friends().await?;
        return session.output.show(&friends, || in_words(&friends));
    };
    match word {
        Word::Add(Name { name }) => {
            let name = name.strip_prefix('@').unwrap_or(name);
            show(session, &client.request_friend(name).await?)
        }
        Word::Accept(Name { name }) => {
            let who = who_asks(&client.friends().await?, name)?;
            show(session, &client.accept_friend(who.id).await?)
        }
        Word::Ignore(Name { name }) => {
            let who = who_asks(&client.friends().await?, name)?;
            client.ignore_friend(who.id).await?;
            done(session, &who, "The request of", "is put aside")
        }
        Word::Remove(Name { name }) => {
            let who = friend_or_asked(&client.friends().await?, name)?;
            client.remove_friend(who.id).await?;
            done(session, &who, "", "and you are not friends any more")
        }
        Word::Block(Name { name }) => {
            let known = client.friends().await?;
            let who = find::acquaintance(client, &known, name).await?;
            client.block_account(who.id).await?;
            done(session, &who, "", "is blocked")
        }
        Word::Unblock(Name { name }) => {
            let known = client.friends().await?;
            let blocked = known.blocked.iter().map(|it| &it.account);
            let who = find::among(blocked, name)
                .ok_or_else(|| find::nobody(name, "is not blocked by you"))?;
            client.unblock_account(who.id).await?;
            done(session, &who, "", "is not blocked any more")
        }
    }
}

fn who_asks(known: &Friends, name: &str) -> anyhow::Result<Person> {
    let asking = known.incoming.iter().map(|it| &it.account);
    Ok(find::among(asking, name).ok_or_else(|| find::nobody(name, "has not asked you"))?)
}

fn friend_or_asked(known: &Friends, name: &str) -> anyhow::Result<Person> {
    let friends = known.friends.iter().map(|it| &it.account);
    let asked = known.outgoing.iter().map(|it| &it.account);
    let found = find::among(friends.chain(asked), name);
    Ok(found.ok_or_else(|| find::nobody(name, "is neither a friend nor asked by you"))?)
}

fn show(session: &Session, friendship: &Friendship) -> anyhow::Result<()> {
    let name = printable(&friendship.account.username);
    session.output.show(friendship, || match friendship.state {
        FriendState::Friends => format!("{name} and you are friends."),
        FriendState::Pending => format!("{name} is asked."),
        FriendState::Removed => format!("{name} and you are not friends."),
    })
}

fn done(session: &Session, who: &Person, before: &str, after: &str) -> anyhow::Result<()> {
    let shown = serde_json::json!({ "account": who });
    let name = printable(&who.username);
    session.output.show(&shown, || {
        format!("{before} {name} {after}.").trim_start().to_owned()
    })
}

fn in_words(known: &Friends) -> String {
    let mut table = Table::new([left("NAME"), left(""), left("SINCE (UTC)")]);
    let mut row = |who: &Person, state: &str, since| {
        table.row([who.username.clone(), state.to_owned(), when::show(since)]);
    };
    for friend in &known.friends {
        let state = if friend.online { "online" } else { "away" };
        row(&friend.account, state, friend.since);
    }
    for request in &known.incoming {
        row(&request.account, "asks you", request.created_at);
    }
    for request in &known.outgoing {
        row(&request.account, "asked by you", request.created_at);
    }
    for block in &known.blocked {
        row(&block.account, "blocked", block.created_at);
    }
    let is_empty = known.friends.is_empty() && known.incoming.is_empty();
    if is_empty && known.outgoing.is_empty() && known.blocked.is_empty() {
        return "Nobody yet: `friends add NAME` asks somebody.\n".to_owned();
    }
    table.to_string()
}
