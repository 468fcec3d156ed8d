//! What a regular expression becomes: a program for a machine that is in many places at once.

use alloc::vec;
use alloc::vec::Vec;
use core::mem;

use super::class::Class;
use crate::limits::Limit;

/// Bytes that an instruction takes in the program and in a match.
const INSTRUCTION_BYTES: usize = 16;
/// Bytes of a range of a class.
const RANGE_BYTES: usize = 8;

/// The program. Its end is the match.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    instructions: Vec<Instruction>,
    classes: Vec<Class>,
    bytes: usize,
    /// Whether something is missing, since it would not have fitted.
    too_large: bool,
}

/// Distances are counted from the instruction itself, and backwards they wrap around: a part of a program
/// can be moved and copied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Instruction {
    /// Goes on behind this character.
    Char(char),
    /// Goes on behind a character of the class of this number.
    Class(usize),
    /// Goes on where this holds.
    Look(Look),
    /// Goes on at that distance.
    Jump(usize),
    /// Goes on at the next instruction and at that distance.
    Split(usize),
}

/// What can be said of a place between characters.
#[derive(Clone, Copy, Debug)]
pub(super) enum Look {
    Start,
    End,
    LineStart,
    LineEnd,
    CrlfStart,
    CrlfEnd,
    Word,
    NoWord,
    WordStart,
    WordEnd,
    WordStartHalf,
    WordEndHalf,
}

impl Program {
    /// Where the next instruction will stand.
    pub(super) fn end(&self) -> usize {
        self.instructions.len()
    }

    /// Whether the program is larger than allowed.
    pub(super) fn is_too_large(&self) -> bool {
        self.too_large
    }

    /// Adds an instruction.
    pub(super) fn push(&mut self, instruction: Instruction) {
        self.insert(self.end(), instruction);
    }

    /// Adds an instruction that goes on behind a character of the class.
    pub(super) fn push_class(&mut self, class: Class) {
        self.classes.push(class);
        self.push(Instruction::Class(self.classes.len().saturating_sub(1)));
    }

    /// Puts an instruction before others. None of these may be reached from before that place.
    pub(super) fn insert(&mut self, place: usize, instruction: Instruction) {
        let bytes = self.bytes.saturating_add(self.bytes_of(instruction));
        if bytes > Limit::RegexpSize.value() || place > self.end() {
            self.too_large = true;
        } else {
            self.bytes = bytes;
            self.instructions.insert(place, instruction);
        }
    }

    /// Makes the jumps at these places go to the end.
    pub(super) fn end_jumps(&mut self, jumps: &[usize]) {
        let end = self.end();
        for place in jumps {
            if let Some(jump) = self.instructions.get_mut(*place) {
                *jump = Instruction::Jump(end.wrapping_sub(*place));
            }
        }
    }

    /// Repeats what stands behind that place.
    pub(super) fn repeat(&mut self, start: usize, least: u32, most: Option<u32>) {
        let part = self.instructions.split_off(start.min(self.end()));
        for instruction in &part {
            let bytes = self.bytes_of(*instruction);
            self.bytes = self.bytes.saturating_sub(bytes);
        }
        let length = part.len();
        let behind = length.saturating_add(1);
        for _ in 0..least {
            if !self.copy(&part) {
                return;
            }
        }
        match most {
            None if least == 0 => {
                self.push(Instruction::Split(behind.saturating_add(1)));
                self.copy(&part);
                self.push(Instruction::Jump(0_usize.wrapping_sub(behind)));
            }
            None => self.push(Instruction::Split(0_usize.wrapping_sub(length))),
            Some(0) => self.push(Instruction::Jump(1)),
            Some(most) => {
                for _ in least..most {
                    self.push(Instruction::Split(behind));
                    if !self.copy(&part) {
                        return;
                    }
                }
            }
        }
    }

    /// Adds these instructions. False where they do not fit.
    fn copy(&mut self, part: &[Instruction]) -> bool {
        for instruction in part {
            if self.too_large {
                break;
            }
            self.push(*instruction);
        }
        !self.too_large
    }

    fn bytes_of(&self, instruction: Instruction) -> usize {
        let ranges = match instruction {
            Instruction::Class(number) => self.classes.get(number).map_or(0, Class::ranges),
            _ => 0,
        };
        ranges
            .saturating_mul(RANGE_BYTES)
            .saturating_add(INSTRUCTION_BYTES)
    }

    /// Whether the program can go from the beginning of the text to its end.
    pub(super) fn matches(&self, text: &str) -> bool {
        let mut characters = text.chars();
        let mut places = Places {
            program: self,
            before: None,
            after: characters.next(),
            reached: Vec::new(),
            seen: vec![false; self.end().saturating_add(1)],
            waiting: Vec::new(),
        };
        places.reach(0);
        while let Some(character) = places.after {
            let reached = mem::take(&mut places.reached);
            places.before = Some(character);
            places.after = characters.next();
            places.seen.fill(false);
            for place in &reached {
                let goes_on = match self.instructions.get(*place) {
                    Some(Instruction::Char(expected)) => *expected == character,
                    Some(Instruction::Class(number)) => {
                        let class = self.classes.get(*number);
                        class.is_some_and(|class| class.contains(character))
                    }
                    _ => false,
                };
                if goes_on {
                    places.reach(place.saturating_add(1));
                }
            }
            if places.reached.is_empty() {
                return false;
            }
        }
        places.reached.contains(&self.end())
    }
}

/// Where the machine is, between two characters of the text.
struct Places<'p> {
    program: &'p Program,
    before: Option<char>,
    after: Option<char>,
    /// Instructions that want a character, and the end.
    reached: Vec<usize>,
    /// The instructions that were looked at here.
    seen: Vec<bool>,
    /// Those that are still to be looked at.
    waiting: Vec<usize>,
}

impl Places<'_> {
    /// Goes to an instruction, and from there as far as no character is needed.
    fn reach(&mut self, place: usize) {
        self.waiting.push(place);
        while let Some(place) = self.waiting.pop() {
            match self.seen.get_mut(place) {
                Some(seen) if !*seen => *seen = true,
                _ => continue,
            }
            match self.program.instructions.get(place) {
                Some(Instruction::Jump(distance)) => {
                    self.waiting.push(place.wrapping_add(*distance))
                }
                Some(Instruction::Split(distance)) => {
                    self.waiting.push(place.wrapping_add(*distance));
                    self.waiting.push(place.saturating_add(1));
                }
                Some(Instruction::Look(look)) => {
                    if look.holds(self.before, self.after) {
                        self.waiting.push(place.saturating_add(1));
                    }
                }
                Some(Instruction::Char(_) | Instruction::Class(_)) | None => {
                    self.reached.push(place);
                }
            }
        }
    }
}

impl Look {
    /// Whether this holds between two characters; `None` stands for the ends of the text.
    fn holds(self, before: Option<char>, after: Option<char>) -> bool {
        let is_word =
            |it: Option<char>| it.is_some_and(|it| it == '_' || it.is_ascii_alphanumeric());
        let (word_before, word_after) = (is_word(before), is_word(after));
        match self {
            Self::Start => before.is_none(),
            Self::End => after.is_none(),
            Self::LineStart => before.is_none_or(|it| it == '\n'),
            Self::LineEnd => after.is_none_or(|it| it == '\n'),
            Self::CrlfStart => match before {
                Some('\r') => after != Some('\n'),
                before => before.is_none_or(|it| it == '\n'),
            },
            Self::CrlfEnd => match after {
                Some('\n') => before != Some('\r'),
                after => after.is_none_or(|it| it == '\r'),
            },
            Self::Word => word_before != word_after,
            Self::NoWord => word_before == word_after,
            Self::WordStart => !word_before && word_after,
            Self::WordEnd => word_before && !word_after,
            Self::WordStartHalf => !word_before,
            Self::WordEndHalf => !word_after,
        }
    }
}
