//! ECDSA on P-521 (FIPS 186-5, 6.4), which is too rare to be worth code of its own for every step:
//! one addition of points, complete, serves for doubling as well.
//!
//! Follows J. Renes, C. Costello and L. Batina, "Complete addition formulas for prime order elliptic
//! curves" (2015), algorithm 4. Nothing runs in constant time.

use crate::modular::{Modulus, Residue, bits};

/// Bytes of a coordinate, and of a number below the order.
const SIZE: usize = 66;

/// The prime of the field, 2^521 - 1 (NIST SP 800-186, 3.2.1.5).
const FIELD: &[u8; SIZE] = b"\
    \x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff";

/// The order of the base point.
const ORDER: &[u8; SIZE] = b"\
    \x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\
    \x01\x48\xf7\x09\xa5\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38\x64\x09";

/// The order less two: by this power, the inverse (Fermat).
const ORDER_LESS_TWO: &[u8; SIZE] = b"\
    \x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\
    \xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\
    \x01\x48\xf7\x09\xa5\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38\x64\x07";

/// What the field has more elements than the base point has multiples.
const FIELD_LESS_ORDER: &[u8; SIZE] = b"\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\
    \x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x05\xae\x79\x78\x7c\x40\xd0\x69\x94\x80\x33\
    \xfe\xb7\x08\xf6\x5a\x2f\xc4\x4a\x36\x47\x76\x63\xb8\x51\x44\x90\x48\xe1\x6e\xc7\x9b\xf6";

/// `b` of the curve's equation, `y² = x³ - 3x + b`.
const B: &[u8; SIZE] = b"\
    \x00\x51\x95\x3e\xb9\x61\x8e\x1c\x9a\x1f\x92\x9a\x21\xa0\xb6\x85\x40\xee\xa2\xda\x72\x5b\
    \x99\xb3\x15\xf3\xb8\xb4\x89\x91\x8e\xf1\x09\xe1\x56\x19\x39\x51\xec\x7e\x93\x7b\x16\x52\
    \xc0\xbd\x3b\xb1\xbf\x07\x35\x73\xdf\x88\x3d\x2c\x34\xf1\xef\x45\x1f\xd4\x6b\x50\x3f\x00";

/// The base point's coordinates.
const X: &[u8; SIZE] = b"\
    \x00\xc6\x85\x8e\x06\xb7\x04\x04\xe9\xcd\x9e\x3e\xcb\x66\x23\x95\xb4\x42\x9c\x64\x81\x39\
    \x05\x3f\xb5\x21\xf8\x28\xaf\x60\x6b\x4d\x3d\xba\xa1\x4b\x5e\x77\xef\xe7\x59\x28\xfe\x1d\
    \xc1\x27\xa2\xff\xa8\xde\x33\x48\xb3\xc1\x85\x6a\x42\x9b\xf9\x7e\x7e\x31\xc2\xe5\xbd\x66";
const Y: &[u8; SIZE] = b"\
    \x01\x18\x39\x29\x6a\x78\x9a\x3b\xc0\x04\x5c\x8a\x5f\xb4\x2c\x7d\x1b\xd9\x98\xf5\x44\x49\
    \x57\x9b\x44\x68\x17\xaf\xbd\x17\x27\x3e\x66\x2c\x97\xee\x72\x99\x5e\xf4\x26\x40\xc5\x50\
    \xb9\x01\x3f\xad\x07\x61\x35\x3c\x70\x86\xa2\x72\xc2\x40\x88\xbe\x94\x76\x9f\xd1\x66\x50";

/// A public key on P-521.
#[derive(Debug)]
pub(crate) struct P521Key {
    curve: Curve,
    point: Point,
}

#[derive(Debug)]
struct Curve {
    field: Modulus,
    order: Modulus,
    b: Residue,
}

/// A point in projective coordinates; `z` is zero for the one at infinity.
#[derive(Clone, Debug)]
struct Point {
    x: Residue,
    y: Residue,
    z: Residue,
}

impl P521Key {
    /// Reads an uncompressed point on the curve (SEC 1, 2.3.4).
    pub(crate) fn from_uncompressed(point: &[u8]) -> Option<Self> {
        let (&4, coordinates) = point.split_first()? else {
            return None;
        };
        let (x, y) = coordinates.split_at_checked(SIZE)?;
        if y.len() != SIZE {
            return None;
        }
        let curve = Curve::new()?;
        let point = curve.point(x, y)?;
        Some(Self { curve, point })
    }

    /// Whether the signature `(r, s)` over `digest` verifies (FIPS 186-5, 6.4.2).
    pub(crate) fn verify(&self, digest: &[u8], r: &[u8], s: &[u8]) -> bool {
        self.curve
            .is_valid(&self.point, digest, r, s)
            .unwrap_or(false)
    }
}

impl Curve {
    fn new() -> Option<Self> {
        let field = Modulus::new(FIELD)?;
        Some(Self {
            b: field.residue(B)?,
            order: Modulus::new(ORDER)?,
            field,
        })
    }

    /// The point with these coordinates, if it is on the curve.
    fn point(&self, x: &[u8], y: &[u8]) -> Option<Point> {
        let field = &self.field;
        let (x, y) = (field.residue(x)?, field.residue(y)?);
        let cube = field.multiply(&field.multiply(&x, &x), &x);
        let right = field.add(&field.subtract(&cube, &self.thrice(&x)), &self.b);
        (field.multiply(&y, &y) == right).then_some(Point {
            x,
            y,
            z: field.residue(&[1])?,
        })
    }

    /// `None` for what is no signature: a number that is zero or not below the order.
    fn is_valid(&self, key: &Point, digest: &[u8], r: &[u8], s: &[u8]) -> Option<bool> {
        let (field, order) = (&self.field, &self.order);
        let first = order.residue(r).filter(|r| !r.is_zero())?;
        let second = order.residue(s).filter(|s| !s.is_zero())?;
        // No digest is as long as the order, so none is cut.
        let digest = order.residue(digest)?;
        let inverse = order.power(&second, ORDER_LESS_TWO);
        let by_generator = order.bytes(&order.multiply(&digest, &inverse));
        let by_key = order.bytes(&order.multiply(&first, &inverse));
        let sum = self.sum_of_products(&by_generator, (&by_key, key))?;
        if sum.z.is_zero() {
            return Some(false);
        }
        // `r` is the affine coordinate `x/z` modulo the order: that coordinate itself, or the order less.
        let is_x = |number: &Residue| field.multiply(number, &sum.z) == sum.x;
        let small = field.residue(r)?;
        let large = field.add(&small, &field.residue(ORDER)?);
        Some(is_x(&small) || (is_less(r, FIELD_LESS_ORDER) && is_x(&large)))
    }

    /// `a·G + b·Q` for the base point and another one, bit by bit.
    fn sum_of_products(&self, a: &[u8], (b, q): (&[u8], &Point)) -> Option<Point> {
        let generator = self.point(X, Y)?;
        let both = self.sum(&generator, q);
        let mut sum = Point {
            x: self.field.residue(&[])?,
            y: self.field.residue(&[1])?,
            z: self.field.residue(&[])?,
        };
        for digits in bits(a).zip(bits(b)) {
            sum = self.sum(&sum, &sum);
            let term = match digits {
                (true, true) => &both,
                (true, false) => &generator,
                (false, true) => q,
                (false, false) => continue,
            };
            sum = self.sum(&sum, term);
        }
        Some(sum)
    }

    /// The sum of any two points, equal ones and the one at infinity among them.
    fn sum(&self, p: &Point, q: &Point) -> Point {
        let add = |a: &Residue, b: &Residue| self.field.add(a, b);
        let subtract = |a: &Residue, b: &Residue| self.field.subtract(a, b);
        let multiply = |a: &Residue, b: &Residue| self.field.multiply(a, b);
        let xx = multiply(&p.x, &q.x);
        let yy = multiply(&p.y, &q.y);
        let zz = multiply(&p.z, &q.z);
        // `a·d + b·c` is `(a + b)·(c + d)` less `a·c` and `b·d`.
        let xy = multiply(&add(&p.x, &p.y), &add(&q.x, &q.y));
        let xy = subtract(&xy, &add(&xx, &yy));
        let yz = multiply(&add(&p.y, &p.z), &add(&q.y, &q.z));
        let yz = subtract(&yz, &add(&yy, &zz));
        let xz = multiply(&add(&p.x, &p.z), &add(&q.x, &q.z));
        let xz = subtract(&xz, &add(&xx, &zz));
        let u = self.thrice(&subtract(&xz, &multiply(&self.b, &zz)));
        let (minus, plus) = (subtract(&yy, &u), add(&yy, &u));
        let zz = self.thrice(&zz);
        let v = subtract(&subtract(&multiply(&self.b, &xz), &zz), &xx);
        let v = self.thrice(&v);
        let w = subtract(&self.thrice(&xx), &zz);
        Point {
            x: subtract(&multiply(&xy, &plus), &multiply(&yz, &v)),
            y: add(&multiply(&plus, &minus), &multiply(&w, &v)),
            z: add(&multiply(&yz, &minus), &multiply(&xy, &w)),
        }
    }

    fn thrice(&self, number: &Residue) -> Residue {
        self.field.add(&self.field.add(number, number), number)
    }
}

/// Whether a big-endian number is less than another one.
fn is_less(number: &[u8], other: &[u8]) -> bool {
    let digits = |number: &[u8]| number.iter().position(|byte| *byte != 0);
    let trimmed = |number| digits(number).and_then(|start| <[u8]>::get(number, start..));
    let (number, other) = (trimmed(number), trimmed(other));
    number.map(|number| (number.len(), number)) < other.map(|other| (other.len(), other))
}
