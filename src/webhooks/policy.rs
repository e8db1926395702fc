//! Whom the house speaks to: which addresses a webhook may have, as pure functions.
//!
//! An admin of the house need not be one of the machines around it, and a name may lead anywhere. So only addresses of the
//! public internet are connected to, unless the operator has said otherwise.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// The longest address of a receiver, in bytes.
const MAX_URL: usize = 2000;

/// Reads the address of a receiver; refuses it with a sentence. A name is looked at when it is connected to.
pub(super) fn receiver(text: &str, allows_private: bool) -> Result<Url, &'static str> {
    if text.len() > MAX_URL {
        return Err("url has at most 2000 bytes.");
    }
    let url = Url::parse(text).map_err(|_| "url is no address.")?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("url begins with https:// or http://.");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("url has no user name and no password.");
    }
    if url.fragment().is_some() {
        return Err("url has no fragment.");
    }
    match literal(&url) {
        Some(address) if !allows_private && !is_public(address) => {
            Err("url leads to an address that is not of the public internet.")
        }
        _ => Ok(url),
    }
}

/// The address of a host that is not a name.
pub(super) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// Whether an address is one of the public internet (the special-purpose registries of IANA, RFC 6890).
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let is_special = match address.octets() {
        // This network; private; shared by carriers; loopback; link-local.
        [0 | 10 | 127, ..] | [100, 64..=127, ..] | [169, 254, ..] => true,
        [172, 16..=31, ..] | [192, 168, ..] => true,
        // Protocol assignments, documentation, relays of 6to4, measurements.
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 18 | 19, ..] => true,
        [198, 51, 100, _] | [203, 0, 113, _] => true,
        // Public by its number, and yet the machine's own: what Azure runs below it.
        [168, 63, 129, 16] => true,
        // Multicast, reserved, broadcast.
        [224..=255, ..] => true,
        _ => false,
    };
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [a, b, c, d, e, f, g, h] = address.segments();
    if [a, b, c, d, e, f] == [0x64, 0xff9b, 0, 0, 0, 0] {
        // A host behind NAT64.
        let [high, low] = [g.to_be_bytes(), h.to_be_bytes()];
        return is_public_v4(Ipv4Addr::new(high[0], high[1], low[0], low[1]));
    }
    // Of what is routed: no Teredo and other protocol assignments, no documentation, no 6to4.
    let is_special =
        (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || a == 0x2002 || (a == 0x3fff && b < 0x1000);
    (0x2000..=0x3fff).contains(&a) && !is_special
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_the_public_internet_are_let_through() {
        for text in [
            "1.1.1.1",
            "93.184.216.34",
            "172.15.0.1",
            "172.32.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "223.255.255.255",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn all_others_are_not() {
        for text in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "100::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn addresses_of_receivers_are_read() {
        for text in [
            "https://hooks.example/playhouse?key=1",
            "http://hooks.example:8080",
            "https://1.1.1.1/",
            "https://localhost/",
        ] {
            assert!(receiver(text, false).is_ok(), "{text}");
        }
        for text in [
            "",
            "hooks.example",
            "//hooks.example",
            "ftp://hooks.example",
            "file:///etc/passwd",
            "unix:/run/x",
            "https://ann@hooks.example",
            "https://ann:word@hooks.example",
            "https://hooks.example/#part",
            "https://127.0.0.1",
            "https://127.1",
            "https://2130706433",
            "https://0x7f000001",
            "https://0177.0.0.1",
            "https://[::1]",
            "https://[::ffff:7f00:1]",
            "https://[fe80::1]:8443/x",
            "http://169.254.169.254/latest/meta-data",
        ] {
            assert!(receiver(text, false).is_err(), "{text}");
        }
        let long = format!("https://hooks.example/{}", "x".repeat(MAX_URL));
        assert!(receiver(&long, false).is_err());
        assert!(receiver("http://127.0.0.1:9", true).is_ok());
        assert!(receiver("http://ann@127.0.0.1:9", true).is_err());
    }

    proptest! {
        /// However an IPv4 address is written, it is judged alike.
        #[test]
        fn a_mapped_address_is_judged_as_itself(bits in any::<u32>()) {
            let address = Ipv4Addr::from_bits(bits);
            let mapped = IpAddr::V6(address.to_ipv6_mapped());
            prop_assert_eq!(is_public(mapped), is_public(address.into()));
            let url = Url::parse(&format!("http://{bits}/")).unwrap();
            prop_assert_eq!(literal(&url), Some(IpAddr::V4(address)));
        }
    }
}
