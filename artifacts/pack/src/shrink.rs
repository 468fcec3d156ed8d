//! Makes a linked module smaller. What it does stays the same.
//!
//! * Functions with the same body become one.
//! * The functions that are called most often get the numbers that take one byte, and the locals that a
//!   function uses most often get the lowest numbers.
//! * The others stand beside those that they share the most bytes with: compression finds repetitions
//!   over a short distance only.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{CodeSection, Encode, Function, FunctionSection, Instruction, Module};
use wasmparser::{
    CodeSectionReader, FunctionBody, FunctionSectionReader, Imports, Operator, Parser, Payload,
    TypeRef, ValType,
};

/// How many function numbers take one byte.
const SHORT_NUMBERS: usize = 128;

/// Bytes of code over which compression finds repetitions: somewhat less than gzip's 32 KiB.
const WINDOW: usize = 30_000;

/// What is looked for in other functions: this many bytes in a row.
const RUN: usize = 4;

/// Runs that more functions have than this say nothing about their likeness.
const COMMON: usize = 400;

/// Makes a module smaller.
pub(crate) fn shrink(module: &[u8]) -> Result<Vec<u8>> {
    let functions = Functions::read(module)?;
    let mut numbers = Numbers::new(&functions);
    let bodies = loop {
        let bodies = numbers.bodies(&functions)?;
        if !numbers.merge(&functions, &bodies) {
            break bodies;
        }
    };
    numbers.sort(&bodies);
    let mut shrunk = Module::new();
    numbers
        .parse_core_module(&mut shrunk, Parser::new(0), module)
        .context("cannot write the module with other numbers")?;
    let shrunk = shrunk.finish();
    wasmparser::validate(&shrunk).context("the module is no longer valid")?;
    Ok(shrunk)
}

/// The functions of a module.
#[derive(Default)]
struct Functions<'m> {
    imported: usize,
    types: Vec<u32>,
    /// How many parameters the functions of each type have.
    parameters: Vec<usize>,
    bodies: Vec<FunctionBody<'m>>,
}

impl<'m> Functions<'m> {
    fn read(module: &'m [u8]) -> Result<Self> {
        let mut functions = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for function in section.into_iter_err_on_gc_types() {
                        functions.parameters.push(function?.params().len());
                    }
                }
                Payload::ImportSection(section) => {
                    for imports in section {
                        if let Imports::Single(_, import) = imports?
                            && matches!(import.ty, TypeRef::Func(_))
                        {
                            functions.imported = functions.imported.saturating_add(1);
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    functions.types = section.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::CodeSectionEntry(body) => functions.bodies.push(body),
                _ => {}
            }
        }
        Ok(functions)
    }
}

/// Gives functions other numbers. Functions are counted without the imported ones here.
struct Numbers {
    imported: usize,
    /// How many parameters each function has.
    parameters: Vec<usize>,
    /// For every function the one whose body it has: itself, or an earlier one.
    same_as: Vec<usize>,
    /// The functions that are kept, in their new order.
    order: Vec<usize>,
    /// The new places.
    places: Vec<usize>,
    /// How often each function is named.
    named: Vec<usize>,
}

impl Numbers {
    fn new(functions: &Functions<'_>) -> Self {
        let all: Vec<usize> = (0..functions.bodies.len()).collect();
        let parameters = functions.types.iter().map(|of| {
            let of = usize::try_from(*of).ok();
            of.and_then(|of| functions.parameters.get(of)).copied()
        });
        Self {
            imported: functions.imported,
            parameters: parameters.map(Option::unwrap_or_default).collect(),
            same_as: all.clone(),
            order: all.clone(),
            named: vec![0; all.len()],
            places: all,
        }
    }

    /// The bodies as they are with the numbers of now.
    fn bodies(&mut self, functions: &Functions<'_>) -> Result<Vec<Vec<u8>>> {
        self.named.fill(0);
        let mut bodies = Vec::new();
        for (number, body) in functions.bodies.iter().enumerate() {
            let mut code = CodeSection::new();
            self.write(&mut code, number, body)
                .context("cannot read a function")?;
            let mut bytes = Vec::new();
            code.encode(&mut bytes);
            bodies.push(bytes);
        }
        Ok(bodies)
    }

    /// Writes a function with other numbers for functions and locals.
    fn write(
        &mut self,
        code: &mut CodeSection,
        number: usize,
        body: &FunctionBody<'_>,
    ) -> Result<(), reencode::Error> {
        let parameters = self.parameters.get(number).copied().unwrap_or(0);
        let locals = Locals::of(body, parameters)?;
        let mut kinds = Vec::new();
        for kind in &locals.kinds {
            kinds.push(self.val_type(*kind)?);
        }
        let mut function = Function::new_with_locals_types(kinds);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            let mut instruction = self.parse_instruction(&mut reader)?;
            if let Instruction::LocalGet(local)
            | Instruction::LocalSet(local)
            | Instruction::LocalTee(local) = &mut instruction
            {
                *local = locals.number(*local);
            }
            function.instruction(&instruction);
        }
        code.function(&function);
        Ok(())
    }

    /// Finds functions with the same body. False when there are none: those of before may call each
    /// other, so that callers of merged functions may be the same now.
    fn merge(&mut self, functions: &Functions<'_>, bodies: &[Vec<u8>]) -> bool {
        let mut known = HashMap::new();
        let mut merged = false;
        for (number, key) in functions.types.iter().zip(bodies).enumerate() {
            let first = *known.entry(key).or_insert(number);
            if let Some(same_as) = self.same_as.get_mut(number)
                && *same_as != first
            {
                *same_as = first;
                merged = true;
            }
        }
        merged
    }

    /// Decides upon the order.
    fn sort(&mut self, bodies: &[Vec<u8>]) {
        let mut kept: Vec<usize> = (0..bodies.len())
            .filter(|number| self.same_as.get(*number) == Some(number))
            .collect();
        kept.sort_by_key(|number| Reverse(self.named.get(*number)));
        let often = SHORT_NUMBERS.saturating_sub(self.imported).min(kept.len());
        let others = kept.split_off(often);
        self.order = by_likeness(bodies, &kept);
        self.order.extend(by_likeness(bodies, &others));
        for (place, number) in self.order.iter().enumerate() {
            if let Some(of) = self.places.get_mut(*number) {
                *of = place;
            }
        }
    }
}

impl Reencode for Numbers {
    type Error = Infallible;

    fn function_index(&mut self, number: u32) -> Result<u32, reencode::Error> {
        let own = usize::try_from(number).ok();
        let own = own.and_then(|number| number.checked_sub(self.imported));
        let kept = own.and_then(|own| self.same_as.get(own)).copied();
        let Some(kept) = kept else {
            return Ok(number);
        };
        if let Some(named) = self.named.get_mut(kept) {
            *named = named.saturating_add(1);
        }
        let place = self.places.get(kept).copied().unwrap_or(kept);
        let number = place.saturating_add(self.imported);
        u32::try_from(number).map_err(|_| reencode::Error::InvalidCodeSectionSize)
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: FunctionSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for number in &self.order {
            if let Some(of) = types.get(*number) {
                functions.function(*of);
            }
        }
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: CodeSectionReader<'_>,
    ) -> Result<(), reencode::Error> {
        let bodies: Vec<FunctionBody<'_>> = section.into_iter().collect::<Result<_, _>>()?;
        for number in self.order.clone() {
            if let Some(body) = bodies.get(number) {
                self.write(code, number, body)?;
            }
        }
        Ok(())
    }
}

/// Other numbers for the locals of a function.
struct Locals {
    /// The new numbers.
    numbers: Vec<u32>,
    /// The types of those that are no parameters, in their new order.
    kinds: Vec<ValType>,
}

impl Locals {
    /// Parameters keep their numbers. Of the others those of one type stand together, and those that
    /// are used more often before others. What is never used is left out.
    fn of(body: &FunctionBody<'_>, parameters: usize) -> wasmparser::Result<Self> {
        let mut kinds = Vec::new();
        for run in body.get_locals_reader()? {
            let (count, kind) = run?;
            kinds.extend((0..count).map(|_| kind));
        }
        let mut used = vec![0_usize; parameters.saturating_add(kinds.len())];
        for operator in body.get_operators_reader()? {
            if let Operator::LocalGet { local_index }
            | Operator::LocalSet { local_index }
            | Operator::LocalTee { local_index } = operator?
                && let Some(used) = usize::try_from(local_index)
                    .ok()
                    .and_then(|local| used.get_mut(local))
            {
                *used = used.saturating_add(1);
            }
        }
        // For each type, how often its locals are used.
        let mut totals: Vec<(ValType, usize)> = Vec::new();
        let mut locals: Vec<(ValType, usize, usize)> = Vec::new();
        for (local, (kind, used)) in kinds.iter().zip(used.iter().skip(parameters)).enumerate() {
            if *used == 0 {
                continue;
            }
            locals.push((*kind, *used, local.saturating_add(parameters)));
            match totals.iter_mut().find(|(of, _)| of == kind) {
                Some((_, total)) => *total = total.saturating_add(*used),
                None => totals.push((*kind, *used)),
            }
        }
        let total = |kind: &ValType| {
            totals
                .iter()
                .find(|(of, _)| of == kind)
                .map(|(_, total)| *total)
        };
        let place = |kind: &ValType| totals.iter().position(|(of, _)| of == kind);
        locals.sort_by_key(|(kind, used, _)| (Reverse(total(kind)), place(kind), Reverse(*used)));
        let mut numbers: Vec<u32> = (0..).take(used.len()).collect();
        for ((_, _, local), number) in locals.iter().zip((0_u32..).skip(parameters)) {
            if let Some(of) = numbers.get_mut(*local) {
                *of = number;
            }
        }
        Ok(Self {
            numbers,
            kinds: locals.into_iter().map(|(kind, ..)| kind).collect(),
        })
    }

    fn number(&self, local: u32) -> u32 {
        let number = usize::try_from(local).ok();
        let number = number.and_then(|local| self.numbers.get(local));
        number.copied().unwrap_or(local)
    }
}

/// Orders functions so that each shares many bytes with those shortly before it.
fn by_likeness(bodies: &[Vec<u8>], numbers: &[usize]) -> Vec<usize> {
    let runs: Vec<HashSet<&[u8]>> = numbers
        .iter()
        .map(|number| {
            let body = bodies.get(*number).map_or(&[][..], Vec::as_slice);
            body.windows(RUN).collect()
        })
        .collect();
    let mut holders: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (holder, runs) in runs.iter().enumerate() {
        for run in runs {
            holders.entry(run).or_default().push(holder);
        }
    }
    holders.retain(|_, holders| (2..=COMMON).contains(&holders.len()));

    let size = |which: usize| {
        let number = numbers.get(which);
        number
            .and_then(|number| bodies.get(*number))
            .map_or(0, Vec::len)
    };
    // How many runs of each function the window has.
    let mut shared = vec![0_usize; numbers.len()];
    let mut window = Window::default();
    let mut left: Vec<usize> = (0..numbers.len()).collect();
    let mut order = Vec::new();
    let likeness = |which: usize, shared: &[usize]| {
        let shared = shared.get(which).copied().unwrap_or(0);
        // In thousandths of its size, to which something is added so that short ones do not come first.
        let size = size(which).saturating_add(20);
        shared.saturating_mul(1000).checked_div(size).unwrap_or(0)
    };
    while let Some((at, which)) = left
        .iter()
        .copied()
        .enumerate()
        .max_by_key(|(_, which)| (likeness(*which, &shared), size(*which), Reverse(*which)))
    {
        left.swap_remove(at);
        order.extend(numbers.get(which));
        window.functions.push_back(which);
        window.bytes = window.bytes.saturating_add(size(which));
        for run in runs.get(which).into_iter().flatten() {
            let Some(holders) = holders.get(run) else {
                continue;
            };
            let times = window.runs.entry(run).or_insert(0);
            *times = times.saturating_add(1);
            if *times == 1 {
                change(&mut shared, holders, |count| count.saturating_add(1));
            }
        }
        while window.functions.len() > 1
            && let Some(oldest) = window.functions.front().copied()
            && window.bytes.saturating_sub(size(oldest)) > WINDOW
        {
            window.functions.pop_front();
            window.bytes = window.bytes.saturating_sub(size(oldest));
            for run in runs.get(oldest).into_iter().flatten() {
                let (Some(holders), Some(times)) = (holders.get(run), window.runs.get_mut(run))
                else {
                    continue;
                };
                *times = times.saturating_sub(1);
                if *times == 0 {
                    change(&mut shared, holders, |count| count.saturating_sub(1));
                }
            }
        }
    }
    order
}

/// The functions last placed.
#[derive(Default)]
struct Window<'m> {
    functions: VecDeque<usize>,
    bytes: usize,
    /// How many of them have each run.
    runs: HashMap<&'m [u8], usize>,
}

fn change(shared: &mut [usize], holders: &[usize], by: impl Fn(usize) -> usize) {
    for holder in holders {
        if let Some(count) = shared.get_mut(*holder) {
            *count = by(*count);
        }
    }
}

#[cfg(test)]
mod tests {
    use wasmparser::{Parser, Payload};

    use super::{Functions, shrink};

    #[test]
    fn functions_with_the_same_body_become_one() {
        let module = wat::parse_str(
            r#"(module
                (import "host" "clock" (func $clock))
                (func $first (result i32) i32.const 1)
                (func $second (result i32) i32.const 1)
                (func $calls_first (result i32) call $first)
                (func $calls_second (result i32) call $second)
                (func $other (result i64) i64.const 1)
                (func $starts call $clock)
                (start $starts)
                (table 2 funcref)
                (elem (i32.const 0) $calls_first $calls_second)
                (export "first" (func $first)) (export "second" (func $second))
                (export "other" (func $other)))"#,
        );
        let shrunk = shrink(&module.unwrap()).unwrap();
        assert_eq!(Functions::read(&shrunk).unwrap().bodies.len(), 4);
        let (mut exports, mut elements, mut start) = (Vec::new(), Vec::new(), None);
        for payload in Parser::new(0).parse_all(&shrunk) {
            match payload.unwrap() {
                Payload::ExportSection(section) => {
                    exports.extend(section.into_iter().map(|export| export.unwrap().index));
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        if let wasmparser::ElementItems::Functions(functions) =
                            element.unwrap().items
                        {
                            elements.extend(functions.into_iter().map(Result::unwrap));
                        }
                    }
                }
                Payload::StartSection { func, .. } => start = Some(func),
                _ => {}
            }
        }
        let [first, second, other] = exports.as_slice() else {
            panic!("{exports:?}");
        };
        assert_eq!(first, second);
        let [calls_first, calls_second] = elements.as_slice() else {
            panic!("{elements:?}");
        };
        assert_eq!(calls_first, calls_second);
        let mut all = vec![*first, *other, *calls_first, start.unwrap()];
        all.sort_unstable();
        assert_eq!(all, [1, 2, 3, 4]);
    }

    #[test]
    fn locals_that_are_used_often_come_first() {
        let module = wat::parse_str(
            "(module (func (param i32) (result i64) (local $never i32) (local $once i64) (local $i i32) (local $often i64)
                local.get 0 local.set $i
                local.get $often local.get $often local.set $once local.tee $often))",
        );
        let shrunk = shrink(&module.unwrap()).unwrap();
        let same = wat::parse_str(
            "(module (func (param i32) (result i64) (local $often i64) (local $once i64) (local $i i32)
                local.get 0 local.set $i
                local.get $often local.get $often local.set $once local.tee $often))",
        );
        assert_eq!(bodies(&shrunk), bodies(&same.unwrap()));
    }

    /// The bodies of the functions of a module.
    fn bodies(module: &[u8]) -> Vec<Vec<u8>> {
        let functions = Functions::read(module).unwrap();
        let bodies = functions.bodies.iter();
        bodies.map(|body| body.as_bytes().to_vec()).collect()
    }

    #[test]
    fn functions_of_different_types_stay_apart() {
        let module = wat::parse_str(
            "(module (func (param i32) (result i32) unreachable) (func (result i32) unreachable))",
        );
        let shrunk = shrink(&module.unwrap()).unwrap();
        assert_eq!(Functions::read(&shrunk).unwrap().bodies.len(), 2);
    }

    #[test]
    fn what_is_called_often_has_a_short_number() {
        let mut text = String::from("(module");
        for number in 0..300 {
            text.push_str(&format!(
                "(func (result i32) call 300 i32.const {number} i32.add)"
            ));
        }
        text.push_str(r#"(func (export "often") (result i32) i32.const 300))"#);
        let shrunk = shrink(&wat::parse_str(text).unwrap()).unwrap();
        let export = Parser::new(0)
            .parse_all(&shrunk)
            .find_map(|payload| match payload {
                Ok(Payload::ExportSection(section)) => section.into_iter().next(),
                _ => None,
            });
        assert!(export.unwrap().unwrap().index < 128);
    }
}
