import { restartUnderLoad } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roles } from '../../src/roles.ts';
import { startHeldPlatform, type HeldPlatform } from './held.fixture.ts';
import { signUp } from './platform.fixture.ts';

/** More by hand: ROLLING_ROUNDS=20 ROLLING_RATE=50 ./atrium test rolling */
const rounds = Number(process.env['ROLLING_ROUNDS'] ?? 2);
const perSecond = Number(process.env['ROLLING_RATE'] ?? 20);
let platform: HeldPlatform;

beforeAll(async () => {
  platform = await startHeldPlatform({}, process.env['ROLLING_LOG']);
}, 120_000);
afterAll(() => platform.close(), 60_000);

describe('replacing every role under load', () => {
  it(
    'fails no request, loses no stream and sends every WebSocket to the next gateway',
    async () => {
      const person = await signUp(platform.gateway, 'ana');
      const report = await restartUnderLoad({
        client: { gateway: platform.gateway, token: () => person.accessToken },
        roles: roles.map(({ name }) => name),
        replace: platform.replace,
        rounds,
        perSecond,
        streams: 4,
        sockets: 8,
        said: (line) => process.env['ROLLING_LOG'] && process.stderr.write(`${line}\n`),
      });
      if (process.env['ROLLING_LOG']) process.stderr.write(`${JSON.stringify(report, null, 1)}\n`);
      expect(report.requests.failed).toEqual({});
      expect(report.streams.lost).toEqual([]);
      expect(report.streams.ended).toBeGreaterThan(0);
      expect(report.sockets).toEqual({ closed: { 1012: 8 * rounds }, reconnected: 8 * rounds, lost: 0 });
    },
    120_000 + rounds * 120_000,
  );
});
