// Answers verification jobs with @sigstore/verify: one JSON object a line in, one a line out.

import { createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import { bundleFromJSON } from "@sigstore/bundle";
import { TrustedRoot } from "@sigstore/protobuf-specs";
import { Verifier, toSignedEntity, toTrustMaterial } from "@sigstore/verify";

// What is demanded of every bundle; keys have no certificate timestamps, and none are asked of them.
const THRESHOLDS = { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 };

const trustedRoots = new Map();

/** The job is beyond what the library offers. */
class Unsupported extends Error {}

const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
for await (const line of lines) {
  process.stdout.write(`${JSON.stringify(perform(JSON.parse(line)))}\n`);
}

function perform(job) {
  try {
    const check = prepare(job);
    check();
    if (job.operation === "verify") return { outcome: "accepted" };
    if (job.operation === "bench") {
      return { outcome: "accepted", cpuMicroseconds: measure(job.iterations, check) };
    }
  } catch (error) {
    const outcome = error instanceof Unsupported ? "unsupported" : "rejected";
    return { outcome, error: `${error.code ?? error.name}: ${error.message}` };
  }
  throw new Error(`unknown operation ${job.operation}`);
}

/** Reads what is not part of the bundle; the function that it returns parses and verifies. */
function prepare(job) {
  const verifier = new Verifier(trustMaterial(job), THRESHOLDS);
  const policy = job.publicKey === undefined ? certificatePolicy(job) : undefined;
  const content = Buffer.from(job.bundle, "base64").toString("utf8");
  const artifact = job.artifact === undefined ? undefined : Buffer.from(job.artifact, "base64");
  return () => {
    const bundle = bundleFromJSON(JSON.parse(content));
    if (bundle.content.$case === "messageSignature" && artifact === undefined) {
      throw new Unsupported("a message signature is verified over the artifact, not over its digest");
    }
    verifier.verify(toSignedEntity(bundle, artifact), policy);
  };
}

function trustMaterial(job) {
  const path = job.trustedRoot;
  if (!trustedRoots.has(path)) {
    trustedRoots.set(path, TrustedRoot.fromJSON(JSON.parse(readFileSync(path, "utf8"))));
  }
  return toTrustMaterial(trustedRoots.get(path), keyFinder(job));
}

/** Finds the given key by whatever hint; without one there is no key. */
function keyFinder(job) {
  if (job.publicKey === undefined) return undefined;
  const publicKey = createPublicKey(job.publicKey);
  return () => ({ publicKey, validFor: () => true });
}

/** The library takes the subject for a regular expression. */
function certificatePolicy(job) {
  const literal = job.certificateIdentity.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return {
    subjectAlternativeName: `^${literal}$`,
    extensions: { issuer: job.certificateOidcIssuer },
  };
}

function measure(iterations, check) {
  const before = process.cpuUsage();
  for (let iteration = 0; iteration < iterations; iteration += 1) check();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / iterations;
}
