//! The syntax of regular expressions. The program is written while the pattern is read.
//!
//! It goes by the parser of the crate `regex-lite`, also where it takes blanks and comments in extended
//! mode, so that the same patterns are refused.

use alloc::vec::Vec;

use super::super::PatternError;
use super::class::Class;
use super::program::{Instruction, Look, Program};
use crate::limits::Limit;

/// How deep groups, repetitions and lists may lie in each other.
const NESTING: u32 = 50;

/// Reads a regular expression.
///
/// # Errors
/// A pattern that is malformed, or too large when compiled.
pub(super) fn parse(pattern: &str) -> Result<Program, PatternError> {
    let mut parser = Parser {
        rest: pattern,
        flags: Flags::default(),
        names: Vec::new(),
        program: Program::default(),
    };
    let height = parser.alternation(0).ok_or(PatternError::RegexpMalformed)?;
    if height > NESTING {
        return Err(PatternError::RegexpMalformed);
    }
    if parser.program.is_too_large() {
        return Err(PatternError::LimitExceeded(Limit::RegexpSize));
    }
    Ok(parser.program)
}

struct Parser<'p> {
    rest: &'p str,
    flags: Flags,
    /// The names of groups.
    names: Vec<&'p str>,
    program: Program,
}

/// What the letters of `(?imsRx)` switch. `U` and `u` change nothing about whether a text matches.
#[derive(Clone, Copy, Default)]
struct Flags {
    case_insensitive: bool,
    multi_line: bool,
    dot_matches_line_feed: bool,
    crlf: bool,
    extended: bool,
}

/// What an escape stands for.
enum Escaped {
    Char(char),
    Class(Class),
    Look(Look),
}

/// Parts of an expression that stand in a list: how many, and how deep the deepest one is.
#[derive(Default)]
struct Parts {
    count: u32,
    height: u32,
}

impl Parts {
    fn add(&mut self, height: u32) {
        self.count = self.count.saturating_add(1);
        self.height = self.height.max(height);
    }

    /// How deep the list is: one of one part is that part.
    fn height(&self) -> u32 {
        match self.count {
            0 | 1 => self.height,
            _ => self.height.saturating_add(1),
        }
    }
}

// `None` says that the pattern is malformed.
impl<'p> Parser<'p> {
    /// Reads up to the end, or to the parenthesis that ends the group. Returns how deep it is.
    fn alternation(&mut self, depth: u32) -> Option<u32> {
        if depth > NESTING {
            return None;
        }
        let mut alternatives = Parts::default();
        let mut jumps = Vec::new();
        loop {
            let start = self.program.end();
            alternatives.add(self.concatenation(depth)?);
            if self.peek() != Some('|') {
                break;
            }
            self.bump();
            let behind = self.program.end().saturating_sub(start).saturating_add(2);
            self.program.insert(start, Instruction::Split(behind));
            jumps.push(self.program.end());
            self.program.push(Instruction::Jump(1));
        }
        self.program.end_jumps(&jumps);
        Some(alternatives.height())
    }

    fn concatenation(&mut self, depth: u32) -> Option<u32> {
        let start = self.program.end();
        let mut parts = Parts::default();
        // Where the last part begins, and how deep it is.
        let mut last: Option<(usize, u32)> = None;
        loop {
            self.skip_blanks();
            let Some(next) = self.peek() else {
                break;
            };
            let mut begin = self.program.end();
            let height = match next {
                ')' if depth == 0 => return None,
                ')' | '|' => break,
                '(' => {
                    let flags = self.flags;
                    let height = self.group(depth)?;
                    if self.take()? != ')' {
                        return None;
                    }
                    let Some(height) = height else {
                        continue;
                    };
                    self.flags = flags;
                    height
                }
                '?' | '*' | '+' | '{' => {
                    let height;
                    (begin, height) = last.take()?;
                    self.repetition(next, begin, height)?
                }
                _ => {
                    self.atom(next)?;
                    0
                }
            };
            // One that is repeated takes the place of what it repeats.
            if let Some((_, height)) = last.replace((begin, height)) {
                parts.add(height);
            }
        }
        if let Some((_, height)) = last {
            parts.add(height);
        }
        if start == self.program.end() {
            self.program.push(Instruction::Jump(1));
        }
        Some(parts.height())
    }

    fn atom(&mut self, next: char) -> Option<()> {
        self.bump();
        let flags = self.flags;
        let escaped = match next {
            '[' => Escaped::Class(self.class()?),
            '\\' => self.escape()?,
            '.' => {
                let mut class = Class::default();
                if !flags.dot_matches_line_feed {
                    class = Class::of('\n', '\n');
                    if flags.crlf {
                        class.extend(&Class::of('\r', '\r'));
                    }
                }
                class.negate();
                Escaped::Class(class)
            }
            '^' | '$' => {
                let (text, line, crlf) = match next {
                    '^' => (Look::Start, Look::LineStart, Look::CrlfStart),
                    _ => (Look::End, Look::LineEnd, Look::CrlfEnd),
                };
                Escaped::Look(match (flags.multi_line, flags.crlf) {
                    (false, _) => text,
                    (true, false) => line,
                    (true, true) => crlf,
                })
            }
            character => self.character(character),
        };
        match escaped {
            Escaped::Char(character) => self.program.push(Instruction::Char(character)),
            Escaped::Class(class) => self.program.push_class(class),
            Escaped::Look(look) => self.program.push(Instruction::Look(look)),
        }
        Some(())
    }

    /// A character, or its two cases.
    fn character(&self, character: char) -> Escaped {
        if self.flags.case_insensitive && character.is_ascii_alphabetic() {
            let mut class = Class::of(character, character);
            class.fold();
            return Escaped::Class(class);
        }
        Escaped::Char(character)
    }

    /// Reads how often something is repeated that begins there and is that deep. Returns how deep the
    /// repetition is.
    fn repetition(&mut self, operator: char, begin: usize, height: u32) -> Option<u32> {
        let (least, most) = match operator {
            '{' => self.bounds()?,
            '?' => (0, Some(1)),
            '*' => (0, None),
            _ => (1, None),
        };
        self.bump();
        if operator == '{' {
            self.skip_blanks();
        }
        // Fewer rather than more is the same to whoever asks for the whole text.
        if self.peek() == Some('?') {
            self.bump();
        }
        if most.is_some_and(|most| most < least) {
            return None;
        }
        self.program.repeat(begin, least, most);
        match (least, most) {
            (0, Some(0)) => Some(0),
            (1, Some(1)) => Some(height),
            _ => Some(height.saturating_add(1)),
        }
    }

    /// Reads `{2,3}` up to the closing brace.
    fn bounds(&mut self) -> Option<(u32, Option<u32>)> {
        self.next()?;
        let least = self.decimal()?;
        let mut most = Some(least);
        if self.peek()? == ',' {
            most = match self.next()? {
                '}' => None,
                _ => Some(self.decimal()?),
            };
        }
        (self.peek()? == '}').then_some((least, most))
    }

    fn decimal(&mut self) -> Option<u32> {
        self.rest = self.rest.trim_start();
        let number = self.number(10, usize::MAX)?;
        while self.peek().is_some_and(char::is_whitespace) {
            self.next();
        }
        Some(number)
    }

    /// Reads digits, at least one and at most that many.
    fn number(&mut self, radix: u32, most: usize) -> Option<u32> {
        let mut number: Option<u32> = None;
        let mut digits: usize = 0;
        while digits < most
            && let Some(digit) = self.peek().and_then(|digit| digit.to_digit(radix))
        {
            let before = number.unwrap_or(0).checked_mul(radix)?;
            number = Some(before.checked_add(digit)?);
            digits = digits.saturating_add(1);
            self.next();
        }
        number.filter(|_| digits == most || most == usize::MAX)
    }

    /// Reads what follows a parenthesis. `None` inside says that it only switched flags.
    fn group(&mut self, depth: u32) -> Option<Option<u32>> {
        let depth = depth.saturating_add(1);
        self.next();
        if let Some(rest) = self.rest.strip_prefix('?') {
            let name = rest.strip_prefix('P').unwrap_or(rest).strip_prefix('<');
            if let Some(name) = name {
                // Looking behind has no name: `=` and `!` are no letters.
                self.rest = self.name(name)?;
            } else {
                self.rest = rest;
                self.switch_flags()?;
                if self.peek()? == ')' {
                    return (!rest.starts_with(')')).then_some(None);
                }
                self.bump();
                return self.alternation(depth).map(Some);
            }
        }
        let height = self.alternation(depth)?;
        Some(Some(height.saturating_add(1)))
    }

    /// Reads the name of a group. Returns what follows it.
    fn name(&mut self, text: &'p str) -> Option<&'p str> {
        let (name, rest) = text.split_once('>')?;
        // Letters outside of ASCII are not told from other characters: a name has no meaning here.
        let is_letter = |it: char| it == '_' || it.is_ascii_alphabetic() || !it.is_ascii();
        let is_known =
            |it: char| is_letter(it) || it.is_ascii_digit() || matches!(it, '.' | '[' | ']');
        if !name.starts_with(is_letter) || !name.chars().all(is_known) || self.names.contains(&name)
        {
            return None;
        }
        self.names.push(name);
        Some(rest)
    }

    /// Reads flags up to the colon or the parenthesis behind them.
    fn switch_flags(&mut self) -> Option<()> {
        let start = self.rest;
        let mut on = true;
        let mut was_minus = false;
        loop {
            let letter = self.peek()?;
            if matches!(letter, ':' | ')') {
                return (!was_minus).then_some(());
            }
            let read = start.strip_suffix(self.rest).unwrap_or(start);
            if read.contains(letter) {
                return None;
            }
            was_minus = letter == '-';
            match letter {
                '-' => on = false,
                'i' => self.flags.case_insensitive = on,
                'm' => self.flags.multi_line = on,
                's' => self.flags.dot_matches_line_feed = on,
                'R' => self.flags.crlf = on,
                'x' => self.flags.extended = on,
                'U' | 'u' => {}
                _ => return None,
            }
            self.bump();
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self) -> Option<Escaped> {
        let character = self.take()?;
        Some(match character {
            'x' | 'u' | 'U' => {
                self.skip_blanks();
                let code = if self.peek()? == '{' {
                    self.next();
                    let code = self.number(16, usize::MAX)?;
                    if self.take()? != '}' {
                        return None;
                    }
                    self.skip_blanks();
                    code
                } else {
                    let digits = match character {
                        'x' => 2,
                        'u' => 4,
                        _ => 8,
                    };
                    self.number(16, digits)?
                };
                self.character(char::from_u32(code)?)
            }
            'd' | 's' | 'w' | 'D' | 'S' | 'W' => {
                let mut class = Class::named(match character.to_ascii_lowercase() {
                    'd' => "digit",
                    's' => "space",
                    _ => "word",
                })?;
                if character.is_ascii_uppercase() {
                    class.negate();
                }
                Escaped::Class(class)
            }
            'a' => Escaped::Char('\x07'),
            'f' => Escaped::Char('\x0c'),
            't' => Escaped::Char('\t'),
            'n' => Escaped::Char('\n'),
            'r' => Escaped::Char('\r'),
            'v' => Escaped::Char('\x0b'),
            'A' => Escaped::Look(Look::Start),
            'z' => Escaped::Look(Look::End),
            'b' => Escaped::Look(self.word_boundary()?),
            'B' => Escaped::Look(Look::NoWord),
            '<' => Escaped::Look(Look::WordStart),
            '>' => Escaped::Look(Look::WordEnd),
            _ if character.is_ascii() && !character.is_ascii_alphanumeric() => {
                Escaped::Char(character)
            }
            _ => return None,
        })
    }

    /// Reads `{start}` and its like, if it follows.
    fn word_boundary(&mut self) -> Option<Look> {
        const NAMES: [(&str, Look); 4] = [
            ("start", Look::WordStart),
            ("end", Look::WordEnd),
            ("start-half", Look::WordStartHalf),
            ("end-half", Look::WordEndHalf),
        ];
        let start = self.rest;
        if self.peek() != Some('{') {
            return Some(Look::Word);
        }
        let is_letter = |it: char| it == '-' || it.is_ascii_alphabetic();
        if !is_letter(self.next()?) {
            self.rest = start;
            return Some(Look::Word);
        }
        let mut name = alloc::string::String::new();
        while let Some(letter) = self.peek().filter(|letter| is_letter(*letter)) {
            name.push(letter);
            self.next();
        }
        if self.take()? != '}' {
            return None;
        }
        let named = NAMES.iter().find(|(known, _)| *known == name);
        named.map(|(_, look)| *look)
    }

    /// Reads what follows a bracket.
    fn class(&mut self) -> Option<Class> {
        let mut class = Class::default();
        self.skip_blanks();
        let negated = self.peek()? == '^';
        if negated {
            self.next()?;
        }
        while self.peek()? == '-' {
            class.extend(&Class::of('-', '-'));
            self.next()?;
        }
        if class.ranges() == 0 && self.peek()? == ']' {
            class.extend(&Class::of(']', ']'));
            self.next()?;
        }
        loop {
            self.skip_blanks();
            match self.peek()? {
                '[' => class.extend(&self.posix_class()?),
                ']' => break,
                twice @ ('&' | '-' | '~') if self.rest.chars().nth(1) == Some(twice) => {
                    return None;
                }
                _ => class.extend(&self.class_range()?),
            }
        }
        self.bump();
        if self.flags.case_insensitive {
            class.fold();
        }
        if negated {
            class.negate();
        }
        Some(class)
    }

    /// Reads `[:alpha:]`. Classes are not nested otherwise.
    fn posix_class(&mut self) -> Option<Class> {
        let rest = self.rest.strip_prefix("[:")?;
        let name = rest.strip_prefix('^');
        let (name, negated) = name.map_or((rest, false), |name| (name, true));
        let (name, rest) = name.split_once(':')?;
        self.rest = rest.strip_prefix(']')?;
        let mut class = Class::named(name)?;
        if negated {
            class.negate();
        }
        Some(class)
    }

    fn class_range(&mut self) -> Option<Class> {
        let first = self.class_item()?;
        self.skip_blanks();
        let is_range = self.peek()? == '-' && !matches!(self.second(), Some(']' | '-'));
        if !is_range {
            return match first {
                Escaped::Char(character) => Some(Class::of(character, character)),
                Escaped::Class(class) => Some(class),
                Escaped::Look(_) => None,
            };
        }
        self.next()?;
        let (Escaped::Char(first), Escaped::Char(last)) = (first, self.class_item()?) else {
            return None;
        };
        (first <= last).then(|| Class::of(first, last))
    }

    fn class_item(&mut self) -> Option<Escaped> {
        match self.take()? {
            '\\' => self.escape(),
            character => Some(Escaped::Char(character)),
        }
    }

    /// The next character.
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    /// The one behind the next, and behind blanks and a number sign in extended mode.
    fn second(&self) -> Option<char> {
        let mut characters = self.rest.chars().skip(1).peekable();
        if !self.flags.extended {
            return characters.next();
        }
        while characters.next_if(|it| it.is_whitespace()).is_some() {}
        if characters.next_if_eq(&'#').is_some() {
            while characters.next_if(|it| it.is_whitespace()).is_some() {}
        }
        characters.next()
    }

    /// Takes the next character.
    fn take(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let taken = characters.next();
        self.rest = characters.as_str();
        taken
    }

    /// Leaves the next character behind.
    fn bump(&mut self) {
        self.take();
    }

    /// Leaves the next character behind, and blanks. Returns what follows.
    fn next(&mut self) -> Option<char> {
        self.bump();
        self.skip_blanks();
        self.peek()
    }

    /// Skips blanks and comments in extended mode.
    fn skip_blanks(&mut self) {
        while self.flags.extended {
            let rest = self.rest.trim_start();
            match rest.strip_prefix('#') {
                Some(comment) => {
                    let end = comment.split_once('\n');
                    self.rest = end.map_or("", |(_, rest)| rest);
                }
                None => {
                    self.rest = rest;
                    return;
                }
            }
        }
    }
}
