//! Sets of characters.

use alloc::vec::Vec;
use core::mem;

/// Characters, as ranges in ascending order with something between any two of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Class(Vec<Range>);

/// From the first character to the last one. Numbers, since the one before a character need not be one.
type Range = (u32, u32);

impl Class {
    /// The characters from `first` to `last`.
    pub(super) fn of(first: char, last: char) -> Self {
        let mut class = Self::default();
        class.add((u32::from(first), u32::from(last)));
        class
    }

    /// A class by its name in POSIX.
    pub(super) fn named(name: &str) -> Option<Self> {
        let ranges: &[u8] = match name {
            "alnum" => b"09AZaz",
            "alpha" => b"AZaz",
            "ascii" => b"\0\x7f",
            "blank" => b"\t\t  ",
            "cntrl" => b"\0\x1f\x7f\x7f",
            "digit" => b"09",
            "graph" => b"!~",
            "lower" => b"az",
            "print" => b" ~",
            "punct" => b"!/:@[`{~",
            "space" => b"\t\r  ",
            "upper" => b"AZ",
            "word" => b"09AZ__az",
            "xdigit" => b"09AFaf",
            _ => return None,
        };
        let mut class = Self::default();
        for [first, last] in ranges.as_chunks().0 {
            class.add((u32::from(*first), u32::from(*last)));
        }
        Some(class)
    }

    /// How many ranges there are.
    pub(super) fn ranges(&self) -> usize {
        self.0.len()
    }

    /// Whether the character belongs to the class.
    pub(super) fn contains(&self, character: char) -> bool {
        let number = u32::from(character);
        let holds = |(first, last): &Range| (*first..=*last).contains(&number);
        self.0.iter().any(holds)
    }

    /// Adds the characters of another class.
    pub(super) fn extend(&mut self, other: &Self) {
        for range in &other.0 {
            self.add(*range);
        }
    }

    /// Takes what was in the class out and everything else in.
    pub(super) fn negate(&mut self) {
        let mut next = 0;
        for (first, last) in mem::take(&mut self.0) {
            if let Some(before) = first.checked_sub(1).filter(|before| *before >= next) {
                self.0.push((next, before));
            }
            next = last.saturating_add(1);
        }
        let end = u32::from(char::MAX);
        if next <= end {
            self.0.push((next, end));
        }
    }

    /// Adds the letters of the other case: to each range those of its small letters, or, where it has
    /// none, those of its capital letters.
    pub(super) fn fold(&mut self) {
        for (first, last) in self.0.clone() {
            let of = |from: u8, to: u8| {
                let letters = (first.max(u32::from(from)), last.min(u32::from(to)));
                (letters.0 <= letters.1).then_some(letters)
            };
            // The two cases of a letter differ in one bit.
            let other = |number: u32| number ^ 0x20;
            if let Some((first, last)) = of(b'a', b'z').or_else(|| of(b'A', b'Z')) {
                self.add((other(first), other(last)));
            }
        }
    }

    fn add(&mut self, (mut first, mut last): Range) {
        self.0.retain(|range| {
            let apart = range.0 > last.saturating_add(1) || first > range.1.saturating_add(1);
            if !apart {
                first = first.min(range.0);
                last = last.max(range.1);
            }
            apart
        });
        let place = self.0.iter().take_while(|range| range.0 < first).count();
        self.0.insert(place, (first, last));
    }
}
