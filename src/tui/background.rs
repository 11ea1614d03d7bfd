//! Asking the terminal for its background, so that the colours suit it.

use super::theme::ThemeName;

/// The theme for this terminal: dark or light when it tells its background and shows all colours, sixteen colours else.
///
/// Needs raw mode. Waits a fifth of a second at most.
pub fn theme() -> ThemeName {
    let all_colours =
        std::env::var("COLORTERM").is_ok_and(|v| v.contains("truecolor") || v.contains("24bit"));
    if !all_colours {
        return ThemeName::Ansi;
    }
    match ask().and_then(|answer| luminance(&answer)) {
        Some(light) if light > 0.5 => ThemeName::Light,
        Some(_) => ThemeName::Dark,
        None => ThemeName::Ansi,
    }
}

/// Asks for the background colour, then for the terminal's attributes: every terminal answers the second, so its answer
/// ends the wait where the first is not understood.
#[cfg(unix)]
fn ask() -> Option<Vec<u8>> {
    use std::io::Write;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    let mut out = std::io::stdout();
    out.write_all(b"\x1b]11;?\x1b\\\x1b[c").ok()?;
    out.flush().ok()?;
    let stdin = rustix::stdio::stdin();
    let mut answer = Vec::new();
    let wait = Timespec::try_from(Duration::from_millis(200)).ok()?;
    loop {
        let mut fds = [PollFd::new(&stdin, PollFlags::IN)];
        if poll(&mut fds, Some(&wait)).ok()? == 0 {
            return Some(answer);
        }
        let mut buffer = [0; 256];
        let read = rustix::io::read(stdin, &mut buffer).ok()?;
        answer.extend_from_slice(buffer.get(..read)?);
        let complete =
            answer.windows(3).position(|w| w == b"\x1b[?").is_some_and(|at| answer[at..].contains(&b'c'));
        if read == 0 || complete || answer.len() > 4096 {
            return Some(answer);
        }
    }
}

#[cfg(not(unix))]
fn ask() -> Option<Vec<u8>> {
    None
}

/// How light the colour in an answer like `ESC ] 11 ; rgb:fafa/fafa/fafa ESC \` is, from 0 to 1.
/// Source: xterm control sequences, "OSC 11"; each part has one to four hex digits.
fn luminance(answer: &[u8]) -> Option<f64> {
    let text = String::from_utf8_lossy(answer);
    let (_, rest) = text.split_once("]11;")?;
    let (_, rest) = rest.split_once("rgb")?;
    let rest = rest.split_once(':')?.1;
    let parts: Vec<f64> = rest
        .split(|c: char| !c.is_ascii_hexdigit())
        .take(3)
        .filter(|p| (1..=4).contains(&p.len()))
        .filter_map(|p| {
            let value = u16::from_str_radix(p, 16).ok()?;
            let most = (1_u32 << (4 * p.len())) - 1;
            Some(f64::from(value) / f64::from(most))
        })
        .collect();
    match parts.as_slice() {
        [r, g, b] => Some(0.2126 * r + 0.7152 * g + 0.0722 * b),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_every_width_are_read() {
        let cases: [(&[u8], Option<bool>); 5] = [
            (b"\x1b]11;rgb:fafa/fafa/fafa\x1b\\\x1b[?62;c", Some(true)),
            (b"\x1b]11;rgb:12/14/17\x07", Some(false)),
            (b"\x1b]11;rgba:1212/1414/1717/ffff\x07", Some(false)),
            (b"\x1b[?1;2c", None),
            (b"", None),
        ];
        for (answer, light) in cases {
            assert_eq!(luminance(answer).map(|l| l > 0.5), light, "{answer:?}");
        }
    }
}
