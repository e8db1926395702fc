//! How accounts are shown to people.

use playhouse_api::Page;
use playhouse_api::accounts::{Account, Role};
use playhouse_api::admin::AccountDetail;
use playhouse_api::site::SiteInfo;
use playhouse_cli_support::table::{Table, fields, left};
use playhouse_cli_support::{money, output, when};

pub(super) fn account_table(page: &Page<Account>) -> String {
    let columns = [
        left("ID"),
        left("USER NAME"),
        left("REAL NAME"),
        left("ROLE"),
        left("VIP UNTIL (UTC)"),
        left("LOCKED"),
        left("CREATED (UTC)"),
    ];
    let mut table = Table::new(columns);
    for account in &page.items {
        table.row([
            account.id.to_string(),
            account.username.clone(),
            account.real_name.clone().unwrap_or_default(),
            role_word(account).to_owned(),
            when::show_or_dash(account.vip_until),
            if account.is_locked { "yes" } else { "" }.to_owned(),
            when::show(account.created_at),
        ]);
    }
    table.to_string()
}

pub(super) fn account_fields(detail: &AccountDetail, site: &SiteInfo) -> String {
    let account = &detail.account;
    let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let drive = format!(
        "{} of {}",
        output::bytes(detail.drive.used),
        output::bytes(detail.drive.quota)
    );
    fields(&[
        ("id", account.id.to_string()),
        ("user name", account.username.clone()),
        ("real name", or_dash(&account.real_name)),
        ("role", role_word(account).to_owned()),
        ("vip until", when::show_or_dash(account.vip_until)),
        (
            "locked",
            if account.is_locked { "yes" } else { "no" }.to_owned(),
        ),
        ("phone", or_dash(&detail.phone)),
        ("address", or_dash(&detail.address)),
        ("email", or_dash(&detail.email)),
        ("balance", money::show(detail.balance, site)),
        ("drive", drive),
        ("created", when::show(account.created_at)),
    ])
}

pub(super) fn role_word(account: &Account) -> &'static str {
    match account.role {
        Role::Member => "member",
        Role::Admin => "admin",
    }
}
