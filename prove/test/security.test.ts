import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runProofs } from '../harness/run.ts';
import { startPlatform, type Platform } from '../platform/platform.ts';
import { createWorld, type World } from '../platform/world.ts';
import { security } from '../security/security.ts';

const SEED = 20_261_121;
let platform: Platform;
let world: World;
beforeAll(async () => {
  platform = await startPlatform();
  world = createWorld(platform);
}, 120_000);
afterAll(() => platform.close(), 60_000);

describe(`the short form of ./atrium prove security --seed ${SEED}`, () => {
  it.each(security.proofs.map((proof) => [proof.id, proof.title, proof] as const))(
    '%s %s',
    async (_id, _title, proof) => {
      const [outcome] = await runProofs({
        ...{ proofs: [proof], platform, world, seed: SEED, short: true },
        say: () => undefined,
      });
      expect(outcome).toMatchObject({ pass: true, detail: expect.not.stringContaining('\n') });
    },
    120_000,
  );
});
