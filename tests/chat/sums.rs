//! Whatever members do, in whatever order: the log has no gap and comes to what the room says of itself.

use std::collections::BTreeMap;

use playhouse::accounts::Role;
use playhouse_test_support::{Person, text};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::people::{assert_no_gap, create, log, say_as, start};

const PEOPLE: usize = 3;

/// Something that somebody does. Numbers choose among what there is.
#[derive(Clone, Debug)]
enum Deed {
    Send(u8),
    Again,
    Edit(u8),
    Delete(u8),
    React(u8, bool),
    Read(u8),
    Leave,
    Join,
    Kick(u8),
    Rename(u8),
    GiveRole(u8, bool),
}

fn deed() -> impl Strategy<Value = (usize, Deed)> {
    let deed = prop_oneof![
        6 => any::<u8>().prop_map(Deed::Send),
        1 => Just(Deed::Again),
        2 => any::<u8>().prop_map(Deed::Edit),
        2 => any::<u8>().prop_map(Deed::Delete),
        3 => any::<(u8, bool)>().prop_map(|(it, on)| Deed::React(it, on)),
        2 => any::<u8>().prop_map(Deed::Read),
        1 => Just(Deed::Leave),
        3 => Just(Deed::Join),
        1 => any::<u8>().prop_map(Deed::Kick),
        1 => any::<u8>().prop_map(Deed::Rename),
        1 => any::<(u8, bool)>().prop_map(|(it, on)| Deed::GiveRole(it, on)),
    ];
    (0..PEOPLE, deed)
}

/// A message by the log.
#[derive(Clone, Debug, Default, PartialEq)]
struct Told {
    body: Value,
    /// Who has put which emoji.
    reactions: BTreeMap<String, Vec<String>>,
}

/// What the log comes to.
#[derive(Default)]
struct Folded {
    members: BTreeMap<String, String>,
    messages: BTreeMap<String, Told>,
    name: Option<String>,
}

fn fold(events: &[Value]) -> Folded {
    let mut all = Folded::default();
    for event in events {
        let id = text(&event["message_id"]);
        let who = text(&event["account"]["id"]);
        match event["kind"].as_str().unwrap() {
            "join" => {
                let role = if all.members.is_empty() {
                    "owner"
                } else {
                    "member"
                };
                all.members.insert(who, role.to_owned());
            }
            "leave" | "kick" => drop(all.members.remove(&who)),
            "role" => drop(all.members.insert(who, text(&event["role"]))),
            "rename" => all.name = Some(text(&event["body"])),
            "message" => drop(all.messages.insert(
                id,
                Told {
                    body: event["body"].clone(),
                    ..Told::default()
                },
            )),
            "edit" => all.messages.get_mut(&id).unwrap().body = event["body"].clone(),
            "delete" => drop(all.messages.insert(id, Told::default())),
            "reaction" => {
                let message = all.messages.get_mut(&id).unwrap();
                let whose = message.reactions.entry(text(&event["body"])).or_default();
                match event["removed"] == true {
                    true => whose.retain(|it| *it != who),
                    false => whose.push(who),
                }
            }
            other => panic!("{other} was not done"),
        }
    }
    // A deletion takes reactions with it, and an emoji that nobody holds is none.
    for message in all.messages.values_mut() {
        message.reactions.retain(|_, whose| !whose.is_empty());
        if message.body.is_null() {
            message.reactions.clear();
        }
    }
    all
}

struct House {
    people: Vec<Person>,
    room: String,
    /// Acknowledged: sender, client id, message.
    sent: Vec<(usize, String, String)>,
    read: [i64; PEOPLE],
    count: usize,
}

impl House {
    fn pick(&self, number: u8) -> Option<&(usize, String, String)> {
        self.sent.get(usize::from(number) % self.sent.len().max(1))
    }

    async fn act(&mut self, index: usize, deed: &Deed) {
        let who = self.people[index].clone();
        let path = format!("/rooms/{}", self.room);
        let other = |number: &u8| self.people[usize::from(*number) % PEOPLE].id.clone();
        let message = |number: &u8| {
            self.pick(*number)
                .map(|it| format!("{path}/messages/{}", it.2))
        };
        let emoji = |number: u8| ["👍", "❤️"][usize::from(number % 2)];
        let answer = match deed {
            Deed::Send(number) => {
                self.count += 1;
                let id = format!("c{}", self.count);
                let answer = say_as(&who, &self.room, &format!("words {number}"), &id).await;
                assert!([201, 404].contains(&answer.status().as_u16()));
                if answer.status() == 201 {
                    let event: Value = answer.json().await.unwrap();
                    self.sent.push((index, id, text(&event["message_id"])));
                    self.read[index] = self.read[index].max(event["seq"].as_i64().unwrap());
                }
                return;
            }
            Deed::Again => {
                let Some((sender, id, message)) = self.sent.last().cloned() else {
                    return;
                };
                let answer = say_as(&self.people[sender], &self.room, "other words", &id).await;
                if answer.status() == 200 {
                    let event: Value = answer.json().await.unwrap();
                    assert_eq!(text(&event["message_id"]), message);
                } else {
                    assert_eq!(answer.status(), 404);
                }
                return;
            }
            Deed::Edit(number) => match message(number) {
                Some(path) => {
                    who.patch(&path, json!({"body": format!("edited {number}")}))
                        .await
                }
                None => return,
            },
            Deed::Delete(number) => match message(number) {
                Some(path) => who.delete(&path).await,
                None => return,
            },
            Deed::React(number, on) => match (message(number), *on) {
                (Some(path), true) => {
                    who.put(&format!("{path}/reactions/{}", emoji(*number)), json!({}))
                        .await
                }
                (Some(path), false) => {
                    who.delete(&format!("{path}/reactions/{}", emoji(*number)))
                        .await
                }
                (None, _) => return,
            },
            Deed::Read(number) => {
                let seq = i64::from(*number) / 4;
                let answer = who.put(&format!("{path}/read"), json!({"seq": seq})).await;
                if answer.status() == 200 {
                    self.read[index] = self.read[index].max(seq);
                    let mark: Value = answer.json().await.unwrap();
                    assert_eq!(mark["read_seq"], self.read[index]);
                } else {
                    assert!([404, 422].contains(&answer.status().as_u16()));
                }
                return;
            }
            Deed::Leave if index == 0 => return,
            Deed::Leave => who.delete(&format!("{path}/members/me")).await,
            Deed::Join => {
                let before = who.get(&path).await.status();
                let name = text(&self.people[0].get_json(&path).await["name"]);
                let answer = who.post("/rooms/join", json!({"name": name})).await;
                assert_eq!(answer.status(), 200);
                if before == 404 {
                    let room: Value = answer.json().await.unwrap();
                    self.read[index] = room["last_seq"].as_i64().unwrap();
                }
                return;
            }
            Deed::Kick(number) if usize::from(*number) % PEOPLE != 0 => {
                who.delete(&format!("{path}/members/{}", other(number)))
                    .await
            }
            Deed::Kick(_) => return,
            Deed::Rename(number) => {
                who.patch(&path, json!({"name": format!("room {number}")}))
                    .await
            }
            Deed::GiveRole(number, up) => {
                let role = if *up { "moderator" } else { "member" };
                let path = format!("{path}/members/{}", other(number));
                who.patch(&path, json!({"role": role})).await
            }
        };
        let status = answer.status().as_u16();
        assert!(
            [200, 204, 403, 404, 409, 422].contains(&status),
            "{deed:?}: {status}"
        );
    }

    /// Compares the log with what the room says.
    async fn check(&self) {
        let owner = &self.people[0];
        let path = format!("/rooms/{}", self.room);
        let events = log(owner, &self.room).await;
        assert_no_gap(&events);
        let folded = fold(&events);
        let page = owner.get_json(&format!("{path}/members")).await;
        let members: BTreeMap<String, String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| (text(&it["account"]["id"]), text(&it["role"])))
            .collect();
        assert_eq!(members, folded.members);
        let room = owner.get_json(&path).await;
        assert_eq!(room["last_seq"], json!(events.len()));
        assert_eq!(room["members_count"], json!(members.len()));
        assert_eq!(
            room["name"],
            folded.name.unwrap_or_else(|| "the room".to_owned())
        );
        let page = owner.get_json(&format!("{path}/messages?limit=200")).await;
        let messages = page["items"].as_array().unwrap();
        assert_eq!(messages.len(), folded.messages.len());
        assert_eq!(
            messages.len(),
            self.sent.len(),
            "each acknowledged message once"
        );
        for message in messages {
            let told = &folded.messages[&text(&message["id"])];
            assert_eq!(message["body"], told.body);
            let shown: BTreeMap<String, usize> = message["reactions"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| {
                    (
                        text(&it["emoji"]),
                        usize::try_from(it["count"].as_i64().unwrap()).unwrap(),
                    )
                })
                .collect();
            let counted: BTreeMap<String, usize> = told
                .reactions
                .iter()
                .map(|(emoji, whose)| (emoji.clone(), whose.len()))
                .collect();
            assert_eq!(shown, counted);
        }
        for (index, who) in self
            .people
            .iter()
            .enumerate()
            .filter(|(_, it)| members.contains_key(&it.id))
        {
            let room = who.get_json(&path).await;
            assert_eq!(room["read_seq"], self.read[index]);
            assert_eq!(
                room["unread"],
                json!(i64::try_from(events.len()).unwrap() - self.read[index])
            );
        }
    }
}

#[actix_web::test]
async fn the_log_comes_to_what_the_room_says() {
    let app = start().await;
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let strategy = proptest::collection::vec(deed(), 10..60);
    for round in 0..12 {
        let deeds = strategy.new_tree(&mut runner).unwrap().current();
        let people =
            futures_util::future::join_all((0..PEOPLE).map(|_| app.newcomer(Role::Member))).await;
        let room = create(&people[0], "the room").await;
        let mut house = House {
            people,
            room,
            sent: Vec::new(),
            read: [0; PEOPLE],
            count: round * 1000,
        };
        house.read[0] = 1;
        for (index, deed) in &deeds {
            house.act(*index, deed).await;
        }
        eprintln!("round {round}: {deeds:?}");
        house.check().await;
        // The name is free for the next round.
        let path = format!("/rooms/{}", house.room);
        let name = json!({"name": format!("done {round}")});
        assert_eq!(house.people[0].patch(&path, name).await.status(), 200);
    }
}
