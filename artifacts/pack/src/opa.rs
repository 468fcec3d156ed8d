//! The form in which hosts of the OPA Wasm ABI load a module.
//!
//! The linker cannot export constants, and what it places needs more memory than the smallest host
//! brings (two pages). So the two constants of the ABI's version are added here, the memory that is
//! asked for is one page, and a start function makes it larger before it puts the data where the
//! linker placed it.

use anyhow::{Context, Result, bail, ensure};
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, ImportSection, MemoryType, Module,
    RawSection, StartSection, ValType,
};
use wasmparser::{DataKind, ExternalKind, Imports, Operator, Parser, Payload, TypeRef};

/// The version of the ABI: what each of these constants, which hosts read, must be.
const VERSION: [(&str, i32); 2] = [
    ("opa_wasm_abi_version", 1),
    ("opa_wasm_abi_minor_version", 3),
];

/// Everything else that the ABI has.
const EXPORTS: [&str; 24] = [
    "builtins",
    "entrypoints",
    "eval",
    "memory",
    "opa_eval",
    "opa_eval_ctx_get_result",
    "opa_eval_ctx_new",
    "opa_eval_ctx_set_data",
    "opa_eval_ctx_set_entrypoint",
    "opa_eval_ctx_set_input",
    "opa_free",
    "opa_heap_blocks_restore",
    "opa_heap_blocks_stash",
    "opa_heap_ptr_get",
    "opa_heap_ptr_set",
    "opa_heap_stash_clear",
    "opa_json_dump",
    "opa_json_parse",
    "opa_malloc",
    "opa_value_add_path",
    "opa_value_dump",
    "opa_value_free",
    "opa_value_parse",
    "opa_value_remove_path",
];

/// The imports: whatever else a module asks for, no host offers.
const IMPORTS: [(&str, &str); 2] = [("env", "memory"), ("env", "opa_abort")];

const MEMORY: MemoryType = MemoryType {
    minimum: 1,
    maximum: None,
    memory64: false,
    shared: false,
    page_size_log2: None,
};

/// Gives what the linker made its final form.
pub(crate) fn finish(linked: &[u8]) -> Result<Vec<u8>> {
    let mut parts = Parts::default();
    for payload in Parser::new(0).parse_all(linked) {
        parts.read(payload?, linked)?;
    }
    parts.write()
}

/// The sections of a module, in the order in which they stand.
#[derive(Default)]
struct Parts<'m> {
    /// Types, tables and elements: taken over as they are.
    types: Option<&'m [u8]>,
    tables: Option<&'m [u8]>,
    elements: Option<&'m [u8]>,
    imports: ImportSection,
    functions: FunctionSection,
    globals: GlobalSection,
    exports: ExportSection,
    bodies: CodeSection,
    data: DataSection,
    /// Where each part of the data belongs, and its length.
    places: Vec<(i32, i32)>,
    /// Pages that the linker's placement needs.
    pages: u64,
    /// The number of the type without parameters and results.
    empty_type: Option<u32>,
    imported_functions: u32,
    start: Option<u32>,
}

impl<'m> Parts<'m> {
    fn read(&mut self, payload: Payload<'m>, module: &'m [u8]) -> Result<()> {
        let mut same = RoundtripReencoder;
        match payload {
            Payload::TypeSection(section) => {
                self.types = module.get(section.range());
                let types = section.into_iter_err_on_gc_types();
                for (number, kind) in (0..).zip(types) {
                    let kind = kind?;
                    if kind.params().is_empty() && kind.results().is_empty() {
                        self.empty_type.get_or_insert(number);
                    }
                }
            }
            Payload::ImportSection(section) => {
                for imports in section {
                    let Imports::Single(_, import) = imports? else {
                        bail!("imports in a compact form");
                    };
                    let entity = match import.ty {
                        TypeRef::Memory(memory) => {
                            self.pages = memory.initial;
                            EntityType::Memory(MEMORY)
                        }
                        TypeRef::Func(_) => {
                            self.imported_functions = self.imported_functions.saturating_add(1);
                            same.entity_type(import.ty)?
                        }
                        _ => bail!("`{}` imports something else", import.name),
                    };
                    self.imports.import(import.module, import.name, entity);
                }
            }
            Payload::FunctionSection(section) => {
                same.parse_function_section(&mut self.functions, section)?;
            }
            Payload::TableSection(section) => self.tables = module.get(section.range()),
            Payload::GlobalSection(section) => {
                same.parse_global_section(&mut self.globals, section)?;
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    // The linker exports the ends of its placement, too.
                    if EXPORTS.contains(&export.name) {
                        same.parse_export(&mut self.exports, export)?;
                    }
                }
            }
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(section) => self.elements = module.get(section.range()),
            Payload::CodeSectionEntry(body) => {
                let body = module.get(body.range()).context("a body beyond the end")?;
                self.bodies.raw(body);
            }
            Payload::DataSection(section) => {
                for part in section {
                    let part = part?;
                    self.places
                        .push((offset(&part.kind)?, i32::try_from(part.data.len())?));
                    self.data.passive(part.data.iter().copied());
                }
            }
            Payload::MemorySection(_) => bail!("the module has a memory of its own"),
            _ => {}
        }
        Ok(())
    }

    fn write(mut self) -> Result<Vec<u8>> {
        let kind = self.empty_type.context("no function without parameters")?;
        let start = self.imported_functions.saturating_add(self.functions.len());
        self.functions.function(kind);
        self.bodies.function(&self.start_function()?);
        for (name, number) in VERSION {
            let constant = GlobalType {
                val_type: ValType::I32,
                mutable: false,
                shared: false,
            };
            let index = self.globals.len();
            self.globals.global(constant, &ConstExpr::i32_const(number));
            self.exports.export(name, ExportKind::Global, index);
        }
        let raw = |id: wasm_encoder::SectionId, data| RawSection {
            id: id.into(),
            data,
        };
        let mut module = Module::new();
        if let Some(types) = self.types {
            module.section(&raw(wasm_encoder::SectionId::Type, types));
        }
        module.section(&self.imports).section(&self.functions);
        if let Some(tables) = self.tables {
            module.section(&raw(wasm_encoder::SectionId::Table, tables));
        }
        module.section(&self.globals).section(&self.exports);
        module.section(&StartSection {
            function_index: start,
        });
        if let Some(elements) = self.elements {
            module.section(&raw(wasm_encoder::SectionId::Element, elements));
        }
        module.section(&DataCountSection {
            count: self.data.len(),
        });
        module.section(&self.bodies).section(&self.data);
        Ok(module.finish())
    }

    /// Makes the memory as large as the placement needs, puts the data into it, and goes on with
    /// what the linker would have started.
    fn start_function(&self) -> Result<Function> {
        let pages = i32::try_from(self.pages)?;
        let mut function = Function::new([(1, ValType::I32)]);
        let mut body = function.instructions();
        body.i32_const(pages).memory_size(0).i32_sub().local_tee(0);
        body.i32_const(0).i32_gt_s();
        body.if_(wasm_encoder::BlockType::Empty);
        body.local_get(0).memory_grow(0).i32_const(-1).i32_eq();
        body.if_(wasm_encoder::BlockType::Empty).unreachable().end();
        body.end();
        for (number, (offset, length)) in (0..).zip(&self.places) {
            body.i32_const(*offset).i32_const(0).i32_const(*length);
            body.memory_init(0, number).data_drop(number);
        }
        if let Some(start) = self.start {
            body.call(start);
        }
        body.end();
        Ok(function)
    }
}

/// Where a part of the data belongs.
fn offset(kind: &DataKind<'_>) -> Result<i32> {
    let DataKind::Active { offset_expr, .. } = kind else {
        bail!("data without a place");
    };
    match offset_expr.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value),
        other => bail!("data at a place that is no constant: {other:?}"),
    }
}

/// Makes sure that every host can load the module.
pub(crate) fn check(module: &[u8]) -> Result<()> {
    wasmparser::validate(module).context("the module is not valid")?;
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    imports.push((import.module, import.name));
                    if let TypeRef::Memory(memory) = import.ty {
                        ensure!(
                            memory.initial <= 2 && memory.maximum.is_none(),
                            "hosts bring a memory of two pages and make it larger: {memory:?}"
                        );
                    }
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let is_constant = export.kind == ExternalKind::Global;
                    let wanted = VERSION.iter().any(|(name, _)| *name == export.name);
                    ensure!(
                        is_constant == wanted,
                        "`{}` is of another kind",
                        export.name
                    );
                    exports.push(export.name);
                }
            }
            _ => {}
        }
    }
    imports.sort_unstable();
    ensure!(imports == IMPORTS, "the module imports {imports:?}");
    let mut wanted: Vec<&str> = EXPORTS.to_vec();
    wanted.extend(VERSION.map(|(name, _)| name));
    wanted.sort_unstable();
    exports.sort_unstable();
    ensure!(exports == wanted, "the module exports {exports:?}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use wasmparser::{DataKind, Parser, Payload};

    use super::{EXPORTS, check, finish};

    /// A module as the linker makes it, with these imports and exports in place of what it needs.
    fn linked(imports: &str, exports: &[&str]) -> Vec<u8> {
        let exports: String = exports
            .iter()
            .filter(|name| **name != "memory")
            .map(|name| format!("(export \"{name}\" (func 1))"))
            .collect();
        let text = format!(
            r#"(module {imports}
                (import "env" "opa_abort" (func (param i32)))
                (global $__stack_pointer (mut i32) (i32.const 1048576))
                (func) (func $start)
                (start $start)
                (export "memory" (memory 0)) (export "__heap_base" (global 0)) {exports}
                (data (i32.const 1048576) "data") (data (i32.const 1048600) "more"))"#
        );
        wat::parse_str(text).unwrap()
    }

    const MEMORY: &str = r#"(import "env" "memory" (memory 17))"#;

    #[test]
    fn what_every_host_can_load() {
        let module = finish(&linked(MEMORY, &EXPORTS)).unwrap();
        check(&module).unwrap();
        let (mut parts, mut bodies, mut start) = (0, 0, None);
        for payload in Parser::new(0).parse_all(&module) {
            match payload.unwrap() {
                Payload::DataSection(section) => {
                    for part in section {
                        assert!(matches!(part.unwrap().kind, DataKind::Passive));
                        parts += 1;
                    }
                }
                Payload::CodeSectionEntry(_) => bodies += 1,
                Payload::StartSection { func, .. } => start = Some(func),
                _ => {}
            }
        }
        // The function that was added starts, behind one import and two others.
        assert_eq!((parts, bodies, start), (2, 3, Some(3)));
    }

    #[test]
    fn what_some_host_cannot_load() {
        let module = linked(MEMORY, &EXPORTS);
        // As the linker leaves it: seventeen pages, no version.
        assert!(check(&module).is_err());
        let clock = r#"(import "env" "clock" (func))"#;
        let module = finish(&linked(&format!("{MEMORY}{clock}"), &EXPORTS)).unwrap();
        let error = check(&module).unwrap_err().to_string();
        assert!(error.contains("clock"), "{error}");
        let module = finish(&linked(MEMORY, EXPORTS.get(1..).unwrap())).unwrap();
        let error = check(&module).unwrap_err().to_string();
        assert!(error.contains("the module exports"), "{error}");
    }

    #[test]
    fn a_memory_of_its_own_is_refused() {
        let own = wat::parse_str(r#"(module (func) (memory 1) (export "memory" (memory 0)))"#);
        let error = finish(&own.unwrap()).unwrap_err().to_string();
        assert!(error.contains("memory of its own"), "{error}");
    }
}
