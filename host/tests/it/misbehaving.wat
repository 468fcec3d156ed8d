;; A policy module that does what the first byte of its input tells it to:
;;
;;   t  traps                      f  never returns            r  calls itself for ever
;;   m  takes memory without end   w  answers with an unknown outcome
;;   p  answers with a list that lies outside of its memory
;;   x  says "allowed" and the outcome "rejected" at once
;;
;; Anything else: it allows, and its document is the number of decisions of this instance.
;;
;; `prepare` keeps the policy's first letter, unless it is `n`; `prepared` goes by what was kept.
;;
;; `compile` and `prepare` look at the policy, `images` and `decide` at the request. A request in JSON begins with
;; `{` and is told what to do by the policy: by the same letter in upper case.
(module
  (import "[export]sealstone:policy/policy@0.1.0" "[resource-new]compiled-policy"
    (func $new (param i32) (result i32)))

  (memory (export "memory") 1)
  (global $free (mut i32) (i32.const 1024))
  (global $decisions (mut i32) (i32.const 0))
  (global $kept (mut i32) (i32.const 0))
  (data (i32.const 0) "0.1.0")
  (data (i32.const 8) "sealstone.dev/v1alpha1")

  (func (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32)
    (result i32)
    (local $start i32)
    (local.set $start
      (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
    (global.set $free (i32.add (local.get $start) (local.get $size)))
    (block $enough
      (br_if $enough
        (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
      (if
        (i32.eq
          (memory.grow
            (i32.add (i32.div_u (local.get $size) (i32.const 65536)) (i32.const 1)))
          (i32.const -1))
        (then (unreachable))))
    (local.get $start))

  (func $recurse (param i32) (result i32)
    (i32.add (call $recurse (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))

  (func $misbehave (param $first i32)
    (if (i32.eq (local.get $first) (i32.const 0x74)) (then (unreachable)))
    (if (i32.eq (local.get $first) (i32.const 0x66)) (then (loop $ever (br $ever))))
    (if (i32.eq (local.get $first) (i32.const 0x72))
      (then (drop (call $recurse (i32.const 0)))))
    (if (i32.eq (local.get $first) (i32.const 0x6d))
      (then
        (loop $more
          (br_if $more (i32.ne (memory.grow (i32.const 16)) (i32.const -1))))
        (unreachable))))

  (func $first (param $pointer i32) (param $length i32) (result i32)
    (if (result i32) (local.get $length)
      (then (i32.load8_u (local.get $pointer)))
      (else (i32.const 0))))

  (func (export "sealstone:policy/policy@0.1.0#info") (result i32)
    (i32.store (i32.const 512) (i32.const 0))
    (i32.store (i32.const 516) (i32.const 5))
    (i32.store (i32.const 520) (i32.const 8))
    (i32.store (i32.const 524) (i32.const 22))
    (i32.const 512))

  (func (export "sealstone:policy/policy@0.1.0#[static]compiled-policy.compile")
    (param $policy i32) (param $policy_length i32) (param $roots i32) (param $roots_length i32)
    (result i32)
    (call $misbehave (call $first (local.get $policy) (local.get $policy_length)))
    (i32.store8 (i32.const 512) (i32.const 0))
    (i32.store (i32.const 516) (call $new (call $first (local.get $policy) (local.get $policy_length))))
    (i32.const 512))

  (func (export "sealstone:policy/policy@0.1.0#prepare")
    (param $policy i32) (param $policy_length i32) (param $roots i32) (param $roots_length i32)
    (result i32)
    (local $first i32)
    (local.set $first (call $first (local.get $policy) (local.get $policy_length)))
    (call $misbehave (local.get $first))
    (if (i32.ne (local.get $first) (i32.const 0x6e))
      (then
        (i32.store8 (i32.const 700) (local.get $first))
        (global.set $kept (i32.const 1))))
    (i32.store8 (i32.const 512) (i32.const 0))
    (i32.const 512))

  (func (export "sealstone:policy/policy@0.1.0#prepared") (result i32)
    (i32.store8 (i32.const 512) (global.get $kept))
    (if (global.get $kept)
      (then (i32.store (i32.const 516) (call $new (i32.load8_u (i32.const 700))))))
    (i32.const 512))

  (func (export "sealstone:policy/policy@0.1.0#[method]compiled-policy.images")
    (param $self i32) (param $request i32) (param $request_length i32)
    (result i32)
    (call $misbehave (call $first (local.get $request) (local.get $request_length)))
    (i32.store8 (i32.const 512) (i32.const 0))
    (i32.store (i32.const 516) (i32.const 0))
    (i32.store (i32.const 520) (i32.const 0))
    (i32.const 512))

  (func (export "sealstone:policy/policy@0.1.0#[method]compiled-policy.decide")
    (param $self i32) (param $request i32) (param $request_length i32)
    (param $evidence i32) (param $evidence_length i32) (param $now i64)
    (result i32)
    (local $first i32)
    (local.set $first (call $first (local.get $request) (local.get $request_length)))
    (if (i32.eq (local.get $first) (i32.const 0x7b))
      (then (local.set $first (i32.add (local.get $self) (i32.const 32)))))
    (call $misbehave (local.get $first))
    (global.set $decisions (i32.add (global.get $decisions) (i32.const 1)))
    (i32.store8 (i32.const 600) (i32.add (i32.const 0x30) (global.get $decisions)))
    (i32.store8 (i32.const 512) (i32.const 1))
    (i32.store8 (i32.const 513) (i32.const 0))
    (i32.store (i32.const 516) (i32.const 600))
    (i32.store (i32.const 520) (i32.const 1))
    (if (i32.eq (local.get $first) (i32.const 0x77))
      (then (i32.store8 (i32.const 513) (i32.const 9))))
    (if (i32.eq (local.get $first) (i32.const 0x78))
      (then (i32.store8 (i32.const 513) (i32.const 1))))
    (if (i32.eq (local.get $first) (i32.const 0x70))
      (then (i32.store (i32.const 516) (i32.const -16))))
    (i32.const 512)))
