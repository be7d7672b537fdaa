import { argon2 as nodeArgon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash as rsHash, verify as rsVerify } from '@node-rs/argon2';
import argon2 from 'argon2';
import { z } from 'zod';
import { answerCalls } from '../../harness/answer.calls.ts';
import { faultIn, runClosed } from '../../harness/load.ts';
import { ARGON2ID } from './argon2.cost.ts';

const password = Buffer.from('a long pass phrase');
const salt = randomBytes(16);

const derive = (): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const { memoryCost: memory, timeCost: passes, parallelism } = ARGON2ID;
    nodeArgon2(
      'argon2id',
      { message: password, nonce: salt, memory, passes, parallelism, tagLength: 32 },
      (error, key) => (error ? reject(error) : resolve(key)),
    );
  });

/** One check of a right password, by every binding there is for Node. */
const known = {
  rs: await rsHash(password, { algorithm: 2, ...ARGON2ID }),
  c: await argon2.hash(password, { type: argon2.argon2id, ...ARGON2ID }),
  node: await derive(),
};
const checks: Record<string, () => Promise<boolean>> = {
  '@node-rs/argon2': () => rsVerify(known.rs, password),
  argon2: () => argon2.verify(known.c, password),
  'node:crypto': async () => timingSafeEqual(await derive(), known.node),
};

const Wanted = z.object({ binding: z.string(), workers: z.int(), seconds: z.number() });

answerCalls({
  bindings: () => Promise.resolve(Object.keys(checks)),
  async rate(value) {
    const { binding, workers, seconds } = Wanted.parse(value);
    const check = checks[binding];
    if (!check) throw new Error(`there is no binding ${binding}`);
    const worked = await runClosed({ workers, seconds }, async () =>
      (await check()) ? 'done' : 'the password was refused',
    );
    return { perSecond: worked.perSecond, done: worked.done, fault: faultIn(worked) };
  },
});
