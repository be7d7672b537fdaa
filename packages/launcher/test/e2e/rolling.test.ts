import { restartUnderLoad } from '@atrium/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { roles } from '../../src/roles.ts';
import { startHeldPlatform, type HeldPlatform } from './held.fixture.ts';
import { signUp, type Person } from './platform.fixture.ts';

/** More by hand: ROLLING_ROUNDS=20 ROLLING_RATE=50 ./atrium test rolling */
const rounds = Number(process.env['ROLLING_ROUNDS'] ?? 2);
const perSecond = Number(process.env['ROLLING_RATE'] ?? 20);
let platform: HeldPlatform;

const signInAgain = async (person: Person): Promise<string> => {
  const answer = await fetch(`${platform.gateway}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: person.user.email, password: 'a long pass phrase' }),
  });
  return ((await answer.json()) as { accessToken: string }).accessToken;
};

beforeAll(async () => {
  platform = await startHeldPlatform({}, process.env['ROLLING_LOG']);
}, 120_000);
afterAll(() => platform.close(), 60_000);

describe('replacing every role under load', () => {
  it(
    'fails no request, loses no stream and sends every WebSocket to the next gateway',
    async () => {
      const person = await signUp(platform.gateway, 'ana');
      // The long form outlives an access token.
      let token = person.accessToken;
      const renewal = setInterval(() => void signInAgain(person).then((renewed) => (token = renewed)), 300_000);
      const report = await restartUnderLoad({
        client: { gateway: platform.gateway, token: () => token },
        roles: roles.map(({ name }) => name),
        replace: platform.replace,
        rounds,
        perSecond,
        streams: 4,
        sockets: 8,
        said: (line) => process.env['ROLLING_LOG'] && process.stderr.write(`${line}\n`),
      });
      clearInterval(renewal);
      if (process.env['ROLLING_LOG']) process.stderr.write(`${JSON.stringify(report, null, 1)}\n`);
      expect(report.requests.failed).toEqual({});
      expect(report.streams.lost).toEqual([]);
      expect(report.streams.ended).toBeGreaterThan(0);
      expect(report.sockets).toEqual({ closed: { 1012: 8 * rounds }, reconnected: 8 * rounds, lost: 0 });
    },
    120_000 + rounds * 120_000,
  );
});
