import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';

/** Randomness is asked for in one piece for many ids: a call for each is most of what one costs. */
const pool = Buffer.alloc(4_096);
let used = pool.length;
const entropy = (): Buffer => {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
};

let [at, seq] = [0, 0];

/** A new UUIDv7 (RFC 9562): unique, and sortable by creation time; those of one process also within a millisecond. */
export const newId = (): string => {
  const random = entropy();
  const now = Date.now();
  if (now > at) [at, seq] = [now, random.readUInt32BE(0) >>> 1];
  else seq += 1;
  return v7({ random, msecs: at, seq });
};

/** The workspace of transactions that belong to none, such as signing in. Of rows only audit records carry it: of what concerned none. */
export const NO_WORKSPACE = '00000000-0000-0000-0000-000000000000';
