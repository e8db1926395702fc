//! Whatever happens to a wallet, in whatever order, its ledger adds up: the server against a model.

use actix_web::rt::System;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;

/// What may be done to a wallet. Films and vouchers are named by number.
#[derive(Clone, Debug)]
enum Deed {
    Credit(i64),
    Redeem {
        fresh: bool,
    },
    Order(usize),
    Vip,
    /// The deed before, with the same key.
    Again,
}

/// 0 is free; odd prices show the rounding.
const PRICES: [i64; 4] = [0, 99, 501, 1200];

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => (-600i64..1500).prop_map(Deed::Credit),
        1 => prop_oneof![Just(MAX), Just(-MAX), Just(MAX + 1), Just(i64::MIN)].prop_map(Deed::Credit),
        2 => any::<bool>().prop_map(|fresh| Deed::Redeem { fresh }),
        4 => (0..PRICES.len()).prop_map(Deed::Order),
        1 => Just(Deed::Vip),
        2 => Just(Deed::Again),
    ]
}

/// What the house should know of one member.
#[derive(Debug, Default)]
struct Model {
    balance: i64,
    entries: usize,
    owned: [bool; PRICES.len()],
    is_vip: bool,
}

impl Model {
    /// Moves an amount; false when the wallet cannot.
    fn moves(&mut self, amount: i64) -> bool {
        let after = i128::from(self.balance) + i128::from(amount);
        let is_possible = (0..=i128::from(MAX)).contains(&after);
        if is_possible {
            self.balance += amount;
            self.entries += 1;
        }
        is_possible
    }

    /// Does a deed and says which status it should be answered with.
    fn does(&mut self, deed: &Deed) -> u16 {
        match *deed {
            Deed::Credit(amount) if !(1..=MAX).contains(&amount) => 422,
            Deed::Credit(amount) => {
                if self.moves(amount) {
                    201
                } else {
                    409
                }
            }
            Deed::Redeem { fresh: false } => 409,
            Deed::Redeem { fresh: true } => {
                if self.moves(70) {
                    201
                } else {
                    409
                }
            }
            Deed::Order(film) if self.owned[film] => 409,
            Deed::Order(film) if PRICES[film] == 0 => 422,
            Deed::Order(film) => {
                let full = PRICES[film];
                let price = if self.is_vip {
                    full / 2 + full % 2
                } else {
                    full
                };
                self.owned[film] = self.moves(-price);
                if self.owned[film] { 201 } else { 402 }
            }
            Deed::Vip => {
                let is_paid = self.moves(-900);
                self.is_vip |= is_paid;
                if is_paid { 201 } else { 402 }
            }
            Deed::Again => unreachable!("the caller repeats the deed before"),
        }
    }
}

/// The house in which all cases happen, each to a member of its own.
struct House {
    app: TestApp,
    admin: Person,
    films: Vec<String>,
    used_voucher: String,
}

impl House {
    async fn open() -> Self {
        let app =
            TestApp::start_with(|config| config.accounts.registrations_per_hour = 10_000).await;
        let admin = app.admin().await;
        let mut films = Vec::new();
        for price in PRICES {
            films.push(film(&app, price).await);
        }
        let used_voucher = vouchers(&admin, 70, 1).await.remove(0);
        assert_eq!(redeem(&admin, &used_voucher).await.status(), 201);
        Self {
            app,
            admin,
            films,
            used_voucher,
        }
    }

    async fn answer(&self, who: &Person, deed: &Deed, key: &str) -> Response {
        match *deed {
            Deed::Credit(amount) => {
                let path = format!("/admin/accounts/{}/credit", who.id);
                send(
                    &self.admin,
                    &path,
                    key,
                    json!({"amount": amount, "note": ""}),
                )
                .await
            }
            Deed::Redeem { fresh: true } => {
                let code = vouchers(&self.admin, 70, 1).await.remove(0);
                redeem(who, &code).await
            }
            Deed::Redeem { fresh: false } => redeem(who, &self.used_voucher).await,
            Deed::Order(film) => order(who, &self.films[film], key).await,
            Deed::Vip => buy_vip(who, "month", key).await,
            Deed::Again => unreachable!("the caller repeats the deed before"),
        }
    }

    /// One case: every answer, every balance and in the end the whole ledger are as the model says.
    async fn live(&self, number: usize, deeds: &[Deed]) {
        let who = self.app.member(&format!("member{number}")).await;
        let mut model = Model::default();
        let mut before: Option<(Deed, String, u16, String)> = None;
        for deed in deeds {
            if matches!(deed, Deed::Again) {
                if let Some((deed, key, 201, body)) = &before
                    && !matches!(deed, Deed::Redeem { .. })
                {
                    let answer = self.answer(&who, deed, key).await;
                    assert_eq!(answer.headers()["idempotency-replayed"], "true");
                    assert_eq!(answer.status(), 201);
                    assert_eq!(&answer.text().await.unwrap(), body);
                }
            } else {
                let (key, wanted) = (fresh(), model.does(deed));
                let answer = self.answer(&who, deed, &key).await;
                assert_eq!(answer.status(), wanted, "{deed:?} with {model:?}");
                before = Some((deed.clone(), key, wanted, answer.text().await.unwrap()));
            }
            assert_eq!(balance(&who).await, model.balance, "after {deed:?}");
        }
        assert_eq!(ledger(&who).await.len(), model.entries);
        assert_no_gap(&self.app, &who).await;
    }
}

#[test]
fn a_ledger_adds_up_after_any_sequence_of_deeds() {
    let system = System::new();
    let house = system.block_on(House::open());
    let config = Config {
        cases: 40,
        failure_persistence: None,
        ..Config::default()
    };
    let number = std::cell::Cell::new(0);
    let deeds = proptest::collection::vec(deed(), 1..25);
    let outcome = TestRunner::new(config).run(&deeds, |deeds| {
        number.set(number.get() + 1);
        system.block_on(house.live(number.get(), &deeds));
        Ok(())
    });
    outcome.unwrap();
}
