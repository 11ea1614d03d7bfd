//! Tokens to conditions, paths and updates. Names and values are put in while reading.

use std::ops::Range;

use super::super::invalid::Invalid;
use super::super::value::AttributeValue;
use super::condition::{Comparator, Operand};
use super::lexer::{Token, syntax_error, tokens};
use super::reserved::is_reserved;
use super::update::{Source, Update};
use super::{Condition, Path, Placeholders, Step};

/// Most operators in one expression; also bounds how deep the reading goes.
/// Source: DynamoDB Developer Guide, "Constraints: Expression parameters".
const MAX_OPERATORS: usize = 300;

/// A reader of one expression, token by token.
pub struct Parser<'a> {
    what: &'static str,
    text: &'a str,
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    operators: usize,
    placeholders: &'a mut Placeholders,
}

impl<'a> Parser<'a> {
    /// Returns a reader of the expression in the parameter `what`.
    pub fn new(
        what: &'static str,
        text: &'a str,
        placeholders: &'a mut Placeholders,
    ) -> Result<Self, Invalid> {
        let tokens = tokens(what, text)?;
        if tokens.is_empty() {
            return Err(Invalid(format!("Invalid {what}: The expression can not be empty;")));
        }
        Ok(Self { what, text, tokens, at: 0, operators: 0, placeholders })
    }

    /// Checks that nothing is left of the expression.
    pub fn end(&self) -> Result<(), Invalid> {
        if self.at < self.tokens.len() { Err(self.syntax_error()) } else { Ok(()) }
    }

    fn error(&self, message: impl std::fmt::Display) -> Invalid {
        Invalid(format!("Invalid {}: {message}", self.what))
    }

    fn syntax_error(&self) -> Invalid {
        // At the end of the expression DynamoDB quotes its last token.
        // Source: paritysuite/dynamodb-conformance, tests/tier3/validation-ordering/transactions.test.ts.
        if let (None, Some((_, last))) = (self.tokens.get(self.at), self.tokens.last()) {
            let near = self.text.get(last.clone()).unwrap_or_default();
            return self.error(format_args!("Syntax error; token: \"<EOF>\", near: \"{near}\""));
        }
        let at =
            self.tokens.get(self.at).map_or(self.text.len()..self.text.len(), |(_, range)| range.clone());
        syntax_error(self.what, self.text, at)
    }

    /// The next token as it stands in the expression.
    fn typed(&self) -> &str {
        self.tokens.get(self.at).and_then(|(_, range)| self.text.get(range.clone())).unwrap_or_default()
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    fn next_is(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead), Some((Token::Sign(s), _)) if *s == sign)
    }

    fn take_sign(&mut self, sign: &str) -> bool {
        let found = self.next_is(0, sign);
        self.at += usize::from(found);
        found
    }

    fn expect_sign(&mut self, sign: &str) -> Result<(), Invalid> {
        if self.take_sign(sign) { Ok(()) } else { Err(self.syntax_error()) }
    }

    fn take_keyword(&mut self, keyword: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(word)) if word.eq_ignore_ascii_case(keyword));
        self.at += usize::from(found);
        found
    }

    fn count_operator(&mut self) -> Result<(), Invalid> {
        self.operators += 1;
        if self.operators > MAX_OPERATORS {
            return Err(self.error(format_args!(
                "The expression contains too many operators; operator count: {}",
                self.operators
            )));
        }
        Ok(())
    }

    /// Reads `a OR b`, the loosest binding.
    pub fn condition(&mut self) -> Result<Condition, Invalid> {
        let mut left = self.conjunction()?;
        while self.take_keyword("OR") {
            self.count_operator()?;
            left = Condition::Or(Box::new(left), Box::new(self.conjunction()?));
        }
        Ok(left)
    }

    fn conjunction(&mut self) -> Result<Condition, Invalid> {
        let mut left = self.negation()?;
        while self.take_keyword("AND") {
            self.count_operator()?;
            left = Condition::And(Box::new(left), Box::new(self.negation()?));
        }
        Ok(left)
    }

    fn negation(&mut self) -> Result<Condition, Invalid> {
        if self.take_keyword("NOT") {
            self.count_operator()?;
            return Ok(Condition::Not(Box::new(self.negation()?)));
        }
        if self.take_sign("(") {
            self.count_operator()?;
            let doubled = self.next_is(0, "(").then_some(self.at);
            let inner = self.condition()?;
            // The inner pair of brackets ends where the outer one does: it says nothing.
            let ends = self.at.checked_sub(1);
            if doubled.is_some_and(|from| self.closing(from) == ends) && self.next_is(0, ")") {
                return Err(self.error("The expression has redundant parentheses;"));
            }
            self.expect_sign(")")?;
            return Ok(inner);
        }
        if let Some(Token::Word(word)) = self.peek()
            && self.next_is(1, "(")
            && word != "size"
        {
            let function = word.clone();
            self.at += 1;
            return self.function(&function);
        }
        self.comparison()
    }

    /// Returns the place of the bracket that closes the one at `from`.
    fn closing(&self, from: usize) -> Option<usize> {
        let mut depth = 0_usize;
        self.tokens.iter().enumerate().skip(from).find_map(|(at, (token, _))| {
            match token {
                Token::Sign("(") => depth += 1,
                Token::Sign(")") => depth = depth.saturating_sub(1),
                Token::Sign(_) | Token::Word(_) | Token::Name(_) | Token::Value(_) | Token::Index(_) => {}
            }
            (depth == 0).then_some(at)
        })
    }

    /// Refuses an operator or function whose first operand, a path, is among the others.
    fn check_distinct(&self, operator: &str, first: &Operand, others: &[&Operand]) -> Result<(), Invalid> {
        match first {
            Operand::Path(path) if others.contains(&first) => Err(self.error(format_args!(
                "The first operand must be distinct from the remaining operands for this operator or function; \
                 operator: {operator}, first operand: {path}"
            ))),
            Operand::Path(_) | Operand::Value(_) | Operand::Size(_) => Ok(()),
        }
    }

    fn comparison(&mut self) -> Result<Condition, Invalid> {
        let left = self.operand()?;
        self.count_operator()?;
        if self.take_keyword("BETWEEN") {
            let low = self.operand()?;
            if !self.take_keyword("AND") {
                return Err(self.syntax_error());
            }
            let high = self.operand()?;
            for operand in [&left, &low, &high] {
                self.check_ordered("BETWEEN", operand)?;
            }
            self.check_distinct("BETWEEN", &left, &[&low, &high])?;
            return Ok(Condition::Between(left, low, high));
        }
        if self.take_keyword("IN") {
            self.expect_sign("(")?;
            let others = self.list(Self::operand)?;
            self.expect_sign(")")?;
            self.check_distinct("IN", &left, &others.iter().collect::<Vec<_>>())?;
            return Ok(Condition::In(left, others));
        }
        let comparator = match self.peek() {
            Some(Token::Sign(sign)) => Comparator::of(sign),
            _ => None,
        };
        let Some(comparator) = comparator else { return Err(self.syntax_error()) };
        self.at += 1;
        let right = self.operand()?;
        if !matches!(comparator, Comparator::Equal | Comparator::NotEqual) {
            self.check_ordered(comparator.sign(), &left)?;
            self.check_ordered(comparator.sign(), &right)?;
        }
        self.check_distinct(comparator.sign(), &left, &[&right])?;
        Ok(Condition::Compare(left, comparator, right))
    }

    /// Checks that an operand can be ordered: only texts, numbers and bytes can.
    fn check_ordered(&self, operator: &str, operand: &Operand) -> Result<(), Invalid> {
        match operand {
            Operand::Value(value) if !matches!(value.type_name(), "S" | "N" | "B") => Err(self.error(format_args!(
                "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {}",
                value.type_name()
            ))),
            Operand::Path(_) | Operand::Value(_) | Operand::Size(_) => Ok(()),
        }
    }

    fn function(&mut self, name: &str) -> Result<Condition, Invalid> {
        self.count_operator()?;
        let operands = match name {
            "attribute_exists" | "attribute_not_exists" => 1,
            "attribute_type" | "begins_with" | "contains" => 2,
            _ => return Err(self.error(format_args!("Invalid function name; function: {name}"))),
        };
        self.expect_sign("(")?;
        let mut given = self.list(Self::operand)?;
        self.expect_sign(")")?;
        if given.len() != operands {
            return Err(self.error(format_args!(
                "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                 operands: {}",
                given.len()
            )));
        }
        let wrong = |operand: &Operand| {
            let kind = match operand {
                Operand::Value(value) => value.type_name(),
                Operand::Path(_) => "path",
                Operand::Size(_) => "size",
            };
            self.error(format_args!(
                "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
            ))
        };
        let second = if operands == 2 { given.pop() } else { None };
        let Some(first) = given.pop() else { return Err(self.syntax_error()) };
        match (name, first, second) {
            ("attribute_exists", Operand::Path(path), _) => Ok(Condition::Exists(path)),
            ("attribute_not_exists", Operand::Path(path), _) => Ok(Condition::NotExists(path)),
            ("attribute_type", Operand::Path(path), Some(Operand::Value(kind))) => {
                let AttributeValue::S(text) = &kind else { return Err(wrong(&Operand::Value(kind))) };
                if !["S", "SS", "N", "NS", "B", "BS", "BOOL", "NULL", "L", "M"].contains(&text.as_str()) {
                    return Err(self.error(format_args!(
                        "Invalid attribute type name found; type: {text}, valid types: \
                         {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
                    )));
                }
                Ok(Condition::Type(path, kind))
            }
            ("begins_with", first, Some(second)) => {
                for operand in [&first, &second] {
                    if matches!(operand, Operand::Size(_))
                        || matches!(operand, Operand::Value(v) if !matches!(v.type_name(), "S" | "B"))
                    {
                        return Err(wrong(operand));
                    }
                }
                self.check_distinct(name, &first, &[&second])?;
                Ok(Condition::BeginsWith(first, second))
            }
            ("contains", first, Some(second)) => {
                self.check_distinct(name, &first, &[&second])?;
                Ok(Condition::Contains(first, second))
            }
            (_, first, second) => Err(wrong(second.as_ref().unwrap_or(&first))),
        }
    }

    fn operand(&mut self) -> Result<Operand, Invalid> {
        if matches!(self.peek(), Some(Token::Word(word)) if word == "size") && self.next_is(1, "(") {
            self.at += 2;
            let path = self.path()?;
            self.expect_sign(")")?;
            return Ok(Operand::Size(path));
        }
        if let Some(Token::Value(_)) = self.peek() {
            return self.value().map(Operand::Value);
        }
        self.path().map(Operand::Path)
    }

    fn value(&mut self) -> Result<AttributeValue, Invalid> {
        let Some(Token::Value(name)) = self.peek().cloned() else { return Err(self.syntax_error()) };
        self.at += 1;
        self.placeholders.value(&name).ok_or_else(|| {
            self.error(format_args!(
                "An expression attribute value used in expression is not defined; attribute value: {name}"
            ))
        })
    }

    fn path(&mut self) -> Result<Path, Invalid> {
        let attribute = self.name()?;
        let mut rest = Vec::new();
        loop {
            if self.take_sign(".") {
                rest.push(Step::Key(self.name()?));
            } else if self.take_sign("[") {
                let Some(Token::Index(index)) = self.peek() else { return Err(self.syntax_error()) };
                let index = *index;
                // Source: DynamoDB's answer; an index is a 32-bit number of at least 0.
                if i32::try_from(index).is_err() {
                    return Err(self.error(format_args!(
                        "List index is not within the allowable range; index: [{}]",
                        self.typed()
                    )));
                }
                rest.push(Step::Index(index));
                self.at += 1;
                self.expect_sign("]")?;
            } else {
                return Ok(Path { attribute, rest });
            }
        }
    }

    fn name(&mut self) -> Result<String, Invalid> {
        match self.peek().cloned() {
            Some(Token::Word(word)) if is_reserved(&word) => {
                Err(self
                    .error(format_args!("Attribute name is a reserved keyword; reserved keyword: {word}")))
            }
            Some(Token::Word(word)) => {
                self.at += 1;
                Ok(word)
            }
            Some(Token::Name(name)) => {
                self.at += 1;
                self.placeholders.name(&name).ok_or_else(|| {
                    self.error(format_args!(
                        "An expression attribute name used in the document path is not defined; attribute name: {name}"
                    ))
                })
            }
            _ => Err(self.syntax_error()),
        }
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Result<T, Invalid>) -> Result<Vec<T>, Invalid> {
        let mut all = vec![one(self)?];
        while self.take_sign(",") {
            all.push(one(self)?);
        }
        Ok(all)
    }

    /// Reads paths separated by commas.
    pub fn projection(&mut self) -> Result<Vec<Path>, Invalid> {
        let paths = self.list(Self::path)?;
        self.check_overlap(&paths.iter().collect::<Vec<_>>())?;
        Ok(paths)
    }

    /// Reads the four sections in any order, each once.
    pub fn update(&mut self) -> Result<Update, Invalid> {
        let mut update = Update::default();
        let mut seen: Vec<&str> = Vec::new();
        while self.at < self.tokens.len() {
            let section =
                ["SET", "REMOVE", "ADD", "DELETE"].into_iter().find(|section| self.take_keyword(section));
            let Some(section) = section else { return Err(self.syntax_error()) };
            if seen.contains(&section) {
                return Err(self.error(format_args!(
                    "The \"{section}\" section can only be used once in an update expression;"
                )));
            }
            seen.push(section);
            match section {
                "SET" => update.set = self.list(Self::assignment)?,
                "REMOVE" => update.remove = self.list(Self::path)?,
                "ADD" => update.add = self.list(Self::addition)?,
                _ => update.delete = self.list(Self::deletion)?,
            }
        }
        self.check_overlap(&update.paths().collect::<Vec<_>>())?;
        Ok(update)
    }

    fn check_overlap(&self, paths: &[&Path]) -> Result<(), Invalid> {
        for (n, one) in paths.iter().enumerate() {
            if let Some(two) = paths[n + 1..].iter().find(|two| one.overlaps(two)) {
                return Err(self.error(format_args!(
                    "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: \
                     {one}, path two: {two}"
                )));
            }
            if let Some(two) = paths[n + 1..].iter().find(|two| one.conflicts(two)) {
                return Err(self.error(format_args!(
                    "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: \
                     {one}, path two: {two}"
                )));
            }
        }
        Ok(())
    }

    /// Reads a path and the number or set that `ADD` adds to what is there.
    fn addition(&mut self) -> Result<(Path, AttributeValue), Invalid> {
        self.operand_of("ADD", &["N", "SS", "NS", "BS"])
    }

    /// Reads a path and the set that `DELETE` takes from the one that is there.
    fn deletion(&mut self) -> Result<(Path, AttributeValue), Invalid> {
        self.operand_of("DELETE", &["SS", "NS", "BS"])
    }

    fn operand_of(&mut self, section: &str, kinds: &[&str]) -> Result<(Path, AttributeValue), Invalid> {
        let path = self.path()?;
        self.count_operator()?;
        let value = self.value()?;
        if kinds.contains(&value.type_name()) {
            return Ok((path, value));
        }
        Err(self.error(format_args!(
            "Incorrect operand type for operator or function; operator: {section}, operand type: {}, typeSet: \
             ALLOWED_FOR_{section}_OPERAND",
            value.long_type_name()
        )))
    }

    fn assignment(&mut self) -> Result<(Path, Source), Invalid> {
        let path = self.path()?;
        self.expect_sign("=")?;
        self.count_operator()?;
        let left = self.source()?;
        let source = if self.take_sign("+") {
            Source::Plus(Box::new(left), Box::new(self.source()?))
        } else if self.take_sign("-") {
            Source::Minus(Box::new(left), Box::new(self.source()?))
        } else {
            left
        };
        Ok((path, source))
    }

    fn source(&mut self) -> Result<Source, Invalid> {
        self.count_operator()?;
        if let Some(Token::Word(word)) = self.peek()
            && self.next_is(1, "(")
        {
            let function = word.clone();
            self.at += 2;
            let source = match function.as_str() {
                "if_not_exists" => {
                    let path = self.path()?;
                    self.expect_sign(",")?;
                    Source::IfNotExists(path, Box::new(self.source()?))
                }
                "list_append" => {
                    let first = self.source()?;
                    self.expect_sign(",")?;
                    let second = self.source()?;
                    // Source: scylladb/scylladb, test/alternator/test_update_expression.py, which is run against DynamoDB, for
                    // the refusal.
                    // Doubtful: the text. One form is known.
                    if [&first, &second].iter().any(|of| matches!(of, Source::ListAppend(..))) {
                        return Err(self.error(
                            "The function is not allowed to be used this way in an expression; function: list_append",
                        ));
                    }
                    Source::ListAppend(Box::new(first), Box::new(second))
                }
                _ => return Err(self.error(format_args!("Invalid function name; function: {function}"))),
            };
            self.expect_sign(")")?;
            return Ok(source);
        }
        if let Some(Token::Value(_)) = self.peek() {
            return self.value().map(Source::Value);
        }
        self.path().map(Source::Path)
    }
}
