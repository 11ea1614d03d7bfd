//! The files of `src` as modules: what each defines, imports and mentions. Code of tests is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A path of names, such as `crate::lab::Lab`.
pub type Names = Vec<String>;

/// One name that a file imports.
#[derive(Debug)]
pub struct Import {
    /// The name it has in the file; `*` for everything.
    pub alias: String,
    /// What it stands for, from the root of the crate.
    pub path: Names,
    /// Whether it is passed on.
    pub public: bool,
}

/// One file.
#[derive(Debug, Default)]
pub struct Source {
    /// Relative to `src`.
    pub file: String,
    pub module: Names,
    pub defined: BTreeSet<String>,
    pub imports: Vec<Import>,
    /// Paths in the code outside of `use`, as they are written.
    pub paths: Vec<Names>,
    /// Single names in the code outside of `use`.
    pub mentioned: BTreeSet<String>,
    /// Modules that exist for tests only.
    test_modules: BTreeSet<String>,
}

/// Reads every file of `src` that is no test.
pub fn read(src: &Path) -> BTreeMap<Names, Source> {
    let mut files = Vec::new();
    list(src, &mut files);
    let parsed = files.iter().map(|path| {
        let file = path.strip_prefix(src).expect("it is in the folder").to_string_lossy().into_owned();
        of(&file, &fs::read_to_string(path).expect("readable"))
    });
    let all: Vec<Source> = parsed.collect();
    let tests: Vec<Names> = all
        .iter()
        .flat_map(|s| s.test_modules.iter().map(|name| [s.module.clone(), vec![name.clone()]].concat()))
        .collect();
    let is_test = |module: &Names| tests.iter().any(|test| module.starts_with(test));
    all.into_iter().filter(|s| !is_test(&s.module)).map(|s| (s.module.clone(), s)).collect()
}

fn list(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            list(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

fn module_of(relative: &Path) -> Names {
    let mut names: Names = relative
        .with_extension("")
        .components()
        .map(|c| c.as_os_str().to_string_lossy().into_owned())
        .collect();
    if matches!(names.last().map(String::as_str), Some("mod" | "lib" | "main")) {
        names.pop();
    }
    names
}

/// Reads the text of one file, given its path below `src`.
pub fn of(file: &str, text: &str) -> Source {
    let mut source =
        Source { file: file.to_owned(), module: module_of(Path::new(file)), ..Source::default() };
    let tokens = tokens(text);
    Reader { tokens: &tokens, at: 0, source: &mut source, inline: Vec::new(), depth: 0 }.read();
    source
}

/// Names, and every other character by itself; `::` is one token. Comments, strings and characters are gone.
fn tokens(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let c = at(i);
        if c == '/' && at(i + 1) == '/' {
            while i < chars.len() && at(i) != '\n' {
                i += 1;
            }
        } else if c == '"' {
            i += 1;
            while i < chars.len() && at(i) != '"' {
                i += if at(i) == '\\' { 2 } else { 1 };
            }
            i += 1;
        } else if c == 'r' && (at(i + 1) == '"' || at(i + 1) == '#' && matches!(at(i + 2), '"' | '#')) {
            i = raw_string_end(&chars, i + 1);
        } else if c == '\'' {
            // A character, or a lifetime, which has no closing quote.
            if at(i + 1) == '\\' {
                i += 3;
                while i < chars.len() && at(i) != '\'' {
                    i += 1;
                }
                i += 1;
            } else {
                i += if at(i + 2) == '\'' { 3 } else { 1 };
            }
        } else if c.is_alphanumeric() || c == '_' {
            let start = i;
            while at(i).is_alphanumeric() || at(i) == '_' {
                i += 1;
            }
            let word: String = chars[start..i].iter().collect();
            // The letter of a byte string belongs to no name.
            if !(word == "b" && matches!(at(i), '"' | '\'') || word == "br" && matches!(at(i), '"' | '#')) {
                out.push(word);
            } else if word == "br" {
                i = raw_string_end(&chars, i);
            }
        } else if c == ':' && at(i + 1) == ':' {
            out.push("::".to_owned());
            i += 2;
        } else {
            if !c.is_whitespace() {
                out.push(c.to_string());
            }
            i += 1;
        }
    }
    out
}

/// The end of a raw string whose hashes begin at `i`.
fn raw_string_end(chars: &[char], mut i: usize) -> usize {
    let at = |i: usize| chars.get(i).copied().unwrap_or('\0');
    let mut hashes = 0;
    while at(i) == '#' {
        hashes += 1;
        i += 1;
    }
    i += 1;
    while i < chars.len() {
        if at(i) == '"' && (1..=hashes).all(|n| at(i + n) == '#') {
            return i + 1 + hashes;
        }
        i += 1;
    }
    i
}

struct Reader<'a> {
    tokens: &'a [String],
    at: usize,
    source: &'a mut Source,
    /// Modules written inside of the file that are open, with the depth they are at.
    inline: Vec<(String, usize)>,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", String::as_str)
    }

    fn read(&mut self) {
        let mut public = false;
        while self.at < self.tokens.len() {
            match self.peek(0).to_owned().as_str() {
                "#" => {
                    if self.attribute_is_for_tests() {
                        self.skip_item();
                    }
                    continue;
                }
                "pub" => {
                    public = true;
                    self.at += 1;
                    if self.peek(0) == "(" && matches!(self.peek(1), "super" | "crate" | "in" | "self") {
                        while self.peek(0) != ")" {
                            self.at += 1;
                        }
                        self.at += 1;
                    }
                    continue;
                }
                "use" if self.peek(1) != "<" => {
                    self.at += 1;
                    let base = self.module();
                    self.import(&[], public, &base);
                }
                "mod" if self.peek(2) == "{" => {
                    self.inline.push((self.peek(1).to_owned(), self.depth));
                    self.at += 2;
                    continue;
                }
                "fn" | "struct" | "enum" | "trait" | "type" | "const" | "static" | "union"
                    if is_name(self.peek(1)) =>
                {
                    if self.inline.is_empty() {
                        let name = if self.peek(1) == "fn" { self.peek(2) } else { self.peek(1) }.to_owned();
                        self.source.defined.insert(name);
                    }
                    self.at += if self.peek(1) == "fn" { 3 } else { 2 };
                    public = false;
                    continue;
                }
                "macro_rules" => {
                    let name = self.peek(2).to_owned();
                    self.source.defined.insert(name);
                    self.at += 3;
                }
                "{" => self.depth += 1,
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    let depth = self.depth;
                    self.inline.retain(|(_, at)| *at < depth);
                }
                name if is_name(name) => {
                    self.path();
                    public = false;
                    continue;
                }
                _ => {}
            }
            public = false;
            self.at += 1;
        }
    }

    /// The module of the place in the file.
    fn module(&self) -> Names {
        let inner = self.inline.iter().map(|(name, _)| name.clone());
        self.source.module.iter().cloned().chain(inner).collect()
    }

    /// Reads over an attribute. Whether what follows is compiled for tests only.
    fn attribute_is_for_tests(&mut self) -> bool {
        let start = self.at;
        let mut depth = 0;
        self.at += 1;
        if self.peek(0) == "!" {
            self.at += 1;
        }
        loop {
            match self.peek(0) {
                "[" => depth += 1,
                "]" => depth -= 1,
                "" => break,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                break;
            }
        }
        let words = &self.tokens[start..self.at];
        let says = |word: &str| words.iter().any(|w| w == word);
        says("cfg") && says("test") && !says("not") || words.len() == 4 && says("test")
    }

    /// Reads over the item that follows a test's attribute.
    fn skip_item(&mut self) {
        while self.peek(0) == "#" {
            self.attribute_is_for_tests();
        }
        let mut depth = 0;
        while self.at < self.tokens.len() {
            match self.peek(0) {
                "mod" if depth == 0 && self.peek(2) == ";" => {
                    let name = self.peek(1).to_owned();
                    self.source.test_modules.insert(name);
                }
                "{" | "(" | "[" => depth += 1,
                "}" | ")" | "]" => depth -= 1,
                _ => {}
            }
            let ends = depth == 0 && matches!(self.peek(0), ";" | "}" | ",");
            self.at += 1;
            if ends {
                // `use a::{b};` ends behind its brace.
                if self.peek(0) == ";" {
                    self.at += 1;
                }
                return;
            }
        }
    }

    /// A `use` tree from here on, below `prefix`. Ends before the `;`, `,` or `}` behind it.
    fn import(&mut self, prefix: &[String], public: bool, base: &Names) {
        let mut path = prefix.to_vec();
        let mut alias = None;
        loop {
            match self.peek(0).to_owned().as_str() {
                "{" => {
                    self.at += 1;
                    while self.peek(0) != "}" && !self.peek(0).is_empty() {
                        self.import(&path, public, base);
                        if self.peek(0) == "," {
                            self.at += 1;
                        }
                    }
                    self.at += 1;
                    return;
                }
                "::" => {}
                "as" => {
                    self.at += 1;
                    alias = Some(self.peek(0).to_owned());
                }
                "self" if !path.is_empty() => {}
                ";" | "," | "}" | "" => break,
                name => path.push(name.to_owned()),
            }
            self.at += 1;
        }
        let glob = path.last().is_some_and(|last| last == "*");
        if glob {
            path.pop();
        }
        let last = path.last().cloned().unwrap_or_default();
        let alias = if glob { "*".to_owned() } else { alias.unwrap_or(last) };
        if let Some(path) = absolute(&path, base) {
            self.source.imports.push(Import { alias, path, public });
        }
    }

    /// A path in the code.
    fn path(&mut self) {
        let mut path = vec![self.peek(0).to_owned()];
        self.at += 1;
        while self.peek(0) == "::" && is_name(self.peek(1)) {
            path.push(self.peek(1).to_owned());
            self.at += 2;
        }
        if path.len() == 1 {
            self.source.mentioned.extend(path);
        } else {
            let base = self.module();
            let whole = match path.first().map(String::as_str) {
                Some("crate" | "super" | "self") => {
                    absolute(&path, &base).map(|path| [vec!["crate".to_owned()], path].concat())
                }
                _ => Some(path),
            };
            self.source.paths.extend(whole);
        }
    }
}

fn is_name(token: &str) -> bool {
    token.chars().next().is_some_and(|c| c.is_alphabetic() || c == '_')
}

/// A path from the root of the crate, without `crate`. A path that begins otherwise starts at `base`, as one into a
/// module below it does; what is none of ours is found nowhere later.
fn absolute(path: &[String], base: &Names) -> Option<Names> {
    let mut rest = path;
    let mut from = base.clone();
    match rest.first()?.as_str() {
        "crate" => {
            from.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        _ => {}
    }
    while rest.first().is_some_and(|name| name == "super") {
        from.pop()?;
        rest = &rest[1..];
    }
    from.extend(rest.iter().cloned());
    Some(from)
}
