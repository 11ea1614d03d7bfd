//! Dates and network addresses as policies write them.

use jiff::{Timestamp, civil};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Nanoseconds since 1970 of a date: ISO 8601 in the forms of the W3C note (a year, a month, a day, or a time
/// with its zone), or seconds since 1970. Four digits are a year.
// Source: IAM User Guide, "reference_policies_elements_condition_operators" (date operators)
pub(crate) fn date(text: &str) -> Option<i128> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_nanosecond());
    }
    let numeric = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if numeric && text.len() != 4 {
        return epoch(text);
    }
    let mut fields = text.splitn(3, '-');
    let year = field(fields.next(), 4)?;
    let month = fields.next().map_or(Some(1), |month| field(Some(month), 2))?;
    let day = fields.next().map_or(Some(1), |day| field(Some(day), 2))?;
    let date = civil::Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok()?;
    let midnight = date.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok()?;
    Some(midnight.timestamp().as_nanosecond())
}

fn field(text: Option<&str>, digits: usize) -> Option<i16> {
    let text = text.filter(|text| text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit()))?;
    text.parse().ok()
}

fn epoch(text: &str) -> Option<i128> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if seconds.len() > 15 || fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    Some(seconds.parse::<i128>().ok()? * 1_000_000_000 + nanos.parse::<i128>().ok()?)
}

/// A range of addresses. Without a prefix length it is one address.
// Source: IAM User Guide, "reference_policies_elements_condition_operators" (IP address operators), RFC 4632
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cidr {
    V4 { network: u32, mask: u32 },
    V6 { network: u128, mask: u128 },
}

impl Cidr {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => {
                let digits = prefix.bytes().all(|byte| byte.is_ascii_digit());
                (address, Some(prefix.parse::<u32>().ok().filter(|_| digits)?))
            }
            None => (text, None),
        };
        match address.parse().ok()? {
            IpAddr::V4(address) => {
                let host_bits = Ipv4Addr::BITS.checked_sub(prefix.unwrap_or(Ipv4Addr::BITS))?;
                let mask = u32::MAX.checked_shl(host_bits).unwrap_or(0);
                Some(Self::V4 { network: address.to_bits() & mask, mask })
            }
            IpAddr::V6(address) => {
                let host_bits = Ipv6Addr::BITS.checked_sub(prefix.unwrap_or(Ipv6Addr::BITS))?;
                let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
                Some(Self::V6 { network: address.to_bits() & mask, mask })
            }
        }
    }

    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self, address) {
            (Self::V4 { network, mask }, IpAddr::V4(address)) => address.to_bits() & mask == network,
            (Self::V6 { network, mask }, IpAddr::V6(address)) => address.to_bits() & mask == network,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        for (text, seconds) in [
            ("1970", Some(0)),
            ("2026-11", Some(1_793_491_200)),
            ("2026-11-21", Some(1_795_219_200)),
            ("2026-11-21T00:00:00Z", Some(1_795_219_200)),
            ("2026-11-21T00:00Z", Some(1_795_219_200)),
            ("2026-11-21T01:00:00+01:00", Some(1_795_219_200)),
            ("1795219200", Some(1_795_219_200)),
            ("1795219200.0", Some(1_795_219_200)),
            ("2026-13-01", None),
            ("2026-1-1", None),
            ("yesterday", None),
            ("", None),
            ("1.2.3", None),
        ] {
            assert_eq!(date(text), seconds.map(|s: i128| s * 1_000_000_000), "{text}");
        }
    }

    #[test]
    fn ranges_of_addresses() {
        for (range, address, expected) in [
            ("203.0.113.0/24", "203.0.113.255", true),
            ("203.0.113.0/24", "203.0.114.0", false),
            ("203.0.113.9/24", "203.0.113.1", true),
            ("203.0.113.9", "203.0.113.9", true),
            ("203.0.113.9", "203.0.113.8", false),
            ("0.0.0.0/0", "255.255.255.255", true),
            ("0.0.0.0/0", "::1", false),
            ("::/0", "2001:db8::1", true),
            ("::/0", "10.0.0.1", false),
            ("2001:db8::/32", "2001:db8:ffff::1", true),
            ("2001:db8::/32", "2001:db9::1", false),
            ("2001:db8::1", "2001:db8:0:0::1", true),
        ] {
            let range = Cidr::parse(range).expect(range);
            assert_eq!(range.contains(address.parse().expect(address)), expected, "{range:?} {address}");
        }
        for bad in ["203.0.113.0/33", "::/129", "203.0.113/24", "10.0.0.1/", "10.0.0.1/+8", "*", ""] {
            assert_eq!(Cidr::parse(bad), None, "{bad}");
        }
    }
}
