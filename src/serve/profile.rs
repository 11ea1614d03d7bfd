//! The keys of a server as files of the AWS CLI and the SDKs: `config` and `credentials`.
//!
//! Source: AWS SDKs and Tools Reference Guide, "Using shared config and credentials files".

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::Path;

use super::keys::{Key, Keys};

/// Writes the text of `config`: one profile a key.
pub fn config(keys: &Keys, endpoint: &str, region: &str) -> String {
    let profile = |key: &Key| {
        format!(
            "[profile {}]\nregion = {region}\nendpoint_url = {endpoint}\noutput = json\n",
            quoted(&key.name)
        )
    };
    keys.all().map(profile).collect::<Vec<_>>().join("\n")
}

/// Writes the text of `credentials`.
pub fn credentials(keys: &Keys) -> zeroize::Zeroizing<String> {
    let mut text = zeroize::Zeroizing::new(String::new());
    for key in keys.all() {
        let (name, id, secret) = (&key.name, &key.id, key.credential.secret());
        for part in ["[", name, "]\naws_access_key_id = ", id, "\naws_secret_access_key = ", secret, "\n"] {
            text.push_str(part);
        }
        if let Some(token) = key.credential.token() {
            for part in ["aws_session_token = ", token, "\n"] {
                text.push_str(part);
            }
        }
        text.push('\n');
    }
    text
}

/// Writes the files of a folder, which is made if it is not there: what holds a secret is its owner's alone.
///
/// # Errors
///
/// If a file cannot be written.
pub fn write(folder: &Path, keys: &Keys, endpoint: &str, region: &str, token: &str) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    private(&folder.join("config"), &config(keys, endpoint, region))?;
    private(&folder.join("credentials"), &credentials(keys))?;
    private(&folder.join("token"), &format!("{token}\n"))
}

/// Writes a file that only its owner may read, in the place of one that may be there.
fn private(path: &Path, text: &str) -> io::Result<()> {
    // A new file: one that is there may be open to others, or be a link to elsewhere.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(text.as_bytes())
}

/// The name of a profile in `config`, where it is read as words of a shell.
fn quoted(name: &str) -> String {
    if name.contains(|c: char| c.is_whitespace() || "'\"\\".contains(c)) {
        format!("'{}'", name.replace('\'', "'\\''"))
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Caller;

    #[test]
    fn each_key_is_a_profile_and_what_is_there_is_replaced() {
        let account = "111122223333".parse().expect("twelve digits");
        let holders =
            [("tess".to_owned(), Caller::user(&account, "tess")), ("a b".to_owned(), Caller::Root(account))];
        let keys = Keys::draw(holders).expect("random numbers");
        let config = config(&keys, "http://127.0.0.1:1", "eu-west-1");
        assert!(
            config.contains("[profile tess]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:1\n"),
            "{config}"
        );
        assert!(config.contains("[profile 'a b']\n"), "{config}");
        let folder = tempfile::tempdir().expect("a folder");
        let outside = folder.path().join("outside");
        fs::write(&outside, "untouched").expect("written");
        let own = folder.path().join("lab");
        fs::create_dir(&own).expect("made");
        #[cfg(unix)]
        std::os::unix::fs::symlink(&outside, own.join("credentials")).expect("a link");
        write(&own, &keys, "http://127.0.0.1:1", "eu-west-1", "t").expect("written");
        assert_eq!(fs::read_to_string(outside).expect("read"), "untouched");
        let key = keys.of("tess").expect("a key");
        let text = fs::read_to_string(own.join("credentials")).expect("read");
        let wanted = format!(
            "[tess]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            key.id,
            key.credential.secret()
        );
        assert!(text.contains(&wanted), "{text}");
        assert!(!format!("{key:?}").contains(key.credential.secret()));
    }
}
